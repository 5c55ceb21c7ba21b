package io.heddle.rest;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * {@code /health}: 200 while this controller serves, 503 otherwise, at once. Clients with several controllers take the first that
 * answers 200, so one that is away or on standby must not.
 */
final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient ClusterServices services;

    HealthServlet(ClusterServices services) {
        this.services = services;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean serving = services.present();
        response.setStatus(serving ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setContentType("text/plain");
        response.getOutputStream()
                .write((serving ? "Heddle serves\n" : "the controller is away\n").getBytes(StandardCharsets.UTF_8));
    }
}
