package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class AdjustedBeforeTest {
    private static final String DEVICE = "/dev/vg0/db1_00000";
    private static final String SHOW = "drbdsetup show";
    private static final AdjustedBefore.Pace SOON =
            new AdjustedBefore.Pace(Duration.ofMillis(20), Duration.ofMinutes(10));
    /** As drbdsetup 9.22 prints it of DRBD 9.2.18 (recorded/drbd-9.2.18/show-sized). */
    private static final String SHOWN = """
            resource "db1" {
                _this_host {
                    node-id\t\t\t0;
                    volume 0 {
                        device\t\t\tminor 1000;
                        disk\t\t\t"/dev/vg0/db1_00000";
                        meta-disk\t\t\tinternal;
                    }
                }
                connection {
                    _peer_node_id 1;
                    path {
                        _this_host ipv4 10.1.0.1:7000;
                        _remote_host ipv4 10.1.0.2:7000;
                    }
                    net {
                        max-buffers     \t2048;
                        _name           \t"n2";
                    }
                }
            }

            """;

    private final ScriptedRunner runner = new ScriptedRunner();
    private final DrbdTools tools = new DrbdTools(runner);

    @TempDir
    Path root;

    private ResourceFiles files;
    private Path kept;
    private AdjustedBefore before;

    @BeforeEach
    void makeTheNode() throws IOException {
        files = new ResourceFiles(root.resolve("state"), root.resolve("etc"));
        kept = root.resolve("state/adjusted");
        boot("one");
        files.write("db1", file());
        before = begin();
    }

    @AfterEach
    void end() {
        before.close();
    }

    private static ResourceFile file() {
        ResourceSpec spec = Specs.twoNodes();
        return new ResourceFile(ResourceFileWriter.write(
                Specs.CLUSTER, spec, Map.of(0, DEVICE), Dialect.DRBD_9, "9.2.18", option -> true));
    }

    private void boot(String id) throws IOException {
        Files.createDirectories(root.resolve("proc/sys/kernel/random"));
        Files.writeString(root.resolve("proc/sys/kernel/random/boot_id"), id + "\n");
    }

    private void drbdHas(String shown) {
        runner.forget(SHOW).answer(SHOW, 0, shown, "");
    }

    /** As after a restart of the satellite. */
    private AdjustedBefore begin() {
        return new AdjustedBefore(files, tools, new KernelProbe(root, tools), kept, SOON);
    }

    private void adjustAndNote() throws InterruptedException {
        drbdHas(SHOWN);
        before.adjusted("db1", file());
        awaitNotes();
        runner.ran().clear();
    }

    private void awaitNotes() throws InterruptedException {
        while (!Files.exists(kept)) {
            Thread.sleep(5);
        }
    }

    @Test
    void whatIsAsItWasIsNotAdjustedAgain() throws InterruptedException {
        adjustAndNote();

        assertTrue(begin().isAsAdjusted("db1", file()));
        assertEquals(1, runner.ran().size(), runner.ran().toString());
    }

    @Test
    void whatIsAskedForOnceMoreIsAdjusted() throws InterruptedException {
        adjustAndNote();
        AdjustedBefore anew = begin();

        assertTrue(anew.isAsAdjusted("db1", file()));
        assertFalse(anew.isAsAdjusted("db1", file()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disk\t\t\t\"/dev/vg0/db1_00000\"; | disk\t\t\tnone;",
                "max-buffers     \t2048; | max-buffers     \t4096;",
                "_peer_node_id 1; | _peer_node_id 1; _is_standalone;",
                "10.1.0.2:7000 | 10.1.0.3:7000",
                "resource \"db1\" | resource \"db2\""
            })
    void whatSomebodyChangedInTheKernelIsAdjusted(String was, String is) throws InterruptedException {
        adjustAndNote();
        String changed = SHOWN.replace(was.strip(), is.strip());
        assertFalse(changed.equals(SHOWN), was);
        drbdHas(changed);

        assertFalse(begin().isAsAdjusted("db1", file()));
    }

    @Test
    void anotherFileIsAdjusted() throws InterruptedException {
        adjustAndNote();

        assertFalse(begin().isAsAdjusted("db1", new ResourceFile(file().text().replace("7000", "7001"))));
        assertEquals(0, runner.ran().size(), runner.ran().toString());
    }

    @Test
    void afterABootEverythingIsAdjusted() throws Exception {
        adjustAndNote();
        boot("two");

        assertFalse(begin().isAsAdjusted("db1", file()));
    }

    @Test
    void whenDrbdCannotBeAskedItIsAdjusted() throws InterruptedException {
        adjustAndNote();
        runner.forget(SHOW).answer(SHOW, 20, SHOWN, "Could not connect to 'drbd' generic netlink family");

        assertFalse(begin().isAsAdjusted("db1", file()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "disk\t\t\t\"/dev/vg0/db1_00000\"; | disk\t\t\tnone;",
                "_peer_node_id 1; | _peer_node_id 1; _is_standalone;",
                "_peer_node_id 1; | _another_key;"
            })
    void whatIsNotThereInFullIsNotNoted(String was, String is) throws InterruptedException {
        files.write("whole", new ResourceFile(file().text().replace("db1", "whole")));
        drbdHas(SHOWN.replace("db1", "whole") + SHOWN.replace(was.strip(), is.strip()));
        before.adjusted("whole", files.read("whole").orElseThrow());
        before.adjusted("db1", file());
        awaitNotes();

        assertTrue(begin().isAsAdjusted("whole", files.read("whole").orElseThrow()));
        assertFalse(begin().isAsAdjusted("db1", file()));
    }

    @Test
    void aFileThatWasWrittenAnewMeanwhileIsNotNoted() throws InterruptedException {
        adjustAndNote();
        ResourceFile other = new ResourceFile(file().text().replace("7000", "7001"));
        AdjustedBefore anew = begin();
        anew.adjusted("db1", other);
        while (begin().isAsAdjusted("db1", file())) {
            Thread.sleep(5);
        }

        assertFalse(begin().isAsAdjusted("db1", other));
        anew.close();
    }

    @Test
    void oneLookServesFiveHundredResources() throws InterruptedException {
        String[] names =
                IntStream.range(0, 500).mapToObj(number -> "db" + number).toArray(String[]::new);
        drbdHas(IntStream.range(0, 500)
                .mapToObj(number -> SHOWN.replace("db1", names[number]))
                .collect(Collectors.joining()));
        for (String name : names) {
            files.write(name, new ResourceFile(file().text().replace("db1", name)));
        }
        for (String name : names) {
            before.adjusted(name, files.read(name).orElseThrow());
        }
        AdjustedBefore anew = begin();
        while (!isAll(anew, names)) {
            anew = begin();
            Thread.sleep(50);
        }
        runner.ran().clear();

        assertTrue(isAll(begin(), names));
        assertEquals(1, runner.ran().size(), runner.ran().toString());
    }

    private boolean isAll(AdjustedBefore asked, String... names) {
        boolean all = true;
        for (String name : names) {
            all &= asked.isAsAdjusted(name, files.read(name).orElseThrow());
        }
        return all;
    }

    @Test
    void theNotesHoldNoSecret() throws Exception {
        adjustAndNote();

        assertFalse(Files.readString(kept).contains(Specs.SECRET));
    }
}
