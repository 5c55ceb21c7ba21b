package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static io.heddle.controller.ClusterFixture.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The volume that the controller lives on, found and kept. */
class OwnVolumeTest {
    private static final ResourceName OTHER = new ResourceName("db2");

    @TempDir
    Path directory;

    /** As the C library puts device numbers together. */
    private static long device(long major, long minor) {
        return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xffL) << 12) | ((major & ~0xfffL) << 32);
    }

    /** A device as sysfs shows it. */
    private Path block(String number, String where) throws IOException {
        Path real = Files.createDirectories(directory.resolve("devices").resolve(where));
        Files.writeString(real.resolve("dev"), number + "\n");
        Path links = Files.createDirectories(directory.resolve("dev/block"));
        Files.createSymbolicLink(links.resolve(number), real);
        return real;
    }

    private Set<Integer> minors(long device) throws IOException {
        return OwnVolume.minors(device, directory.resolve("dev/block"));
    }

    @Test
    void aDrbdDeviceIsSeenAtOnce() throws IOException {
        assertEquals(Set.of(1000), minors(device(147, 1000)));
        assertEquals(Set.of(1048575), minors(device(147, 1048575)));
    }

    @Test
    void aDrbdDeviceIsSeenThroughPartitionsAndMappedDevices() throws IOException {
        block("147:1001", "drbd1001");
        Path partition = block("259:3", "drbd1001/drbd1001p1");
        Files.writeString(partition.resolve("partition"), "1\n");
        Path mapped = block("254:7", "dm-7");
        Files.createDirectories(mapped.resolve("slaves"));
        Files.createSymbolicLink(mapped.resolve("slaves/drbd1001p1"), partition);

        assertEquals(Set.of(1001), minors(device(254, 7)));
    }

    @Test
    void otherDevicesAreNoneOfIt() throws IOException {
        block("8:1", "sda");
        assertEquals(Set.of(), minors(device(8, 1)));
        assertEquals(Set.of(), minors(device(0, 42)), "a file system without a device");
        assertEquals(Set.of(), OwnVolume.minors(directory, Path.of("/sys")), "the tests run on no DRBD");
    }

    @Test
    void theVolumeThatTheControllerLivesOnIsNotDeletedByIt() {
        try (ClusterFixture cluster = new ClusterFixture(directory)) {
            cluster.withNodes(2).withDefinition(DB1).withDefinition(OTHER);
            complete(cluster.service.autoPlace(DB1, place(2)));
            cluster.ownMinors =
                    Set.of(cluster.definition(DB1).volumeDefinitions().get(0).minor());
            cluster.restart();
            long before = cluster.service.state().revision();

            Problem whole = refused(ErrorCode.IN_USE, cluster.service.deleteResourceDefinition(DB1))
                    .problem();
            refused(ErrorCode.IN_USE, cluster.service.deleteVolumeDefinition(DB1, 0));

            assertTrue(whole.why().contains("the controller's own state lies on db1"), whole.text());
            assertEquals(before, cluster.service.state().revision(), "nothing is changed");
            complete(cluster.service.deleteResourceDefinition(OTHER));
        }
    }

    @Test
    void itsLastReplicaStaysAndTheOthersMayGo() {
        try (ClusterFixture cluster = new ClusterFixture(directory)) {
            cluster.withNodes(2).withDefinition(DB1);
            complete(cluster.service.modifyResourceDefinition(DB1, set(OwnVolume.PROPERTY, "true")));
            complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));

            complete(cluster.service.deleteResource(DB1, node(1)));
            refused(ErrorCode.IN_USE, cluster.service.deleteResource(DB1, node(2)));

            assertFalse(cluster.definition(DB1).resources().get(node(2)).deleting());
        }
    }

    @Test
    void anAdministratorsWordGoesBeforeTheKernels() {
        try (ClusterFixture cluster = new ClusterFixture(directory)) {
            cluster.withNodes(1).withDefinition(DB1);
            cluster.ownMinors =
                    Set.of(cluster.definition(DB1).volumeDefinitions().get(0).minor());
            cluster.restart();
            refused(ErrorCode.IN_USE, cluster.service.deleteResourceDefinition(DB1));

            complete(cluster.service.modifyResourceDefinition(DB1, set(OwnVolume.PROPERTY, "false")));

            complete(cluster.service.deleteResourceDefinition(DB1));
        }
    }
}
