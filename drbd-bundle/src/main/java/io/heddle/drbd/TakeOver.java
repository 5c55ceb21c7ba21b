package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a running connection of DRBD 9 to another path. The resource's file has the old ones all the while: whatever is cut short
 * here is put back by the next adjust. A connection that did not come about is not tried again for a while, since each try
 * leaves the peer for half a minute.
 */
final class TakeOver {
    /** What is asked of the network and of DRBD. */
    interface Network {
        /** Why no answer came from the far end of a path; empty if one came. */
        Optional<String> unreachable(PathSpec path);
    }

    /** How long things may take. */
    record Patience(Duration connecting, Duration untilNextTry) {
        /** DRBD tries its paths in turn, each for {@code connect-int} (10 s), and so does the peer. */
        static final Patience USUAL = new Patience(Duration.ofSeconds(30), Duration.ofMinutes(15));
    }

    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final Duration ANSWER = Duration.ofSeconds(3);

    private final Function<String, Optional<ReplicationStatus>> kernel;
    private final Consumer<ResourceSpec> adjust;
    private final DrbdTools tools;
    private final Network network;
    private final Patience patience;
    /** When a connection did not come about, by resource, peer and paths. */
    private final Map<String, Long> failed = new ConcurrentHashMap<>();

    /**
     * Works with the given tools.
     *
     * @param kernel a fresh look at a resource
     * @param adjust brings the kernel to what the resource's file says
     */
    TakeOver(
            Function<String, Optional<ReplicationStatus>> kernel,
            Consumer<ResourceSpec> adjust,
            DrbdTools tools,
            Network network,
            Patience patience) {
        this.kernel = kernel;
        this.adjust = adjust;
        this.tools = tools;
        this.network = network;
        this.patience = patience;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#takeOver}. */
    void takeOver(ResourceSpec resource, NodeName node) {
        PeerSpec peer = resource.peers().stream()
                .filter(each -> each.node().equals(node))
                .findFirst()
                .orElseThrow(() -> Resources.notInKernel(resource.name().value()));
        ReplicationStatus status = look(resource);
        ConnectionStatus there = status.connection(peer.nodeId())
                .orElseThrow(() -> Resources.notInKernel(resource.name().value()));
        List<PathStatus> old = there.paths().stream()
                .filter(path -> !peer.paths().contains(path.path()))
                .toList();
        if (isDone(peer, there) || old.isEmpty()) {
            return;
        }
        requireBoth(resource, peer, there);
        if (status.role() == Role.PRIMARY && there.peerRole() == Role.PRIMARY) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot take the connection of " + resource.name() + " with " + node + " to another path",
                    "both are Primary, and would diverge while they are apart",
                    "make one of them Secondary");
        }
        String key = resource.uuid() + " " + node + " " + peer.paths();
        requireAnswer(resource, peer, key);
        leaveAndConnect(resource, peer, old, key);
    }

    private static void requireBoth(ResourceSpec resource, PeerSpec peer, ConnectionStatus there) {
        if (!there.hasPaths(peer.paths())) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot take the connection of " + resource.name() + " with " + peer.node() + " to another path",
                    "DRBD does not have the path yet",
                    "it is looked at again");
        }
    }

    private void requireAnswer(ResourceSpec resource, PeerSpec peer, String key) {
        Long before = failed.get(key);
        if (before != null
                && System.nanoTime() - before < patience.untilNextTry().toNanos()) {
            throw notEstablished(
                    resource,
                    peer,
                    "DRBD did not connect over it before; it is tried again every "
                            + patience.untilNextTry().toMinutes() + " minutes, and goes on over the one it has");
        }
        String why = "";
        for (PathSpec path : peer.paths()) {
            Optional<String> unreachable = network.unreachable(path);
            if (unreachable.isEmpty()) {
                return;
            }
            why = unreachable.get();
        }
        throw notEstablished(resource, peer, why + "; nothing was changed");
    }

    private void leaveAndConnect(ResourceSpec resource, PeerSpec peer, List<PathStatus> old, String key) {
        String name = resource.name().value();
        String nodeId = Integer.toString(peer.nodeId());
        require(tools.drbdsetup("disconnect", name, nodeId), resource, peer);
        boolean connected = false;
        try {
            for (PathStatus path : old) {
                require(tools.drbdsetup("del-path", name, nodeId, local(path), remote(path)), resource, peer);
            }
            require(tools.drbdsetup("connect", name, nodeId), resource, peer);
            connected = isConnectedInTime(resource, peer);
        } finally {
            if (connected) {
                failed.remove(key);
            } else {
                failed.put(key, System.nanoTime());
                putBack(resource);
            }
        }
        if (!connected) {
            throw notEstablished(
                    resource,
                    peer,
                    "DRBD did not connect over it within "
                            + patience.connecting().toSeconds() + " s, and goes back to the path that it had");
        }
    }

    /** The file has the old paths. What is not put back now, the adjust at the next start of the satellite does. */
    private void putBack(ResourceSpec resource) {
        try {
            adjust.accept(resource);
        } catch (HeddleException failure) {
            LOG.warn(
                    "resource={} the former path is not back yet: {}",
                    resource.name(),
                    failure.problem().text());
        }
    }

    private boolean isConnectedInTime(ResourceSpec resource, PeerSpec peer) {
        long deadline = System.nanoTime() + patience.connecting().toNanos();
        while (true) {
            boolean done = look(resource)
                    .connection(peer.nodeId())
                    .filter(there -> isDone(peer, there))
                    .isPresent();
            if (done || System.nanoTime() - deadline > 0) {
                return done;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HeddleException(
                        ErrorCode.SHUTTING_DOWN,
                        "the connection of " + resource.name() + " with " + peer.node() + " was not waited for",
                        "the program is being stopped",
                        "nothing to do: it is looked at again at the next start",
                        e);
            }
        }
    }

    private ReplicationStatus look(ResourceSpec resource) {
        String name = resource.name().value();
        return kernel.apply(name).orElseThrow(() -> Resources.notInKernel(name));
    }

    private static boolean isDone(PeerSpec peer, ConnectionStatus there) {
        return there.state() == ConnectionState.CONNECTED && there.runsOver(peer.paths());
    }

    private static String local(PathStatus path) {
        return new Endpoint(path.local(), path.localPort()).text();
    }

    private static String remote(PathStatus path) {
        return new Endpoint(path.remote(), path.remotePort()).text();
    }

    private static void require(CommandResult result, ResourceSpec resource, PeerSpec peer) {
        if (!result.succeeded()) {
            throw Failure.exception(
                    result,
                    "cannot take the connection of " + resource.name() + " with " + peer.node() + " to another path");
        }
    }

    private static HeddleException notEstablished(ResourceSpec resource, PeerSpec peer, String why) {
        String paths = peer.paths().stream()
                .map(path -> path.local() + " - " + path.remote() + " port " + path.remotePort())
                .collect(Collectors.joining(", "));
        return new HeddleException(
                ErrorCode.PATH_NOT_ESTABLISHED,
                resource.name() + " is not connected with " + peer.node() + " over " + paths,
                why,
                "see on both nodes that the address is there (ip address), that they reach each other (ping -I), and that no"
                        + " firewall keeps the port; or set the address back");
    }

    /** TCP: a connection that is refused was answered, and DRBD listens only while it connects. */
    static Optional<String> unreachable(PathSpec path) {
        String over = path.local() + " - " + path.remote();
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(path.local().inetAddress(), 0));
            socket.connect(
                    new InetSocketAddress(path.remote().inetAddress(), path.remotePort()), (int) ANSWER.toMillis());
            return Optional.empty();
        } catch (ConnectException e) {
            boolean refused = String.valueOf(e.getMessage()).contains("refused");
            return refused
                    ? Optional.empty()
                    : Optional.of("no answer came over " + over + " (" + e.getMessage() + ")");
        } catch (IOException e) {
            return Optional.of("no answer came over " + over + " (" + e.getMessage() + ")");
        }
    }
}
