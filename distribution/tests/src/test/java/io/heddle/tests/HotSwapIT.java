package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.core.management.StoragePoolRow;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Bundles are stopped, started and updated while clients ask: a controller and a satellite in one container, with volumes of
 * files on loop devices of this machine.
 */
class HotSwapIT {
    private static final String NODE = Program.run("uname", "-n").printed();
    private static final String POOL = "pool";

    /** How long a request may wait: what the doors let it wait, and what it takes afterwards. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static PaxContainer container;
    private static Path state;
    private static Path pool;
    private static int jmxPort;
    private static URI rest;
    private static ClusterClient beans;
    private static int versions;
    private static int tests;

    private Traffic traffic;
    private OldVolume volume;

    @BeforeAll
    static void start() throws Exception {
        Skip.because(LoopDevices.whyNot());
        state = Places.newDirectory("swap-state");
        pool = Places.newDirectory("swap-pool");
        jmxPort = Places.freePort();
        int linkPort = Places.freePort();
        container = PaxContainer.start(Map.of(
                "node-name", NODE,
                "state-directory", state.toString(),
                "jmx-port", Integer.toString(jmxPort),
                "link-port", Integer.toString(linkPort),
                "claim-from", "127.0.0.0/8"));
        rest = container.httpAddress();
        beans = newClient();
        Eventually.holds("JMX answers", HotSwapIT::answers);
        beans.ask(cluster -> cluster.createNode(NODE, "", "127.0.0.1", linkPort, "", ""));
        awaitOnline();
        beans.ask(cluster -> cluster.createStoragePool("FILE_THIN", NODE, POOL, pool.toString()));
    }

    @AfterAll
    static void stop() {
        if (container != null) {
            container.close();
            if (beans != null) {
                beans.close();
            }
            LoopDevices.detachBelow(pool);
        }
    }

    @BeforeEach
    void begin() throws IOException {
        tests++;
        volume = new OldVolume("old-" + tests);
        traffic = new Traffic("traffic-" + tests, rest, HotSwapIT::newClient);
    }

    @AfterEach
    void end(TestInfo test) throws Exception {
        if (traffic == null) {
            return;
        }
        Traffic.Seen seen = traffic.end();
        System.out.println(test.getDisplayName() + ": " + seen);
        volume.assertUntouched();
        volume.delete();
        assertEquals(Set.of(), traffic.lost());
        assertEquals(Map.of(), seen.failures());
        assertTrue(seen.longestRequest().compareTo(LONGEST_WAIT) < 0, seen.toString());
        assertTrue(seen.longestCall().compareTo(LONGEST_WAIT) < 0, seen.toString());
    }

    @Test
    void withoutItsDriverAPoolSaysSoItsVolumesStayAndWhatIsAskedForIsMadeLater() throws Exception {
        Bundle driver = container.bundle("io.heddle.filethin");
        driver.stop();
        String absent = "DRIVER_ABSENT: storage pools of kind FILE_THIN cannot be reached: no storage driver";

        awaitPool(row -> row.state().equals("Error") && row.problem().startsWith(absent));
        awaitResource(
                volume.name,
                row -> row.problem().startsWith("DRIVER_ABSENT: ")
                        && row.correction().contains("start its bundle"));
        Eventually.holds("the node shows it", () -> !drivers().contains("FILE_THIN"));
        assertTrue(reports("v1/nodes/" + NODE + "/storage-pools/" + POOL).contains("no storage driver for FILE_THIN"));
        assertEquals(
                "DRIVER_ABSENT",
                new RestClient(rest)
                        .read(resourcePath(volume.name))
                        .path("problem")
                        .path("code")
                        .asText());
        RestClient.Answer asked = ask("meanwhile");
        assertTrue(asked.body().contains("DRIVER_ABSENT"), asked.toString());
        traffic.awaitMore();
        volume.assertUntouched();

        driver.start();

        awaitPool(row -> row.state().equals("Ok") && row.problem().isEmpty());
        awaitResource(volume.name, row -> row.problem().isEmpty());
        awaitMade("meanwhile");
        assertEquals("", reports("v1/nodes/" + NODE + "/storage-pools/" + POOL));

        updated(driver);
        awaitResource(volume.name, row -> row.problem().isEmpty());
        assertMade(ask("afterwards"), "afterwards");
        assertTrue(drivers().contains("FILE_THIN " + driver.getVersion()), drivers());
        delete("meanwhile");
        delete("afterwards");
        traffic.awaitMore();
    }

    @Test
    void aNewerDriverInTheFolderDeployServesBesideTheOlderOneUntilItIsTakenAway() throws Exception {
        Bundle older = container.bundle("io.heddle.filethin");
        String newer = nextVersion();
        Path deployed = state.resolve("deploy/filethin-next.jar");
        Path unfinished = Files.write(state.resolve("filethin-next"), PaxContainer.withVersion(older, newer));
        Files.move(unfinished, deployed, StandardCopyOption.ATOMIC_MOVE);

        Eventually.holds("both drivers are up", () -> drivers().contains("FILE_THIN " + newer));
        assertMade(ask("newer"), "newer");
        assertEquals(Bundle.ACTIVE, older.getState());

        Files.delete(deployed);

        Eventually.holds("the newer driver is gone", () -> !drivers().contains("FILE_THIN " + newer));
        assertMade(ask("older"), "older");
        awaitResource("newer", row -> row.problem().isEmpty());
        delete("newer");
        delete("older");
        traffic.awaitMore();
    }

    @ParameterizedTest
    @CsvSource({"lvmthin, LVM_THIN, unsupported_providers", "drbd, DRBD, unsupported_layers"})
    void aDriverThatIsAwayIsShownAtTheNodeAndDisturbsNoOther(String bundle, String kind, String unsupported)
            throws Exception {
        Bundle driver = container.bundle("io.heddle." + bundle);
        Eventually.holds("the driver is shown", () -> drivers().contains(kind + " " + driver.getVersion()));

        driver.stop();

        Eventually.holds("the driver is not shown any more", () -> !drivers().contains(kind));
        assertTrue(new RestClient(rest)
                .read("v1/nodes/" + NODE)
                .path(unsupported)
                .path(kind)
                .toString()
                .contains("no"));
        String refusal = askFor("absent-" + bundle, kind).body();
        assertTrue(refusal.contains("DRIVER_ABSENT") && refusal.contains("start"), refusal);
        assertMade(ask("beside-" + bundle), "beside-" + bundle);
        traffic.awaitMore();

        driver.start();
        Eventually.holds("the driver is back", () -> drivers().contains(kind + " " + driver.getVersion()));
        String otherReason = askFor("present-" + bundle, kind).body();
        assertTrue(!otherReason.contains("DRIVER_ABSENT"), otherReason);

        updated(driver);
        Eventually.holds("the newer driver is shown", () -> drivers().contains(kind + " " + driver.getVersion()));
        delete("beside-" + bundle);
        traffic.awaitMore();
    }

    @Test
    void theControllerIsUpdatedWhileRequestsWaitAndNothingIsLost() throws Exception {
        Bundle controller = container.bundle("io.heddle.controller");
        // Whoever waits for a satellite is answered, and what was asked for is done.
        Bundle driver = container.bundle("io.heddle.filethin");
        driver.stop();
        CompletableFuture<RestClient.Answer> waiting = CompletableFuture.supplyAsync(() -> ask("waiting"));
        Eventually.holds(
                "it waits",
                () -> shown(ClusterMXBean::listResources).stream()
                        .anyMatch(row -> row.resource().equals("waiting")));
        updated(controller);
        RestClient.Answer answer = waiting.get(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS);
        assertTrue(answer.succeeded(), answer.toString());
        driver.start();
        awaitMade("waiting");
        delete("waiting");

        updated(controller);
        traffic.awaitMore();
        assertEquals(0, traffic.seen().callsWithoutAnswer(), "calls over JMX wait as well");
        awaitOnline();
        assertMade(ask("after-controller"), "after-controller");
        delete("after-controller");

        controller.stop();
        controller.start();

        traffic.awaitMore();
        assertEquals(Set.of(), traffic.lost());
        awaitOnline();
        awaitResource(volume.name, row -> row.problem().isEmpty());
    }

    @Test
    void coreIsUpdatedWithAllThatHangsOnItWhileRequestsWaitAndNothingIsLost() throws Exception {
        Bundle core = container.bundle("io.heddle.core");
        for (int round = 0; round < 2; round++) {
            updated(core);
            refresh(core);
            allAreActive();
            traffic.awaitMore();
        }
        awaitOnline();
        awaitPool(row -> row.state().equals("Ok") && row.problem().isEmpty());
        awaitResource(volume.name, row -> row.problem().isEmpty());
        assertMade(ask("after-core"), "after-core");
        delete("after-core");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest", "metrics", "jmx", "satellite"})
    void everyOtherBundleIsUpdatedWhileRequestsWaitAndNothingIsLost(String name) throws Exception {
        Bundle bundle = container.bundle("io.heddle." + name);
        for (int round = 0; round < 2; round++) {
            updated(bundle);
            traffic.awaitMore();
        }
        if (!name.equals("jmx")) {
            assertEquals(0, traffic.seen().callsWithoutAnswer(), "calls over JMX are not concerned");
        }
        awaitOnline();
        awaitResource(volume.name, row -> row.problem().isEmpty());
        assertMade(ask("after-" + name), "after-" + name);
        delete("after-" + name);
    }

    private static String nextVersion() {
        versions++;
        return "0.1." + versions;
    }

    private static void updated(Bundle bundle) throws Exception {
        String version = nextVersion();
        bundle.update(new ByteArrayInputStream(PaxContainer.withVersion(bundle, version)));
        assertEquals(version, bundle.getVersion().toString());
        assertEquals(Bundle.ACTIVE, bundle.getState(), bundle.toString());
    }

    /** Lets everything that uses a bundle's packages use those of its present version. */
    private static void refresh(Bundle bundle) throws InterruptedException {
        CountDownLatch refreshed = new CountDownLatch(1);
        container
                .context()
                .getBundle(0)
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.of(bundle), event -> refreshed.countDown());
        assertTrue(refreshed.await(4, TimeUnit.MINUTES), "refreshed " + bundle);
    }

    private static void allAreActive() {
        assertEquals(
                List.of(),
                Arrays.stream(container.context().getBundles())
                        .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                        .toList());
    }

    private static ClusterClient newClient() {
        return new ClusterClient(state, jmxPort);
    }

    private static boolean answers() {
        try {
            beans.ask(ClusterMXBean::listNodes);
            return true;
        } catch (NoAnswer notYet) {
            return false;
        }
    }

    /** What JMX shows; asked again when the door itself was just replaced. */
    private static <T> T shown(Function<ClusterMXBean, T> question) {
        try {
            return beans.ask(question);
        } catch (NoAnswer cut) {
            return beans.ask(question);
        }
    }

    private static void awaitOnline() {
        Eventually.nothingIsMissing(() -> shown(ClusterMXBean::listNodes).stream()
                .filter(row -> !row.state().equals("ONLINE"))
                .map(NodeRow::toString)
                .findFirst());
    }

    private static String drivers() {
        return String.join(", ", shown(ClusterMXBean::listNodes).get(0).drivers());
    }

    private interface Expected<T> {
        boolean is(T row);
    }

    private static void awaitPool(Expected<StoragePoolRow> expected) {
        Eventually.nothingIsMissing(() -> {
            StoragePoolRow row = shown(ClusterMXBean::listStoragePools).stream()
                    .filter(one -> one.pool().equals(POOL))
                    .findFirst()
                    .orElseThrow();
            return expected.is(row) ? Optional.empty() : Optional.of(row.toString());
        });
    }

    private static void awaitResource(String name, Expected<ResourceRow> expected) {
        Eventually.nothingIsMissing(() -> {
            Optional<ResourceRow> row = shown(ClusterMXBean::listResources).stream()
                    .filter(one -> one.resource().equals(name))
                    .findFirst();
            return row.filter(expected::is).isPresent() ? Optional.empty() : Optional.of(name + ": " + row);
        });
    }

    private static String resourcePath(String name) {
        return "v1/resource-definitions/" + name + "/resources/" + NODE;
    }

    /** Reports over REST about an object, empty text if there are none. */
    private static String reports(String path) {
        JsonNode reports = new RestClient(rest).read(path).path("reports");
        return reports.isMissingNode() ? "" : reports.toString();
    }

    /** Asks for a volume that is not replicated, over REST. */
    private static RestClient.Answer ask(String name) {
        return askFor(name, "STORAGE");
    }

    private static RestClient.Answer askFor(String name, String layer) {
        RestClient client = new RestClient(rest);
        if (layer.startsWith("LVM")) {
            return client.ask(
                    "v1/nodes/" + NODE + "/storage-pools",
                    "{'storage_pool_name':'" + name + "','provider_kind':'" + layer
                            + "','props':{'StorDriver/StorPoolName':'no-such-group/thin'}}");
        }
        String layers = layer.equals("STORAGE") ? "[{'type':'STORAGE'}]" : "[{'type':'DRBD'},{'type':'STORAGE'}]";
        RestClient.Answer defined = client.ask(
                "v1/resource-definitions",
                "{'resource_definition':{'name':'" + name + "','layer_data':" + layers + "}}");
        assertTrue(defined.succeeded(), defined.toString());
        RestClient.Answer sized = client.ask(
                "v1/resource-definitions/" + name + "/volume-definitions", "{'volume_definition':{'size_kib':8192}}");
        assertTrue(sized.succeeded(), sized.toString());
        return client.ask(
                "v1/resource-definitions/" + name + "/resources",
                "[{'resource':{'node_name':'" + NODE + "','props':{'StorPoolName':'" + POOL + "'}}}]");
    }

    private static void assertMade(RestClient.Answer answer, String name) {
        assertTrue(answer.succeeded(), answer.toString());
        awaitMade(name);
    }

    private static void awaitMade(String name) {
        awaitResource(
                name, row -> row.state().equals("Created") && row.problem().isEmpty());
        assertTrue(LoopDevices.below(pool).values().stream().anyMatch(file -> file.contains("/" + name + "_")), name);
    }

    private static void delete(String name) {
        shown(cluster -> cluster.deleteResourceDefinition(name));
        Eventually.holds(
                name + " is gone", () -> Places.files(pool).stream().noneMatch(file -> file.startsWith(name + "_")));
    }

    /** A volume that is in use all the time. */
    private static final class OldVolume {
        private static final int BLOCK = 4096;

        private final String name;
        private final String device;
        private final Path file;
        private final Object inode;
        private final byte[] sidecar;
        private final Thread user = new Thread(this::use, "use of a volume");
        private volatile boolean ending;
        private final AtomicLong rounds = new AtomicLong();
        private volatile Throwable failure;

        OldVolume(String name) throws IOException {
            this.name = name;
            assertMade(ask(name), name);
            Map.Entry<String, String> attached = LoopDevices.below(pool).entrySet().stream()
                    .filter(entry -> entry.getValue().contains("/" + name + "_"))
                    .findFirst()
                    .orElseThrow();
            device = attached.getKey();
            file = Path.of(attached.getValue());
            inode = inode();
            sidecar = sidecar();
            user.setDaemon(true);
            user.start();
        }

        private Object inode() throws IOException {
            return Files.getAttribute(file, "unix:ino");
        }

        private byte[] sidecar() throws IOException {
            return Files.readAllBytes(file.resolveSibling(file.getFileName() + ".heddle.json"));
        }

        /** Writes with each round something else, to the disk, and reads it back. */
        private void use() {
            byte[] block = new byte[BLOCK];
            byte[] back = new byte[BLOCK];
            try (RandomAccessFile open = new RandomAccessFile(device, "rwd")) {
                while (!ending) {
                    long round = rounds.get();
                    Arrays.fill(block, (byte) round);
                    open.seek(round % 64 * BLOCK);
                    open.write(block);
                    open.seek(round % 64 * BLOCK);
                    open.readFully(back);
                    assertArrayEquals(block, back);
                    rounds.incrementAndGet();
                    Eventually.pause(Duration.ofMillis(5));
                }
            } catch (IOException | AssertionError | RuntimeException wrong) {
                failure = wrong;
            }
        }

        /** The same file with the same identity on the same device, and whoever uses it noticed nothing. */
        void assertUntouched() throws IOException {
            assertEquals(null, failure);
            long before = rounds.get();
            Eventually.holds("the volume can be written", () -> rounds.get() > before || failure != null);
            assertEquals(null, failure);
            assertEquals(file.toString(), LoopDevices.below(pool).get(device));
            assertEquals(inode, inode());
            assertArrayEquals(sidecar, sidecar());
        }

        void delete() throws Exception {
            ending = true;
            user.join();
            HotSwapIT.delete(name);
        }
    }
}
