package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.heddle.core.model.Backing;
import io.heddle.core.model.ResourceName;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What backing volumes are called. */
class BackingNameTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void open() {
        cluster = new ClusterFixture(directory).withNodes(1);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"db1", "my-snapshot", "vm_pvmove", "tdata", "vm-100-disk-1", "a_meta"})
    void isTheResourcesNameWithTheVolumesNumber(String name) {
        assertEquals(name + "_00000", backingNameOf(new ResourceName(name)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"snapshot", "snapshot-1", "pvmove0", "a_tdata", "a_tmeta_b", "x_mlog", "db_rimage_0", "_cdata"})
    void isTheDefinitionsIdentityWhereLvmKeepsTheName(String name) {
        ResourceName resource = new ResourceName(name);

        assertEquals(
                "heddle_" + definitionOf(resource) + "_00000",
                cluster.definition(resource)
                        .resources()
                        .get(node(1))
                        .volumes()
                        .get(0)
                        .backing()
                        .map(Backing::name)
                        .orElseThrow());
    }

    private String definitionOf(ResourceName resource) {
        backingNameOf(resource);
        return cluster.definition(resource).uuid().toString();
    }

    private String backingNameOf(ResourceName resource) {
        cluster.withDefinition(resource);
        complete(cluster.service.createResources(resource, List.of(on(1))));
        return cluster.definition(resource)
                .resources()
                .get(node(1))
                .volumes()
                .get(0)
                .backing()
                .map(Backing::name)
                .orElseThrow();
    }
}
