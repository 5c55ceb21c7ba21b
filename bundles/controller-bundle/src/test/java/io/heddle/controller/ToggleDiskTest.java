package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.POOL;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.done;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Volume;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToggleDiskTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void open() {
        cluster = new ClusterFixture(directory);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Resource resource(int number) {
        return cluster.definition(DB1).resources().get(node(number));
    }

    private ResourceSpec spec(int number) {
        return SpecBuilder.resource(cluster.service.state(), cluster.definition(DB1), node(number))
                .orElseThrow();
    }

    private String resources() {
        return cluster.definition(DB1).resources().values().stream()
                .map(known -> known.node() + (known.diskless() ? known.tieBreaker() ? "=tie" : "=client" : "=disk"))
                .collect(Collectors.joining(" "));
    }

    private Outcome toDiskless(int number) {
        return complete(cluster.service.toggleDisk(DB1, node(number), true, Optional.empty()));
    }

    private Outcome toDiskful(int number) {
        return complete(cluster.service.toggleDisk(DB1, node(number), false, Optional.of(POOL)));
    }

    @Test
    void aReplicaBecomesAClientAndAReplicaAgain() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        Resource before = resource(3);

        toDiskless(3);

        eventually("the disk is gone", () -> resources().equals("n1=disk n2=disk n3=client"));
        Resource client = resource(3);
        assertEquals(before.uuid(), client.uuid());
        assertEquals(before.nodeId(), client.nodeId());
        assertEquals(before.port(), client.port());
        assertFalse(client.detaching());
        assertFalse(client.properties().containsKey("StorPoolName"));
        assertEquals("majority", spec(1).resourceOptions().get("quorum"));

        toDiskful(3);

        assertEquals("n1=disk n2=disk n3=disk", resources());
        Resource after = resource(3);
        assertEquals(before.uuid(), after.uuid());
        assertEquals(before.nodeId(), after.nodeId());
        assertTrue(after.volumes().get(0).backing().isPresent());
        assertNotEquals(before.volumes().get(0).uuid(), after.volumes().get(0).uuid());
        assertTrue(
                cluster.definition(DB1)
                        .volumeDefinitions()
                        .get(0)
                        .firstGeneration()
                        .isEmpty(),
                "a disk that is added is copied to");
    }

    @Test
    void theOthersAreToldWhenTheDiskIsGone() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        cluster.satellites.cutPower(node(3));

        done(cluster.service.toggleDisk(DB1, node(3), true, Optional.empty()));

        eventually("it is wished", () -> resource(3).detaching());
        assertFalse(spec(1).peers().get(1).diskless(), "it counts until it is gone");
        assertTrue(spec(1).peers().get(1).detaching());
        assertEquals(Disposition.DISKLESS, spec(3).volumes().get(0).disposition());
        assertTrue(spec(3).volumes().get(0).backing().isPresent());
        assertFalse(spec(3).diskless());
        refused(ErrorCode.BEING_DELETED, cluster.service.toggleDisk(DB1, node(3), false, Optional.empty()));

        cluster.satellites.switchOn(node(3));
        eventually("the disk is gone", () -> resource(3).diskless());
        assertTrue(spec(1).peers().get(1).diskless());
    }

    @Test
    void theWishOutlivesTheController() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        cluster.satellites.cutPower(node(3));
        done(cluster.service.toggleDisk(DB1, node(3), true, Optional.empty()));
        eventually("it is wished", () -> resource(3).detaching());

        cluster.restart(() -> cluster.machine(3).powered = true);

        eventually("the disk is gone", () -> resource(3).diskless());
    }

    @Test
    void askedTwiceItIsDoneOnce() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        Volume before = resource(3).volumes().get(0);

        assertTrue(toDiskful(3).toString().contains("already"));
        assertEquals(before, resource(3).volumes().get(0));

        toDiskless(3);
        eventually("the disk is gone", () -> resource(3).diskless());
        assertTrue(toDiskless(3).toString().contains("already"));
    }

    @Test
    void theLastDiskStays() {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1))));

        refused(ErrorCode.LAST_GOOD_COPY, cluster.service.toggleDisk(DB1, node(1), true, Optional.empty()));
    }

    @Test
    void aDiskThatGoesIsNoneThatStays() throws Exception {
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        cluster.satellites.cutPower(node(2));
        done(cluster.service.toggleDisk(DB1, node(2), true, Optional.empty()));
        eventually("it is wished", () -> resource(2).detaching());

        refused(ErrorCode.LAST_GOOD_COPY, cluster.service.toggleDisk(DB1, node(1), true, Optional.empty()));
        refused(ErrorCode.IN_USE, cluster.service.deleteResource(DB1, node(1)));
    }

    @Test
    void aVolumeThatComesMeanwhileHasNoDiskThere() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        cluster.satellites.cutPower(node(3));
        done(cluster.service.toggleDisk(DB1, node(3), true, Optional.empty()));
        eventually("it is wished", () -> resource(3).detaching());

        done(cluster.service.createVolumeDefinition(DB1, ClusterFixture.volumeWish(8)));

        eventually("it is there", () -> resource(3).volumes().containsKey(1));
        assertTrue(resource(3).volumes().get(1).backing().isEmpty());
    }

    @Test
    void eightPointFourHasNoDisklessReplicas() {
        for (int number = 1; number <= 2; number++) {
            cluster.machine(number).dialect = KernelStatus.Dialect.DRBD_8_4;
        }
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));

        HeddleException refusal =
                refused(ErrorCode.NOT_SUPPORTED, cluster.service.toggleDisk(DB1, node(2), true, Optional.empty()));

        assertTrue(refusal.why().contains("8.4"), refusal.why());
        assertFalse(resource(2).detaching());
    }

    @Test
    void whatCannotBeIsRefused() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));

        refused(ErrorCode.NODE_NOT_FOUND, cluster.service.toggleDisk(DB1, node(9), true, Optional.empty()));
        refused(
                ErrorCode.RESOURCE_DEFINITION_NOT_FOUND,
                cluster.service.toggleDisk(new ResourceName("nosuch"), node(1), true, Optional.empty()));
    }
}
