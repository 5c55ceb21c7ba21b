package io.heddle.satellite.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.identity.Fingerprint;
import io.heddle.core.identity.Identity;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.MessageReader;
import io.heddle.core.link.SerialExecutor;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.spec.SpecVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the controller: a Jetty server of its own with one WebSocket on it and nothing else. Who connects is let in by
 * {@link Admission}; one controller at a time commands.
 *
 * <p>The controller's key is not judged in the TLS handshake, which only proves that the key is its own, but with its first
 * message: an alert of TLS could not say why it is refused. Nothing but that message, of bounded size and in bounded time, is
 * read from who was not let in.
 */
public final class LinkServer implements AutoCloseable {
    /** Where the WebSocket is. */
    static final String ENDPOINT = "/link";

    /** Connections at once; all but the one in use wait to be let in, or are about to go. */
    private static final int MAXIMUM_CONNECTIONS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    private final LinkServerConfig config;
    private final ControllerEnd end;
    private final Executor executor;
    private final ScheduledExecutorService scheduler;
    private final Identity identity;
    private final Admission admission;
    private final Server server;
    private final ServerConnector connector;
    /** Calls of the satellite come one after the other. */
    private final SerialExecutor turns;

    private final Set<ControllerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<EndPoint> admitted = ConcurrentHashMap.newKeySet();
    private @Nullable Future<?> ticking;

    // Of the turns.
    private @Nullable Current current;
    private String lastRefusal = "";

    /** The controller that commands. */
    private record Current(ControllerConnection connection, SpecVersion version, AutoCloseable following) {}

