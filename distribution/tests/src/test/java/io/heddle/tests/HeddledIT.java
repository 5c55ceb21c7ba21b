package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.errorprone.annotations.DoNotCall;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process as a whole: how it starts, what it says, how it ends. */
class HeddledIT {
    private static final int REFUSED = 78;

    private final String state = "--state-directory=" + Appliance.workDirectory("state");

    /** Says one line through SLF4J, as every bundle does. */
    public static final class Speaking implements BundleActivator {
        private static final Logger LOG = LoggerFactory.getLogger("io.heddle.speaking");

        @Override
        public void start(BundleContext context) {
            LOG.atInfo()
                    .addKeyValue("node", context.getProperty("heddle.node-name"))
                    .log("hello");
        }

        @Override
        public void stop(BundleContext context) {
            LOG.info("farewell");
        }
    }

    /** Does not start. */
    public static final class Throwing implements BundleActivator {
        @Override
        public void start(BundleContext context) {
            throw new IllegalStateException("no disk today");
        }

        @Override
        public void stop(BundleContext context) {}
    }

    /** Starts, and never comes back from its stop. */
    public static final class Stubborn implements BundleActivator {
        @Override
        public void start(BundleContext context) {}

        @Override
        public void stop(BundleContext context) throws InterruptedException {
            new CountDownLatch(1).await();
        }
    }

    /** A component that does not start. */
    public static final class Broken {
        /** Called when the component is activated. */
        @DoNotCall("Always throws")
        public void start() {
            throw new IllegalStateException("the hinge is missing");
        }
    }

    @Test
    void startsAllBundlesAndEndsInUnderFiveSecondsOfSigterm() throws Exception {
        try (HeddledProcess heddled = HeddledProcess.start(state)) {
            Matcher started = heddled.awaitStart();
            assertEquals("controller and satellite", started.group(1));
            assertEquals("0", started.group(3), heddled.output());
            assertAnswers(started.group(4));

            heddled.terminate();
            heddled.awaitExit();

            long milliseconds =
                    Long.parseLong(heddled.awaitLine("Stopped in (\\d+) ms").group(1));
            assertTrue(milliseconds < 5000, heddled.output());
        }
    }

    @Test
    void aBundleThatDoesNotStopIsNamedAndHoldsNobodyUp() throws Exception {
        Path home = Appliance.withMoreBundles(Map.of(
                "stubborn.jar",
                Appliance.bundle(
                        Map.of(
                                "Bundle-SymbolicName",
                                "io.heddle.stubborn",
                                "Bundle-Activator",
                                Stubborn.class.getName(),
                                "Import-Package",
                                "org.osgi.framework"),
                        Stubborn.class)));

        try (HeddledProcess heddled = HeddledProcess.start(List.of(), home, Map.of(), state)) {
            heddled.awaitStart();

            heddled.terminate();

            assertEquals(1, heddled.awaitExit());
            heddled.awaitLine("after 4 s these were still stopping: \\[io.heddle.stubborn\\]");
        }
    }

    @Test
    void aBundleThatFailsIsNamedWithTheReasonAndTheOthersRun() throws Exception {
        Path home = Appliance.withMoreBundles(Map.of(
                "unresolved.jar",
                Appliance.bundle(Map.of(
                        "Bundle-SymbolicName",
                        "io.heddle.unresolved",
                        "Import-Package",
                        "nowhere.found;version=\"[1,2)\"")),
                "throwing.jar",
                Appliance.bundle(
                        Map.of(
                                "Bundle-SymbolicName",
                                "io.heddle.throwing",
                                "Bundle-Activator",
                                Throwing.class.getName(),
                                "Import-Package",
                                "org.osgi.framework"),
                        Throwing.class),
                "torn.jar",
                new byte[] {'P', 'K', 3, 4, 0}));

        try (HeddledProcess heddled = HeddledProcess.start(List.of(), home, Map.of(), state)) {
            Matcher started = heddled.awaitStart();

            heddled.awaitLine(
                    "ERROR .*Bundle io.heddle.unresolved .* does not run: io.heddle.unresolved needs the package"
                            + " nowhere.found of version 1.0.0 or later, which no bundle brings");
            heddled.awaitLine("ERROR .*Bundle io.heddle.throwing .* does not run:.* no disk today");
            heddled.awaitLine("ERROR .*Bundle .*torn.jar does not run: ");
            assertEquals("3", started.group(3), heddled.output());
            assertAnswers(started.group(4));
        }
    }

