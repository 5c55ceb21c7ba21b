package io.heddle.metrics;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gauges under construction, in the order in which they were first named. */
final class Families {
    private final Map<String, GaugeMetricFamily> families = new LinkedHashMap<>();

    /** Names a gauge with its labels, so that it shows even where it has no sample yet. */
    Gauge gauge(String name, String help, String... labels) {
        GaugeMetricFamily family =
                families.computeIfAbsent(name, key -> new GaugeMetricFamily(key, help, List.of(labels)));
        return (value, values) -> family.addMetric(List.of(values), value);
    }

    List<MetricFamilySamples> samples() {
        return new ArrayList<>(families.values());
    }

    /** Takes samples of one gauge. */
    interface Gauge {
        /** Adds a sample with one value for each label. */
        void add(double value, String... labels);
    }
}
