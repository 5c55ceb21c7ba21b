package io.heddle.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program {@code heddled}: reads the configuration, starts the container, and stops it on SIGTERM. */
public final class Main {
    /** As EX_CONFIG of sysexits.h: starting again would not help. */
    private static final int REFUSED = 78;

    private static final int FAILED = 1;

    // systemd and the tests grant 5 s for everything, the JVM's own end included.
    private static final Duration STOP_LIMIT = Duration.ofSeconds(4);

    // Nobody waits for the end of a training run, and one that is halted leaves no archive.
    private static final Duration TRAINING_STOP_LIMIT = Duration.ofSeconds(60);

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int PAUSE_MILLIS = 200;

    /** Java's own way to start a program runs another one in between, which costs as much again. */
    private static final String LAUNCH_MECHANISM = "jdk.lang.Process.launchMechanism";

    /** The last of the Javas that are known to have the way without. */
    private static final int LAST_WITH_VFORK = 21;

    private static final Path INSTALLED_FILE = Path.of("/etc/heddle/heddle.conf");

    private Main() {}

    /**
     * Runs until the framework stops.
     *
     * @param arguments see {@code heddled --help}
     */
    public static void main(String[] arguments) {
        long began = System.nanoTime();
        Log.open();
        System.exit(run(began, arguments));
    }

    private static void startProgramsAtOnce() {
        if (Runtime.version().feature() <= LAST_WITH_VFORK && System.getProperty(LAUNCH_MECHANISM) == null) {
            System.setProperty(LAUNCH_MECHANISM, "VFORK");
        }
    }

    private static int run(long began, String... arguments) {
        try {
            CommandLine line = CommandLine.parse(arguments);
            switch (line.action()) {
                case HELP -> System.out.print(CommandLine.USAGE);
                case VERSION -> System.out.println("heddled " + version());
                case PRINT_CONFIG -> System.out.print(Setting.file());
                case CHECK -> {
                    configuration(line);
                    System.out.println("The configuration is good.");
                }
                case RUN, TRAIN -> serve(began, line);
            }
            return 0;
        } catch (RefusedException refusal) {
            System.err.println(refusal.getMessage());
            return REFUSED;
        } catch (IOException | BundleException failure) {
            LoggerFactory.getLogger(Main.class).error("Heddle cannot run", failure);
            return FAILED;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static void serve(long began, CommandLine line)
            throws RefusedException, BundleException, IOException, InterruptedException {
        Logger log = LoggerFactory.getLogger(Main.class);
        Configuration configuration = configuration(line);
        startProgramsAtOnce();
        Log.level("io.heddle", LogLevel.valueOf(configuration.value(Setting.LOG_LEVEL)));
        Set<Role> roles = configuration.roles();
        Path home = home();
        List<BundleFile> bundles = BundleFile.below(home.resolve("bundles"), roles);
        try (StateDirectory state = StateDirectory.take(configuration.stateDirectory())) {
            // Before anything makes a temporary file or unpacks a native library.
            System.setProperty("java.io.tmpdir", state.temporary().toString());
            System.setProperty("org.sqlite.tmpdir", state.temporary().toString());

            Container container = new Container(FrameworkProperties.of(configuration, home, state), bundles);
            ServiceManager serviceManager = new ServiceManager(System.getenv(), "systemd-notify");
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                serviceManager.stopping();
                                stop(container, STOP_LIMIT);
                            },
                            "stop"));
            List<String> problems = new ArrayList<>(container.start());
            IdleComponents idle = IdleComponents.look(container.context());
            problems.addAll(idle.failed());
            problems.forEach(log::error);
            idle.waiting().forEach(log::info);
            log.info(
                    "Heddle {} runs as {} on node {}: {} bundles, {} failed, {} ms{}",
                    version(),
                    words(roles),
                    configuration.value(Setting.NODE_NAME),
                    container.bundles(),
                    problems.size(),
                    Duration.ofNanos(System.nanoTime() - began).toMillis(),
                    container.httpEndpoint().map(url -> "; " + url).orElse(""));
            if (line.action() == CommandLine.Action.TRAIN) {
                try {
                    visit(container, line.pages());
                } catch (IOException noAnswer) {
                    log.warn("The archive will lack the classes that answer requests: {}", noAnswer.toString());
                }
                stop(container, TRAINING_STOP_LIMIT);
            } else {
                serviceManager.ready("Runs as " + words(roles) + " on node " + configuration.value(Setting.NODE_NAME)
                        + (problems.isEmpty() ? "" : "; " + problems.size() + " bundles failed, see the journal"));
            }
            container.waitForStop();
        }
    }

    private static Configuration configuration(CommandLine line) throws RefusedException {
        Path file = line.file()
                .orElseGet(() -> Optional.of(INSTALLED_FILE)
                        .filter(Files::isReadable)
                        .orElse(home().resolve("conf/heddle.conf")));
        return Configuration.read(file, System.getenv(), line.settings());
    }

    /** Asks for pages, so that the class archive covers what answers them; what they answer does not matter. */
    private static void visit(Container container, List<String> pages) throws IOException, InterruptedException {
        String endpoint = container.httpEndpoint().orElseThrow(() -> new IOException("There is no HTTP server."));
        long end = System.nanoTime() + Duration.ofMillis(PATIENCE_MILLIS).toNanos();
        for (String page : pages) {
            HttpURLConnection connection = ask(endpoint, page);
            int status = connection.getResponseCode();
            // The doors open a little before the controller behind them has read its store.
            while (status == HttpURLConnection.HTTP_UNAVAILABLE && System.nanoTime() < end) {
                connection.disconnect();
                Thread.sleep(PAUSE_MILLIS);
                connection = ask(endpoint, page);
                status = connection.getResponseCode();
            }
            if (status >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
                // A door that waits for what is not there would let us wait at each of the other pages too.
                throw new IOException(page + " was answered with " + status + ".");
            }
            InputStream answer = status < HttpURLConnection.HTTP_BAD_REQUEST
                    ? connection.getInputStream()
                    : connection.getErrorStream();
            if (answer != null) {
                answer.readAllBytes();
            }
            connection.disconnect();
        }
    }

    private static HttpURLConnection ask(String endpoint, String page) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(endpoint).resolve(page).toURL().openConnection();
        connection.setReadTimeout(PATIENCE_MILLIS);
        return connection;
    }

    private static String words(Set<Role> roles) {
        return roles.stream().map(Role::word).collect(Collectors.joining(" and "));
    }

    private static void stop(Container container, Duration limit) {
        Logger log = LoggerFactory.getLogger(Main.class);
        long began = System.nanoTime();
        try {
            List<String> late = container.stop(limit);
            if (!late.isEmpty()) {
                log.error("Stopped the hard way: after {} s these were still stopping: {}", limit.toSeconds(), late);
                Runtime.getRuntime().halt(FAILED);
            }
            log.info(
                    "Stopped in {} ms",
                    Duration.ofNanos(System.nanoTime() - began).toMillis());
        } catch (BundleException failure) {
            log.error("Cannot stop cleanly", failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** The folder above {@code lib/}, where the launcher's jar lies. */
    private static Path home() {
        String given = System.getProperty("heddle.home");
        if (given != null) {
            return Path.of(given).toAbsolutePath();
        }
        try {
            Path jar = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.resolve("../..").normalize();
        } catch (URISyntaxException badUrl) {
            throw new IllegalStateException("The launcher does not know where it lies; set -Dheddle.home.", badUrl);
        }
    }

    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("(not packed)");
    }
}
