package io.heddle.rest;

import io.heddle.core.model.LinkEncryption;
import io.heddle.rest.access.AccessFilter;
import io.heddle.rest.access.AccessRules;
import io.heddle.rest.reply.Answers;
import jakarta.servlet.DispatcherType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.glassfish.jersey.servlet.ServletContainer;

/** The servlets and the filter of REST on a Jetty of their own, on a free port of loopback. */
final class RestServer implements AutoCloseable {
    final ClusterServices services = new ClusterServices();
    volatile AccessRules rules = AccessRules.CLOSED;

    // Kept, since a logger that nobody holds forgets its level.
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    static {
        JETTY.setLevel(Level.WARNING);
    }

    private final HttpClient client = HttpClient.newHttpClient();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService answering = Executors.newFixedThreadPool(2);
    private final Server server = new Server();
    private final ServerConnector connector;
    private final WaitingRoom room;

    RestServer(Duration patience, int port) throws Exception {
        connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        connector.setAcceptQueueSize(1024);
        server.addConnector(connector);
        Clock clock = Clock.systemUTC();
        ServletContextHandler handler = new ServletContextHandler();
        handler.setContextPath("/");
        FilterHolder filter = new FilterHolder(new AccessFilter(() -> rules, "here", clock));
        filter.setAsyncSupported(true);
        handler.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
        ServletContainer jersey =
                new ServletContainer(new RestApplication(services, new Answers(clock, answering), LinkEncryption.TLS));
        room = new WaitingRoom(jersey, () -> {}, services, timer, patience, clock);
        add(handler, new ServletHolder(room), "/v1/*");
        add(handler, new ServletHolder(new HealthServlet(services)), "/health");
        server.setHandler(handler);
        server.start();
    }

    private static void add(ServletContextHandler handler, ServletHolder servlet, String pattern) {
        servlet.setAsyncSupported(true);
        handler.addServlet(servlet, pattern);
    }

    /** A server with a cluster behind it. */
    static RestServer serving(MemoryCluster cluster) throws Exception {
        RestServer server = new RestServer(Duration.ofMinutes(1), 0);
        server.bring(cluster);
        return server;
    }

    void bring(MemoryCluster cluster) {
        services.cluster(cluster);
        services.view(cluster);
    }

    void take(MemoryCluster cluster) {
        services.withoutCluster(cluster);
        services.withoutView(cluster);
    }

    /** Ends REST while the HTTP server runs on, as an update of its bundle does. */
    void withdraw() {
        room.destroy();
    }

    int port() {
        return connector.getLocalPort();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofMinutes(2));
    }

    Answer get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    Answer post(String path, String body) throws Exception {
        return send(request(path).POST(BodyPublishers.ofString(body)).build());
    }

    Answer put(String path, String body) throws Exception {
        return send(request(path).PUT(BodyPublishers.ofString(body)).build());
    }

    Answer delete(String path) throws Exception {
        return send(request(path).DELETE().build());
    }

    Answer send(HttpRequest request) throws Exception {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body(), response.headers());
    }

    HttpClient client() {
        return client;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server does not stop", e);
        }
        timer.shutdownNow();
        answering.shutdownNow();
    }
}