    @Test
    void aComponentThatFailsOrWaitsIsNamed() throws Exception {
        String component = """
                <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="%s" immediate="true"
                    activate="start">
                  %s
                  <implementation class="%s"/>
                </scr:component>
                """;
        String type = Broken.class.getName();
        Path home = Appliance.withMoreBundles(Map.of(
                "broken.jar",
                Appliance.bundle(
                        Map.of(
                                "Bundle-SymbolicName", "io.heddle.broken",
                                "Service-Component", "broken.xml,waiting.xml"),
                        Map.of(
                                "broken.xml",
                                component.formatted("io.heddle.broken.Door", "", type),
                                "waiting.xml",
                                component.formatted(
                                        "io.heddle.broken.Guest",
                                        "<reference name=\"disk\" interface=\"io.heddle.Disk\" target=\"(a=b)\"/>",
                                        type)),
                        Broken.class)));

        try (HeddledProcess heddled = HeddledProcess.start(List.of(), home, Map.of(), state)) {
            assertEquals("1", heddled.awaitStart().group(3));

            heddled.awaitLine("ERROR .*Component io.heddle.broken.Door does not run: .*the hinge is missing");
            heddled.awaitLine("Component io.heddle.broken.Guest waits for io.heddle.Disk \\(a=b\\)");
        }
    }

    @Test
    void whatABundleSaysThroughSlf4jIsInTheLogUpToTheLastMoment() throws Exception {
        Path home = Appliance.withMoreBundles(Map.of("speaking.jar", speaking()));

        try (HeddledProcess heddled =
                HeddledProcess.start(List.of(), home, Map.of("HEDDLE_NODE_NAME", "loom7"), state)) {
            heddled.awaitLine("INFO  speaking: node=loom7 hello");
            heddled.awaitStart();

            heddled.terminate();
            heddled.awaitExit();

            heddled.awaitLine("INFO  speaking: farewell");
        }
    }

    @Test
    void aBundleCopiedToTheDeployFolderRunsUntilItIsTakenAway() throws Exception {
        Path directory = Appliance.workDirectory("state");
        try (HeddledProcess heddled = HeddledProcess.start("--state-directory=" + directory)) {
            heddled.awaitStart();
            Path deployed = directory.resolve("deploy/speaking.jar");

            Files.write(deployed, speaking());
            heddled.awaitLine("INFO  speaking: .*hello");

            Files.delete(deployed);
            heddled.awaitLine("INFO  speaking: farewell");
        }
    }

    @Test
    void needsNoLocaleNoHomeAndNothingOfTmp() throws Exception {
        // Nobody can write below /proc/self, root neither.
        Map<String, String> environment = Map.of("HOME", "/proc/self", "TMPDIR", "/proc/self");
        List<String> wrapper = List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec,ro tmpfs /tmp && ! touch /tmp/x 2>/dev/null && exec \"$@\"",
                "sh");
        assumeTrue(
                new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp")
                                .start()
                                .waitFor()
                        == 0,
                "skipped: mounting over /tmp needs root");
        Path named = Files.createDirectory(Appliance.workDirectory("state").resolve("Zustände"));

