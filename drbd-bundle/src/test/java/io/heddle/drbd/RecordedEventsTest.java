package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What real DRBD said, all of it: 8.4.11, 9.2.18 and 9.3.3. */
class RecordedEventsTest {
    static final Path RECORDED = Path.of("src/test/resources/recorded");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static List<Path> recordings() throws IOException {
        return matching("(stream-.*|.*\\.events2)\\.txt");
    }

    static List<Path> snapshots() throws IOException {
        return matching(".*\\.status\\.json");
    }

    private static List<Path> matching(String name) throws IOException {
        try (Stream<Path> paths = Files.walk(RECORDED)) {
            return paths.filter(path -> path.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        }
    }

    static KernelState read(Path recording) throws IOException {
        KernelState state = new KernelState(name -> Optional.empty());
        for (String line : Files.readAllLines(recording)) {
            state.apply(Events2Parser.parse(line).orElseThrow(() -> new AssertionError(recording + ": " + line)));
        }
        return state;
    }

    @Test
    void thereAreRecordingsOfEachVersion() throws IOException {
        for (String version : List.of("drbd-8.4.11", "drbd-9.2.18", "drbd-9.3.3")) {
            assertTrue(recordings().stream().anyMatch(path -> path.toString().contains(version)), version);
        }
        assertTrue(snapshots().size() > 50, () -> "only some snapshots");
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void everyLineIsReadAndEveryWordKnown(Path recording) throws IOException {
        KernelState state = new KernelState(name -> Optional.empty());
        for (String line : Files.readAllLines(recording)) {
            state.apply(Events2Parser.parse(line).orElseThrow(() -> new AssertionError(recording + ": " + line)));

            for (ReplicationStatus status : state.all()) {
                assertFalse(status.toString().contains("UNRECOGNISED"), () -> line + " gave " + status);
            }
        }
    }

    /** The two dumps of a snapshot were taken within half a second; what moves meanwhile is left out. */
    @ParameterizedTest
    @MethodSource("snapshots")
    void aDumpOfEventsSaysWhatStatusSays(Path json) throws IOException {
        Path events = json.resolveSibling(json.getFileName().toString().replace(".status.json", ".events2.txt"));
        JsonNode all = MAPPER.readTree(Files.readString(json));
        if (all.isEmpty()) {
            return;
        }
        List<String> fromJson = new ArrayList<>();
        all.forEach(resource -> fromJson.add(facts(resource)));
        List<String> fromEvents =
                read(events).all().stream().map(RecordedEventsTest::facts).toList();

        assertEquals(fromJson, fromEvents);
    }

    private static String facts(ReplicationStatus status) {
        StringBuilder text =
                new StringBuilder(status.resource() + " " + status.role().drbdName() + "\n");
        for (DeviceStatus device : status.devices()) {
            text.append(
                    device.number() + " " + device.minor() + " " + device.disk().drbdName() + " " + device.client()
                            + " " + device.quorum() + " " + device.size().kib() + "\n");
        }
        for (ConnectionStatus connection : status.connections()) {
            text.append(connection.peer() + " " + connection.nodeId() + " "
                    + connection.state().drbdName() + " "
                    + connection.peerRole().drbdName() + "\n");
            for (PeerVolumeStatus volume : connection.volumes()) {
                text.append("  " + volume.number() + " " + volume.replication().drbdName() + " "
                        + volume.peerDisk().drbdName() + " " + volume.resyncSuspended() + "\n");
            }
        }
        return text.toString();
    }

    private static String facts(JsonNode status) {
        StringBuilder text = new StringBuilder(
                status.get("name").asText() + " " + status.get("role").asText() + "\n");
        for (JsonNode device : status.get("devices")) {
            text.append(device.get("volume").asInt() + " " + device.get("minor").asInt() + " "
                    + device.get("disk-state").asText() + " "
                    + device.get("client").asBoolean() + " "
                    + device.get("quorum").asBoolean() + " "
                    + device.get("size").asLong() + "\n");
        }
        List<String> connections = new ArrayList<>();
        for (JsonNode connection : status.get("connections")) {
            StringBuilder one = new StringBuilder(connection.get("name").asText() + " "
                    + connection.get("peer-node-id").asInt() + " "
                    + connection.get("connection-state").asText() + " "
                    + connection.get("peer-role").asText() + "\n");
            for (JsonNode volume : connection.get("peer_devices")) {
                one.append("  " + volume.get("volume").asInt() + " "
                        + volume.get("replication-state").asText() + " "
                        + volume.get("peer-disk-state").asText() + " "
                        + volume.get("resync-suspended").asText() + "\n");
            }
            connections.add(one.toString());
        }
        connections.sort(null);
        connections.forEach(text::append);
        return text.toString();
    }

    @Test
    void eightsPeerIsNamedFromTheFile() throws IOException {
        KernelState state =
                new KernelState(name -> Optional.of(new KernelState.FileFacts("n2", Map.of(0, "/dev/vg0/db1_0"))));
        for (String line : Files.readAllLines(RECORDED.resolve("drbd-8.4.11/all-uptodate.n1.events2.txt"))) {
            state.apply(Events2Parser.parse(line).orElseThrow());
        }

        ReplicationStatus status = state.resource("db1").orElseThrow();

        ConnectionStatus connection = status.connection("n2").orElseThrow();
        assertEquals(-1, connection.nodeId());
        assertTrue(connection.pathEstablished());
        assertEquals("/dev/vg0/db1_0", status.devices().get(0).backingDevice());
        assertEquals(262100, status.devices().get(0).size().kib());
    }

    @Test
    void eightsSplitBrainIsAStandAloneConnectionAndNotNone() throws IOException {
        ReplicationStatus streamed = read(RECORDED.resolve("drbd-8.4.11/stream-cut-both-primary.n1.txt"))
                .resource("db1")
                .orElseThrow();
        ReplicationStatus dumped = read(RECORDED.resolve("drbd-8.4.11/split-brain-n1-still-primary.n1.events2.txt"))
                .resource("db1")
                .orElseThrow();

        for (ReplicationStatus status : List.of(streamed, dumped)) {
            ConnectionStatus connection = status.connection("peer").orElseThrow();
            assertEquals(ConnectionState.STAND_ALONE, connection.state());
            assertEquals(DiskState.DUNKNOWN, connection.volumes().get(0).peerDisk());
        }
    }

    /** Whether a recording ever told a split brain, and whether it does at its end. */
    private static List<Boolean> splitBrain(String recording) throws IOException {
        KernelState state = new KernelState(name -> Optional.empty());
        boolean ever = false;
        boolean now = false;
        for (String line : Files.readAllLines(RECORDED.resolve(recording))) {
            state.apply(Events2Parser.parse(line).orElseThrow());
            now = state.resource("db1").stream()
                    .flatMap(status -> status.connections().stream())
                    .anyMatch(ConnectionStatus::splitBrain);
            ever |= now;
        }
        return List.of(ever, now);
    }

    @Test
    void theHelperOfDrbdTellsASplitBrainUntilTheTwoAreOneAgain() throws IOException {
        assertEquals(List.of(true, true), splitBrain("drbd-8.4.11/stream-cut-both-primary.n1.txt"));
        assertEquals(List.of(true, false), splitBrain("drbd-9.2.18/stream-split-brain.n1.txt"));
        assertEquals(List.of(true, true), splitBrain("drbd-9.2.18/stream-split-brain-2pri.n1.txt"));
        assertEquals(
                List.of(false, false), splitBrain("drbd-9.2.18/stream-split-brain-1pri.n1.txt"), "a policy decided");
        assertEquals(List.of(false, false), splitBrain("drbd-9.2.18/stream-cut-heal-resync.n1.txt"));
    }

    @Test
    void aSyncShowsItsProgressWhileItRunsAndNotAfter() throws IOException {
        KernelState state = new KernelState(name -> Optional.empty());
        List<Double> progress = new ArrayList<>();
        for (String line : Files.readAllLines(RECORDED.resolve("drbd-9.2.18/stream-cut-heal-resync.n1.txt"))) {
            state.apply(Events2Parser.parse(line).orElseThrow());
            state.resource("db1")
                    .flatMap(status -> status.connection("n2"))
                    .flatMap(connection -> connection.volumes().stream().findFirst())
                    .ifPresent(volume -> volume.donePercent().ifPresent(progress::add));
        }

        assertTrue(progress.contains(21.24), progress::toString);
        PeerVolumeStatus last = state.resource("db1")
                .orElseThrow()
                .connection("n2")
                .orElseThrow()
                .volumes()
                .get(0);
        assertEquals(ReplicationState.ESTABLISHED, last.replication());
        assertTrue(last.donePercent().isEmpty());
    }

    /** Seven times options of all kinds were changed on n1 while these ran. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2", "n3"})
    void aChangeOfOptionsSendsNoEventAndDropsNoConnection(String node) throws IOException {
        Path stream = RECORDED.resolve("drbd-9.2.18/stream-adjust-live-options." + node + ".txt");
        List<String> lines = Files.readAllLines(stream);

        assertTrue(lines.get(lines.size() - 1).endsWith(" exists -"), lines.toString());
        assertTrue(lines.stream().allMatch(line -> line.contains(" exists ")), lines.toString());
        List<ConnectionStatus> connections = read(stream).all().get(0).connections();
        assertEquals(2, connections.size());
        assertTrue(
                connections.stream().allMatch(connection -> connection.state() == ConnectionState.CONNECTED),
                connections.toString());
    }

    @Test
    void whatGoesAwayIsGone() throws IOException {
        KernelState state = read(RECORDED.resolve("drbd-9.2.18/stream-destroy.n1.txt"));

        assertTrue(state.resource("db3").isEmpty());
        assertEquals(
                Role.SECONDARY, state.resource("vm-100-disk-1").orElseThrow().role());
    }

    @Test
    void aWordOfANewerDrbdIsKeptApart() {
        KernelState state = new KernelState(name -> Optional.empty());
        String at = "2026-11-22T12:35:05.644228+00:00 exists ";
        for (String line : List.of(
                at + "resource name:db1 role:Tertiary suspended:no may_promote:no new-key:1",
                at + "device name:db1 volume:0 minor:1000 disk:Sleeping size:8",
                at + "novelty name:db1 of:2030")) {
            state.apply(Events2Parser.parse(line).orElseThrow());
        }

        ReplicationStatus status = state.resource("db1").orElseThrow();

        assertEquals(Role.UNRECOGNISED, status.role());
        assertEquals(DiskState.UNRECOGNISED, status.devices().get(0).disk());
    }

    @Test
    void suspendedIoIsTold() throws IOException {
        for (String version : List.of("drbd-8.4.11", "drbd-9.2.18")) {
            ReplicationStatus status = read(RECORDED.resolve(version + "/suspended-by-suspend-io.n1.events2.txt"))
                    .all()
                    .get(0);

            assertEquals("user", status.suspended(), version);
        }
    }
}
