package io.heddle.controller.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.identity.Identity;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.SpecDelta;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Links over WebSocket, all of them on one {@link HttpClient}: a link costs a socket and some memory, and no thread. One
 * {@link SatelliteLink} per node.
 */
public final class WebSocketSatelliteLinks implements SatelliteLinks {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketSatelliteLinks.class);

    private final SatelliteLink.Common common;
    private final Identity identity;
    private final Map<NodeName, SatelliteLink> links = new ConcurrentHashMap<>();
    private final Duration tick;
    private final Future<?> ticking;

    /**
     * Reads, or makes, the controller's identity. Nothing is connected yet.
     *
     * @param config how to keep the links
     * @param directory the controller's part of the state directory; the identity in it belongs to the cluster
     * @param listener whom to ask and tell
     * @param executor runs the turns of the links; with two threads or more a listener that is slow for one node delays no other
     * @param scheduler for the passing of time; work is only handed on by it
     * @param clock for what is shown to people
     * @throws HeddleException FILE_FAILED if the identity cannot be read or written
     */
    public WebSocketSatelliteLinks(
            SatelliteLinksConfig config,
            Path directory,
            LinkListener listener,
            Executor executor,
            ScheduledExecutorService scheduler,
            Clock clock) {
        this.identity = Identity.loadOrCreate(directory, "heddle controller");
        Doors doors = new Doors();
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .sslContext(doors.tls(identity))
                .executor(executor)
                .build();
        this.common = new SatelliteLink.Common(config, listener, client, doors, executor, scheduler, clock);
        this.tick = config.heartbeat().dividedBy(2);
        this.ticking =
                scheduler.scheduleWithFixedDelay(this::onTick, tick.toMillis(), tick.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void connect(NodeName node, NetInterface address, Optional<String> pin) {
        // In compute, since disconnect may come at the same time.
        links.compute(node, (name, link) -> {
            if (link == null) {
                SatelliteLink made = new SatelliteLink(node, address, pin, common);
                made.start();
                return made;
            }
            link.connect(address, pin);
            return link;
        });
    }

    @Override
    public void reconnect(NodeName node, Optional<Secret> code, boolean acceptOlder) {
        SatelliteLink link = links.get(node);
        if (link != null) {
            link.reconnect(code, acceptOlder);
        }
    }

    @Override
    public void disconnect(NodeName node) {
        SatelliteLink link = links.remove(node);
        if (link != null) {
            link.end(new HeddleException(
                    ErrorCode.NODE_OFFLINE,
                    node + " is no node of the cluster any more",
                    "it was removed",
                    "nothing needs to be done"));
        }
    }

    @Override
    public void send(NodeName node, SpecDelta delta) {
        SatelliteLink link = links.get(node);
        if (link != null) {
            link.send(delta);
        }
    }

    @Override
    public CompletionStage<Void> perform(NodeName node, NodeAction action) {
        SatelliteLink link = links.get(node);
        if (link == null) {
            return CompletableFuture.failedFuture(new HeddleException(
                    ErrorCode.NODE_OFFLINE,
                    node + " cannot be reached",
                    "there is no link to it",
                    "see heddle node list"));
        }
        return link.perform(action);
    }

    @Override
    public String fingerprint() {
        return identity.fingerprint();
    }

    @Override
    public void close() {
        ticking.cancel(false);
        HeddleException why = new HeddleException(
                ErrorCode.SHUTTING_DOWN,
                "the links are closed",
                "the controller is stopping",
                "try again when the controller runs");
        links.values().forEach(link -> link.end(why));
        links.clear();
    }

    private void onTick() {
        try {
            links.values().forEach(link -> link.tick(tick));
        } catch (RuntimeException fault) {
            // Thrown on, it would end the ticking for good and without a word.
            LOG.error("Looking after the links failed", fault);
        }
    }
}