    /**
     * Reads, or makes, identity and claim; listens from {@link #start} on.
     *
     * @param config how to wait
     * @param directory the satellite's part of the state directory
     * @param end whom the controller commands
     * @param executor runs what Jetty's threads must not wait for; takes work until this is closed
     * @param scheduler for the passing of time; work is only handed on by it
     * @throws HeddleException FILE_FAILED if identity or claim cannot be read or written
     */
    public LinkServer(
            LinkServerConfig config,
            Path directory,
            ControllerEnd end,
            Executor executor,
            ScheduledExecutorService scheduler) {
        this.config = config;
        this.end = end;
        this.executor = executor;
        this.scheduler = scheduler;
        this.identity = Identity.loadOrCreate(directory, "heddle satellite " + config.nodeName());
        this.admission = new Admission(config, new ClaimStore(directory), new NewestController(directory), end);
        this.turns = new SerialExecutor(executor);
        QueuedThreadPool threads = new QueuedThreadPool(8, 1);
        threads.setName("heddle-link");
        threads.setDaemon(true);
        // The work is done by the executor: Jetty need not keep threads in hand.
        threads.setReservedThreads(0);
        this.server = new Server(threads);
        this.connector = connector();
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAXIMUM_CONNECTIONS, connector));
        server.setHandler(WebSocketUpgradeHandler.from(server, this::configure));
        // An error has a number and no page: who is not let in learns nothing of the inside.
        server.setErrorHandler((request, response, callback) -> {
            callback.succeeded();
            return true;
        });
        server.setStopTimeout(0);
    }

    /**
     * Begins to listen, and says in the log how the satellite stands.
     *
     * @throws HeddleException NETWORK_FAILED if it cannot listen there
     */
    public synchronized void start() {
        try {
            server.start();
        } catch (Exception failure) {
            stop();
            throw new HeddleException(
                    ErrorCode.NETWORK_FAILED,
                    "cannot wait for the controller on " + config.address() + " port " + config.port(),
                    String.valueOf(failure.getMessage()),
                    "see with ss -ltnp what listens there, or set link-address and link-port in heddle.conf",
                    failure);
        }
        long tick = tick().toMillis();
        ticking = scheduler.scheduleWithFixedDelay(this::onTick, tick, tick, TimeUnit.MILLISECONDS);
        LOG.info(
                "Waiting for the controller on {} port {}, {}, key {}",
                config.address(),
                port(),
                config.encryption(),
                identity.fingerprint());
        if (config.encryption() == LinkEncryption.PLAIN) {
            LOG.warn("The link is PLAIN: anybody who reaches port {} can command this node", port());
        }
        admission.announce();
    }

    /** The TCP port on which it listens. */
    public int port() {
        return connector.getLocalPort();
    }

    /** SHA-256 of this satellite's public key, lower-case hex. */
    public String fingerprint() {
        return identity.fingerprint();
    }

    /**
     * Makes the satellite nobody's again, on root's word: drops the controller and prints a new code. What is stored stays.
     *
     * @return completes when it is durable, or with FILE_FAILED
     */
    public CompletableFuture<Void> forgetClaim() {
        return CompletableFuture.runAsync(
                () -> {
                    admission.forgetClaim();
                    Current now = current;
                    if (now != null) {
                        leave(now);
                        now.connection().disconnect();
                    }
                },
                turns);
    }

    /** Drops all connections and listens no more. Volumes are not touched. */
    @Override
    public synchronized void close() {
        Future<?> ticks = ticking;
        if (ticks != null) {
            ticks.cancel(false);
        }
        connections.forEach(ControllerConnection::disconnect);
        stop();
    }

    private void stop() {
        try {
            server.stop();
        } catch (Exception failure) {
            LOG.warn("The link's server did not stop cleanly", failure);
        }
    }

    // The server.

    private ServerConnector connector() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(4096);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        ServerConnector made;
        if (config.encryption() == LinkEncryption.PLAIN) {
            made = new ServerConnector(server, 1, 1, plain);
        } else {
            // Jetty would add one that compares the host name asked for with the certificate's.
            http.addCustomizer(new SecureRequestCustomizer(false));
            SslContextFactory.Server tls = new SslContextFactory.Server();
            // Any key, as long as it is proven: see the class comment.
            tls.setSslContext(identity.tls((host, port, key) -> {}));
            tls.setNeedClientAuth(true);
            tls.setIncludeProtocols("TLSv1.3");
            made = new ServerConnector(server, 1, 1, new SslConnectionFactory(tls, plain.getProtocol()), plain);
        }
        made.setHost(config.address().value());
        made.setPort(config.port());
        made.setReuseAddress(true);
        made.setIdleTimeout(config.times().handshake().toMillis());
        return made;
    }

    private void configure(ServerWebSocketContainer container) {
        container.setIdleTimeout(config.times().lostAfter().multipliedBy(2));
        // Messages are put together, and bounded, by MessageReader.
        container.setMaxTextMessageSize(LinkMessage.MAXIMUM_BYTES);
        container.setMaxFrameSize(ControllerConnection.MAXIMUM_HELLO_BYTES);
        container.setAutoFragment(true);
        container.addMapping(ENDPOINT, (request, response, callback) -> connected(request));
    }

    private ControllerConnection connected(ServerUpgradeRequest request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        EndPoint.SslSessionData tls = endPoint.getSslSessionData();
        Optional<String> key = tls == null || tls.peerCertificates() == null || tls.peerCertificates().length == 0
                ? Optional.empty()
                : Optional.of(Fingerprint.of(tls.peerCertificates()[0]));
        ControllerConnection connection = new ControllerConnection(new Calls(), executor, socket(endPoint), key);
        connections.add(connection);
        return connection;
    }

    /** Under TLS lies the socket; only that is among the connector's. */
    private static EndPoint socket(EndPoint endPoint) {
        return endPoint instanceof EndPoint.Wrapper wrapper ? wrapper.unwrap() : endPoint;
    }

    // Time.

    private Duration tick() {
        return config.times().heartbeat().dividedBy(2);
    }

    private void onTick() {
        try {
            long lost = Math.max(1, config.times().lostAfter().dividedBy(tick()));
            for (ControllerConnection connection : connections) {
                // Counted and not measured: time in which this process itself stood still is not held against the
                // other.
                if (connection.tick() >= lost) {
                    LOG.info(
                            "Nothing was heard from the controller for {} s",
                            config.times().lostAfter().toSeconds());
                    connection.disconnect();
                }
            }
            long latest =
                    System.currentTimeMillis() - config.times().handshake().toMillis();
            for (EndPoint endPoint : connector.getConnectedEndPoints()) {
                if (!admitted.contains(endPoint) && endPoint.getCreatedTimeStamp() < latest) {
                    endPoint.close();
                }
            }
            admitted.retainAll(connector.getConnectedEndPoints());
        } catch (RuntimeException fault) {
            // Thrown on, it would end the ticking for good and without a word.
            LOG.error("Looking after the links failed", fault);
        }
    }

    // Calls of the satellite, in turns.

    private final class Calls implements ControllerConnection.Events {
        @Override
        public void hello(ControllerConnection connection, String text) {
            inTurn(connection, () -> greet(connection, text));
        }

        @Override
        public void message(ControllerConnection connection, LinkMessage message, Runnable done) {
            inTurn(connection, () -> {
                Current now = current;
                if (now != null && now.connection() == connection && !connection.isOver()) {
                    obey(connection, message);
                }
                done.run();
            });
        }

        @Override
        public void closed(ControllerConnection connection) {
            if (connections.remove(connection)) {
                admitted.remove(connection.endPoint());
                try {
                    turns.execute(() -> {
                        Current now = current;
                        if (now != null && now.connection() == connection) {
                            leave(now);
                        }
                    });
                } catch (RejectedExecutionException stopping) {
                    LOG.debug("The link ends with the satellite", stopping);
                }
            }
        }
    }

    private void inTurn(ControllerConnection connection, Runnable task) {
        try {
            turns.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException failure) {
                    HeddleException known = HeddleException.of(failure);
                    log(known);
                    connection.refuse(known.problem());
                }
            });
        } catch (RejectedExecutionException stopping) {
            connection.disconnect();
        }
    }

    /** Once each: who is refused tries again for ever. */
    private void log(HeddleException refusal) {
        String text = refusal.problem().text();
        if (refusal.code() == ErrorCode.INTERNAL_ERROR) {
            LOG.error("A message of the controller could not be dealt with", refusal);
        } else if (refusal.code() == ErrorCode.INVALID_INPUT) {
            // Not from a controller, and in words of its own.
            LOG.debug("Turned somebody away: {}", text);
        } else if (!text.equals(lastRefusal)) {
            lastRefusal = text;
            LOG.warn("Refused a controller: {}", text);
        }
    }

    private void greet(ControllerConnection connection, String text) {
        if (connection.isOver()) {
            return;
        }
        admission.checkProtocol(MessageReader.greeting(text));
        if (!(MessageReader.read(text) instanceof LinkMessage.Hello hello)) {
            throw new IllegalStateException("a greeting is a hello");
        }
        Current now = current;
        if (now != null && now.version().epoch() > hello.specVersion().epoch() && !hello.acceptOlder()) {
            throw Admission.staleController(
                            hello.node().value(),
                            "a controller of epoch " + now.version().epoch() + " is connected, this one is of epoch "
                                    + hello.specVersion().epoch())
                    .exception();
        }
        Optional<SpecVersion> held = admission.admit(hello, connection.key(), connection.from());
        if (now != null) {
            replace(now, hello);
        }
        admitted.add(connection.endPoint());
        current = new Current(connection, hello.specVersion(), end.follow(connection::change));
        LOG.info(
                "Following the controller at {}, epoch {}, revision {}",
                connection.from().getHostAddress(),
                hello.specVersion().epoch(),
                hello.specVersion().revision());
        connection.welcome(new LinkMessage.Welcome(LinkMessage.PROTOCOL, config.version(), config.hostName(), held));
        connection.forgetChanges();
        connection.status(end.status());
    }

    private void replace(Current old, LinkMessage.Hello hello) {
        leave(old);
        if (old.version().instance().equals(hello.specVersion().instance())) {
            old.connection().disconnect();
        } else {
            old.connection()
                    .refuse(Admission.staleController(
                            hello.node().value(),
                            "a controller of epoch " + hello.specVersion().epoch() + " has taken over"));
        }
    }

    private void leave(Current old) {
        current = null;
        try {
            old.following().close();
        } catch (Exception failure) {
            LOG.warn("The satellite did not stop to report to a controller that is gone", failure);
        }
    }

    private void obey(ControllerConnection connection, LinkMessage message) {
        if (message instanceof LinkMessage.FullSpec whole) {
            end.take(whole.spec());
            connection.stored(whole.spec().version());
        } else if (message instanceof LinkMessage.Delta change) {
            if (end.take(change.delta())) {
                connection.stored(change.delta().version());
            } else {
                connection.needFullSpec();
            }
        } else if (message instanceof LinkMessage.ActionRequest request) {
            perform(connection, request);
        } else {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "the link is closed",
                    "a controller does not send " + message.getClass().getSimpleName(),
                    "report it with the log of this time");
        }
    }

    private void perform(ControllerConnection connection, LinkMessage.ActionRequest request) {
        connection.actionStarted();
        var unused = end.perform(request.action())
                .whenComplete((done, failure) -> connection.actionEnded(
                        request.id(),
                        failure == null
                                ? Optional.empty()
                                : Optional.of(HeddleException.of(cause(failure)).problem())));
    }

    /** A stage that depends on another wraps its failure. */
    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
