package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.HeddledOnMachine;
import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Controllers that are not the newest: a store from a backup, and two copies of one. None of them may remove a volume. */
final class OlderControllers implements AutoCloseable {
    private static final String REFUSAL = "STALE_CONTROLLER";

    private final Path directory = Places.newDirectory("older");
    private final TestCluster cluster = TestCluster.onMachine(directory);
    private final String node = cluster.satellites().firstKey();

    OlderControllers() {}

    /** All of it, each on a cluster of its own. */
    static String run() {
        StringBuilder text = new StringBuilder();
        try (OlderControllers cluster = new OlderControllers()) {
            text.append("a store rolled back is refused: ")
                    .append(cluster.rolledBack())
                    .append('\n');
        }
        try (OlderControllers cluster = new OlderControllers()) {
            text.append("the older of two copies is refused: ")
                    .append(cluster.copiedWhileItRuns())
                    .append('\n');
        }
        try (OlderControllers cluster = new OlderControllers()) {
            text.append("one of two equal copies is refused: ").append(cluster.startedTwice());
        }
        return text.toString();
    }

    /**
     * The controller's state is replaced by a copy that is some operations older.
     *
     * @return how the old one was refused
     */
    String rolledBack() {
        create("kept");
        create("deleted-later");
        HeddledOnMachine controller = cluster.controller();
        Path backup = directory.resolve("backup");
        controller.stop();
        Places.copy(controller.stateDirectory(), backup);
        controller.startAndWait();
        cluster.awaitOnline();
        create("made-later");
        cluster.done(beans -> beans.deleteResourceDefinition("deleted-later"));
        cluster.awaitGone("deleted-later");
        SortedMap<String, String> volumes = volumes();
        if (volumes.size() != 2) {
            throw new AssertionError("two volumes are wanted, and there are " + volumes);
        }
        controller.kill();
        Places.remove(controller.stateDirectory());
        Places.copy(backup, controller.stateDirectory());
        controller.startAndWait();
        String refusal = awaitRefused(cluster.client());
        requireUnchanged(volumes);

        cluster.done(beans -> beans.reconnectNodeAsOlder(node));
        cluster.awaitOnline();
        // It knows nothing of the volume that was made after the copy, and so lets it be.
        Eventually.holds(
                "made-later is listed as unclaimed",
                () -> cluster.node(node).unclaimed().stream().anyMatch(object -> object.contains("made-later")));
        awaitReady("kept");
        requireUnchanged(volumes);
        adoptWhatWasMadeLater();
        requireUnchanged(volumes);
        return refusal;
    }

    /** What the older controller does not know is taken back as it was, and no byte of it is touched. */
    private void adoptWhatWasMadeLater() {
        Eventually.holds(
                "made-later can be adopted",
                () -> cluster.ask(ClusterMXBean::listUnclaimed).stream()
                        .anyMatch(row -> row.adoptable() && row.name().equals("made-later")));
        cluster.done(beans -> beans.adoptResource("made-later", ""));
        awaitReady("made-later");
        Eventually.holds(
                "nothing of made-later is unclaimed",
                () -> cluster.ask(ClusterMXBean::listUnclaimed).stream()
                        .noneMatch(row -> row.name().contains("made-later")));
    }

    /** A copy of a running controller is started beside it: it has the higher epoch, so the one that ran is the old one. */
    String copiedWhileItRuns() {
        create("kept");
        SortedMap<String, String> volumes = volumes();
        HeddledOnMachine first = cluster.controller();
        first.stop();
        Path copied = copy(first);
        first.startAndWait();
        cluster.awaitOnline();
        try (HeddledOnMachine second = HeddledOnMachine.controller(copied)) {
            second.startAndWait();
            // The copy took the epoch of the first; its own next start is beyond that.
            second.stop();
            second.startAndWait();
            try (ClusterClient client = second.client()) {
                awaitState(client, "ONLINE");
                String refusal = awaitRefused(cluster.client());
                // The old one does not know yet that it is, and may be asked for anything.
                cluster.ask(beans -> beans.deleteResourceDefinition("kept"));
                client.ask(ClusterMXBean::listResources);
                requireUnchanged(volumes);
                return refusal;
            }
        }
    }

    /** Two copies are started, with equal epochs: who comes second is refused. */
    String startedTwice() {
        create("kept");
        SortedMap<String, String> volumes = volumes();
        HeddledOnMachine first = cluster.controller();
        first.stop();
        try (HeddledOnMachine second = HeddledOnMachine.controller(copy(first))) {
            first.startAndWait();
            cluster.awaitOnline();
            second.startAndWait();
            try (ClusterClient client = second.client()) {
                String refusal = awaitRefused(client);
                client.ask(beans -> beans.deleteResourceDefinition("kept"));
                awaitState(cluster.client(), "ONLINE");
                awaitReady("kept");
                requireUnchanged(volumes);
                return refusal;
            }
        }
    }

    private Path copy(HeddledOnMachine controller) {
        Path copied = directory.resolve("copy");
        Places.copy(controller.stateDirectory(), copied.resolve("state"));
        return copied;
    }

    private void create(String resource) {
        cluster.done(beans -> beans.createResourceDefinition(resource, "", "storage"));
        cluster.done(beans -> beans.createVolumeDefinition(resource, "8M", false, 0));
        cluster.done(beans -> beans.createResource(resource, node, TestCluster.POOL, false));
        Path file = pool().resolve(resource + "_00000");
        try {
            Files.writeString(file, "bytes of " + resource, StandardOpenOption.WRITE);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private Path pool() {
        return directory.resolve("pool");
    }

    /** Data files and how they begin. */
    private SortedMap<String, String> volumes() {
        SortedMap<String, String> volumes = new TreeMap<>();
        for (String file : Places.files(pool())) {
            if (!file.endsWith(".json")) {
                try (InputStream in = Files.newInputStream(pool().resolve(file))) {
                    volumes.put(file, new String(in.readNBytes(40), StandardCharsets.ISO_8859_1));
                } catch (IOException failure) {
                    throw new AssertionError(failure);
                }
            }
        }
        return volumes;
    }

    private void requireUnchanged(SortedMap<String, String> before) {
        SortedMap<String, String> now = volumes();
        before.forEach((file, content) -> {
            if (!content.equals(now.get(file))) {
                throw new AssertionError(file + " was changed or removed; there are " + now);
            }
        });
    }

    private void awaitReady(String resource) {
        Eventually.nothingIsMissing(() -> cluster.resource(resource, node)
                .filter(row -> !row.state().equals("Created"))
                .map(ResourceRow::toString));
    }

    private void awaitState(ClusterClient client, String state) {
        Eventually.nothingIsMissing(() -> client.ask(ClusterMXBean::listNodes).stream()
                .filter(row -> !row.state().equals(state))
                .map(NodeRow::toString)
                .findFirst());
    }

    /** Waits until the satellite has refused a controller, with a clear error. */
    private String awaitRefused(ClusterClient client) {
        awaitState(client, "REFUSED");
        NodeRow row = client.ask(ClusterMXBean::listNodes).get(0);
        Optional<String> missing = List.of(REFUSAL, "accept-older").stream()
                .filter(word -> !(row.problem() + row.correction()).contains(word))
                .findFirst();
        if (missing.isPresent()) {
            throw new AssertionError("the refusal says nothing of " + missing.get() + ": " + row);
        }
        return row.problem() + "; " + row.correction();
    }

    @Override
    public void close() {
        cluster.close();
        LoopDevices.detachBelow(pool());
    }
}