        try (HeddledProcess heddled =
                HeddledProcess.start(wrapper, Appliance.home(), environment, "--state-directory=" + named)) {
            Matcher started = heddled.awaitStart();

            assertEquals("0", started.group(3), heddled.output());
            assertTrue(Files.isDirectory(named.resolve("tmp")));
            assertAnswers(started.group(4));
        }
    }

    @Test
    void aClientThatAsksFromTheFirstMomentIsNeverToldThatThereIsNothing() throws Exception {
        int port = freePort();
        NavigableSet<Integer> statuses = new TreeSet<>();
        try (HeddledProcess heddled = HeddledProcess.start(state, "--roles=controller", "--rest-port=" + port)) {
            while (!statuses.contains(200) && heddled.isAlive()) {
                status(port, "GET", "/v1/nodes").ifPresent(statuses::add);
            }
            assertTrue(Set.of(200, 503).containsAll(statuses), statuses + "\n" + heddled.output());
        }
    }

    @Test
    void slashesInTheNameOfAPropertyMayBeQuotedInAPath() throws Exception {
        try (HeddledProcess heddled = HeddledProcess.start(state, "--roles=controller")) {
            int port = URI.create(heddled.awaitStart().group(4)).getPort();

            assertEquals(
                    Optional.of(200),
                    status(port, "DELETE", "/v1/controller/properties/REST%2Faccess%2F10.1.0.0%2F16"),
                    heddled.output());
        }
    }

    @Test
    void oneStateDirectoryServesOneProcess() throws Exception {
        try (HeddledProcess first = HeddledProcess.start(state)) {
            first.awaitStart();

            try (HeddledProcess second = HeddledProcess.start(state)) {
                assertEquals(REFUSED, second.awaitExit());
                second.awaitLine("^Another Heddle is running on .*; stop it first, or set another state-directory.$");
            }
        }
    }

    @Test
    void aMistakeInTheConfigurationIsOneClearSentence() throws Exception {
        try (HeddledProcess heddled = HeddledProcess.start(
                List.of(), Appliance.home(), Map.of("HEDDLE_ROLES", "satelite"), state, "--keep-ress=vm-100")) {
            assertEquals(REFUSED, heddled.awaitExit());
            assertEquals(
                    "the environment: HEDDLE_ROLES: roles = satelite is refused: it has to be controller, satellite, or"
                            + " controller,satellite.\n"
                            + "the arguments: --keep-ress: there is no setting \"keep-ress\"; did you mean keep-res?",
                    heddled.output());
        }
    }

    @Test
    void aSatelliteAloneIsSmaller() throws Exception {
        try (HeddledProcess both = HeddledProcess.start(state);
                HeddledProcess satellite = HeddledProcess.start(
                        "--roles=satellite", "--state-directory=" + Appliance.workDirectory("state"))) {
            Matcher started = satellite.awaitStart();

            assertEquals("satellite", started.group(1));
            assertEquals("0", started.group(3), satellite.output());
            int bundlesOfBoth = Integer.parseInt(both.awaitStart().group(2));
            assertTrue(Integer.parseInt(started.group(2)) < bundlesOfBoth, satellite.output());
        }
    }

    @Test
    void aClassArchiveIsMadeAndUsedAndABrokenOneDoesNotMatter() throws Exception {
        Path home = Appliance.withMoreBundles(Map.of());
        Path archive = home.resolve("cds/heddled.jsa");
        Files.copy(Appliance.home().resolve("bin/heddle-cds"), home.resolve("bin/heddle-cds"));
        Path log = Appliance.workDirectory("cds").resolve("log");
        new ProcessBuilder(home.resolve("bin/heddle-cds").toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start()
                .waitFor();
        assertTrue(Files.exists(archive), () -> read(log));

        Path loaded = log.resolveSibling("classes");
        Map<String, String> logging = Map.of("HEDDLE_JAVA_OPTIONS", "-Xlog:class+load=info:file=" + loaded);
        try (HeddledProcess heddled = HeddledProcess.start(List.of(), home, logging, state)) {
            heddled.awaitStart();
        }
        // Also those of bundles, which a class loader of the framework defines.
        assertTrue(
                read(loaded)
                        .lines()
                        .anyMatch(line -> line.contains(" org.apache.felix.scr.impl.")
                                && line.contains("shared objects file (top)")),
                "no class of a bundle comes from the archive");

        Files.delete(archive);
        Files.writeString(archive, "not an archive");
        try (HeddledProcess heddled = HeddledProcess.start(List.of(), home, Map.of(), state)) {
            Matcher started = heddled.awaitStart();
            assertEquals("0", started.group(3));
            assertTrue(heddled.output().lines().noneMatch(line -> line.contains("[warning]")), heddled.output());
        }
    }

    /** A port that was free just now; of these nobody is given one for a connection to somewhere else. */
    private static int freePort() {
        return IntStream.range(23370, 32768)
                .filter(HeddledIT::isFree)
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return free.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** Status of the answer to one request over a connection of its own; empty while nobody listens. */
    private static Optional<Integer> status(int port, String method, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return Optional.of(Integer.parseInt(line.split(" ", -1)[1]));
        } catch (ConnectException nobody) {
            return Optional.empty();
        }
    }

    private static byte[] speaking() throws IOException {
        return Appliance.bundle(
                Map.of(
                        "Bundle-SymbolicName",
                        "io.heddle.speaking",
                        "Bundle-Activator",
                        Speaking.class.getName(),
                        "Import-Package",
                        "org.osgi.framework,org.slf4j;version=\"[2,3)\",org.slf4j.spi;version=\"[2,3)\""),
                Speaking.class);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Any answer will do: that there is one shows that the server runs. */
    private static void assertAnswers(String address) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address).toURL().openConnection();
        assertTrue(connection.getResponseCode() > 0, address);
    }
}
