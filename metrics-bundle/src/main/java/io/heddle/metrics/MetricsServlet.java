package io.heddle.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.Writer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** Writes the registry in the text form that Prometheus asks for. */
final class MetricsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient CollectorRegistry registry;

    MetricsServlet(CollectorRegistry registry) {
        this.registry = registry;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String type = TextFormat.chooseContentType(request.getHeader("Accept"));
        response.setContentType(type);
        String[] names = request.getParameterValues("name[]");
        Set<String> wanted = names == null ? Set.of() : new HashSet<>(Arrays.asList(names));
        try (Writer writer = response.getWriter()) {
            TextFormat.writeFormat(type, writer, registry.filteredMetricFamilySamples(wanted));
        }
    }
}
