package io.heddle.tests.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A controller and a satellite with a pool of files, and files in it that are not theirs. */
@Tag("cluster")
class FileVolumeIT {
    private static final String SIDECAR = ".heddle.json";

    private Path directory = Path.of("");
    private Optional<TestCluster> started = Optional.empty();

    @BeforeEach
    void start() {
        Skip.because(LoopDevices.whyNot());
        directory = Places.newDirectory("files");
        started = Optional.of(TestCluster.onMachine(directory));
    }

    @AfterEach
    void end() {
        started.ifPresent(TestCluster::close);
        LoopDevices.detachBelow(pool());
    }

    private Path pool() {
        return directory.resolve("pool");
    }

    /** A file of the size that a volume of 8 MiB would have, with content. */
    private byte[] foreign(String name) throws IOException {
        byte[] content = new byte[8 << 20];
        new Random(name.hashCode()).nextBytes(content);
        Files.write(pool().resolve(name), content);
        return content;
    }

    private void define(TestCluster cluster, String resource) {
        cluster.done(beans -> beans.createResourceDefinition(resource, "", "storage"));
        cluster.done(beans -> beans.createVolumeDefinition(resource, "8M", false, 0));
    }

    @Test
    void aForeignFileOfTheRightNameIsRefusedAndKeepsItsBytes() throws IOException {
        TestCluster cluster = started.orElseThrow();
        String node = cluster.satellites().firstKey();
        byte[] content = foreign("db1_00000");
        define(cluster, "db1");

        List<ReplyRow> replies = cluster.ask(beans -> beans.createResource("db1", node, TestCluster.POOL, false));
        assertTrue(replies.stream().anyMatch(reply -> reply.severity().equals("WARNING")), replies.toString());
        cluster.awaitProblem("db1", node, "FOREIGN_VOLUME");
        cluster.satellites().get(node).kill();
        cluster.satellites().get(node).startAndWait();
        cluster.awaitOnline();
        cluster.awaitProblem("db1", node, "FOREIGN_VOLUME");
        cluster.ask(beans -> beans.deleteResourceDefinition("db1"));
        cluster.awaitGone("db1");

        assertArrayEquals(content, Files.readAllBytes(pool().resolve("db1_00000")));
        assertEquals(List.of("db1_00000"), Places.files(pool()), "nothing was put beside it");
        assertEquals(Map.of(), LoopDevices.below(pool()));
    }

    @Test
    void aFileThatTookThePlaceOfAVolumeIsNotDeletedWithIt() throws IOException {
        TestCluster cluster = started.orElseThrow();
        String node = cluster.satellites().firstKey();
        define(cluster, "db2");
        cluster.done(beans -> beans.createResource("db2", node, TestCluster.POOL, false));
        cluster.satellites().get(node).kill();
        LoopDevices.detachBelow(pool());
        Path sidecar = pool().resolve("db2_00000" + SIDECAR);
        String ours = Files.readString(sidecar, StandardCharsets.UTF_8);
        Files.writeString(sidecar, ours.replaceFirst("(\"volume\"\\s*:\\s*\")[0-9a-f]{8}", "$100000000"));
        assertTrue(!Files.readString(sidecar, StandardCharsets.UTF_8).equals(ours), ours);
        byte[] content = foreign("db2_00000");

        cluster.satellites().get(node).startAndWait();
        cluster.awaitOnline();
        cluster.awaitProblem("db2", node, "FOREIGN_VOLUME");
        cluster.ask(beans -> beans.deleteResourceDefinition("db2"));
        cluster.awaitGone("db2");

        assertArrayEquals(content, Files.readAllBytes(pool().resolve("db2_00000")));
        assertTrue(Files.exists(sidecar));
    }
}
