package io.heddle.drbd;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.command.RunningCommand;
import io.heddle.core.driver.IoLease;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ReplicationStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The driver at work on a node of the lab, a line of stdin for each call: {@code n1 10.77.0 /dev/loop0} is this node,
 * its network and its backing device. Each answer is one line that begins with {@code ok} or {@code failed}.
 */
final class LabNode implements ReplicationListener {
    private final LateRunner runner = new LateRunner();
    private final DrbdDriver driver = new DrbdDriver(
            runner,
            Path.of("/"),
            Path.of("/var/lib/heddle/satellite/drbd"),
            Path.of("/etc/drbd.d"),
            Duration.ofSeconds(20));
    private final Map<String, ReplicationStatus> seen = new ConcurrentSkipListMap<>();
    private final String node;
    private final String network;
    private final Map<Integer, String> devices;
    private volatile String stream = "unknown";
    private Bytes size = Bytes.ofMib(64);
    private String pingInterval = "3";
    private UUID lease = UUID.randomUUID();
    private List<String> nodes = List.of("n1", "n2");

    /** Tells a driver what was, when it is not so any more: its next look at what DRBD was given ends when that is another. */
    private static final class LateRunner implements CommandRunner {
        private final CommandRunner runner = new ExecCommandRunner();
        private Optional<String> awaited = Optional.empty();

        @Override
        public CommandResult run(Command command) {
            CommandResult result = runner.run(command);
            boolean isLook =
                    command.text().endsWith("show db1") || command.text().endsWith("-d adjust db1");
            if (awaited.isPresent() && isLook) {
                awaitShown(awaited.get());
                awaited = Optional.empty();
            }
            return result;
        }

        private void awaitShown(String text) {
            Command show = Command.query(Duration.ofSeconds(30), "drbdsetup", "show", "db1");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
            while (!runner.run(show).output().contains(text)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(text + " was never shown");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }

        @Override
        public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
            return runner.start(command, lines, ended);
        }
    }

    private LabNode(String node, String network, String device) {
        this.node = node;
        this.network = network;
        this.devices = Map.of(0, device);
    }

    public static void main(String[] arguments) throws IOException {
        LabNode lab = new LabNode(arguments[0], arguments[1], arguments[2]);
        lab.driver.watch(lab);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(lab.answer(line.strip().split(" +")));
        }
        lab.driver.deactivate();
    }

    private String answer(String[] words) {
        try {
            return "ok " + carryOut(words);
        } catch (HeddleException e) {
            return "failed " + e.problem().text().replace('\n', '|');
        }
    }

    private Object carryOut(String[] words) {
        ResourceSpec spec = spec();
        switch (words[0]) {
            case "kernel" -> {
                return driver.kernel();
            }
            case "status" -> {
                return stream + " " + seen;
            }
            case "configured" -> {
                return driver.configured() + " current=" + driver.isConfigured(Specs.CLUSTER, spec, devices);
            }
            case "metadata" -> {
                return driver.metadata(spec, 0, devices.get(0));
            }
            case "size-in-metadata" -> {
                return driver.sizeInMetadata(spec, 0, devices.get(0));
            }
            case "move-md" ->
                driver.moveMetadata(
                        spec,
                        0,
                        devices.get(0),
                        Ordered.set(Stream.of(words)
                                .skip(1)
                                .map(kib -> Bytes.ofKib(Long.parseLong(kib)))
                                .toList()));
            case "size" -> size = Bytes.ofKib(Long.parseLong(words[1]));
            case "ping-int" -> pingInterval = words[1];
            case "nodes" -> nodes = List.of(words).subList(1, words.length);
            case "configure" -> driver.configure(Specs.CLUSTER, spec, devices);
            case "create-md" -> driver.createMetadata(spec, 0, devices.get(0));
            case "adjust" -> driver.adjust(spec);
            case "adjust-late" -> {
                runner.awaited = Optional.of(words[1]);
                driver.adjust(spec);
            }
            case "skip" -> driver.skipInitialSync(spec, 0);
            case "sync" -> driver.startInitialSync(spec, 0);
            case "resize" -> driver.resize(spec, 0, size);
            case "promote" -> driver.promote(spec, false);
            case "promote-peer-is-dead" -> driver.promote(spec, true);
            case "demote" -> driver.demote(spec);
            case "forget" -> driver.forgetPeer(spec, Integer.parseInt(words[1]));
            case "lease" ->
                driver.leaseIo(new IoLease(
                        lease, Ordered.map(Map.of("db1", 1000)), Duration.ofSeconds(Long.parseLong(words[1]))));
            case "suspend" -> driver.suspendIo(lease);
            case "resume" -> {
                boolean all = driver.resumeIo(lease);
                lease = UUID.randomUUID();
                return all;
            }
            case "leftovers" -> driver.resumeLeftovers();
            case "down" -> driver.down("db1");
            case "remove" -> driver.removeConfiguration(Specs.CLUSTER, "db1", Specs.RESOURCE);
            default -> throw new IllegalArgumentException(words[0]);
        }
        return words[0];
    }

    private ResourceSpec spec() {
        VolumeSpec volume = Specs.sized(Specs.volume(0, 1000), size);
        List<PeerSpec> peers = new ArrayList<>();
        for (String peer : nodes) {
            if (!peer.equals(node)) {
                PathSpec path = Specs.path(address(node), 7000, address(peer), 7000);
                peers.add(Specs.with(
                        Specs.over(Specs.peer(peer, id(peer), address(peer), volume), path),
                        Map.of("connect-int", "3", "ping-int", pingInterval),
                        Map.of("c-plan-ahead", "0", "resync-rate", "4M")));
            }
        }
        ResourceSpec here = Specs.with(Specs.resource(node), List.of(volume), peers);
        return new ResourceSpec(
                here.name(),
                here.definition(),
                here.uuid(),
                here.disposition(),
                here.definitionDeleted(),
                here.replicated(),
                new NodeName(node),
                id(node),
                here.diskless(),
                here.sharedSecret(),
                here.volumes(),
                here.peers(),
                here.forgetNodeIds(),
                here.resourceOptions(),
                here.replacesOlder());
    }

    private String address(String name) {
        return network + ".1" + name.substring(1);
    }

    private static int id(String name) {
        return Integer.parseInt(name.substring(1)) - 1;
    }

    @Override
    public void present(List<ReplicationStatus> all) {
        seen.clear();
        all.forEach(status -> seen.put(status.resource(), status));
        stream = "present";
    }

    @Override
    public void changed(ReplicationStatus resource) {
        seen.put(resource.resource(), resource);
    }

    @Override
    public void gone(String resource) {
        seen.remove(resource);
    }

    @Override
    public void unknown(Problem problem) {
        stream = "unknown: " + problem.text().replace('\n', '|');
    }
}
