package io.heddle.tests.bench;

import java.time.Duration;
import java.util.List;

/** Lists over REST, with resources that stand-in satellites report as good. */
final class ReadBench {
    private static final int NODES = 12;
    private static final int REPLICAS = 2;

    private final Report report;
    private final Place place;
    private final MeasuredHeddled controller;
    private int definitions;

    private ReadBench(Report report, Place place) {
        this.report = report;
        this.place = place;
        this.controller = place.start(place.directory("read"), "controller").awaitRest();
    }

    static void run(Report report, Place place) {
        ReadBench bench = new ReadBench(report, place);
        try (StandInSatellites satellites = new StandInSatellites(place.directory("satellites"))) {
            try (RestClient client = new RestClient(bench.controller.restPort())) {
                for (int node = 1; node <= NODES; node++) {
                    Definitions.node(client, "n" + node, satellites.start("n" + node), "LVM_THIN", "vg0/thin");
                }
            }
            bench.measure(place.size(600, 60));
            bench.measure(place.size(10_000, 600));
        }
    }

    private static String node(int number) {
        return "n" + (1 + number % NODES);
    }

    private void measure(int resources) {
        int wanted = resources / REPLICAS;
        report.progress("placing " + resources + " resources on " + NODES + " nodes");
        Load placing = Load.count(controller, 4, definitions, wanted - definitions, (client, number) -> {
            String name = "volume-" + number;
            Definitions.create(client, name);
            // In turn: placed by free space, where nothing fills up, all would go to the same two.
            Definitions.place(client, name, List.of(node(REPLICAS * number), node(REPLICAS * number + 1)));
        });
        report.progress(Row.number(placing.perSecond()) + " definitions placed per second, median "
                + Row.number(placing.p50()) + " ms");
        definitions = wanted;
        String at = Row.number(resources) + " resources on " + NODES + " nodes, ";
        boolean few = resources == 600;
        boolean many = resources == 10_000;
        measure(
                "view/resources",
                at,
                few ? "p99 10 ms" : "",
                few ? "p50 1,200 ms" : "",
                few ? "500 /s" : "",
                few ? "<1 /s" : "");
        measure("nodes", at, "", "", "", "");
        measure("resource-definitions", at, many ? "p50 3 ms" : "", many ? "p50 30 ms" : "", "", "");
        measure("resource-definitions?with_volume_definitions=true", at, "", "", "", "");
    }

    private void measure(String path, String at, String aim, String theirs, String rateAim, String rateTheirs) {
        for (int clients : new int[] {1, 4}) {
            Load.Operation list = (client, number) -> client.get("/v1/" + path);
            Load.during(controller, clients, Duration.ofSeconds(place.size(4, 1)), list);
            Load load = Load.during(controller, clients, Duration.ofSeconds(place.size(10, 2)), list);
            String with = at + clients + (clients == 1 ? " client" : " clients");
            report.add(new Row("read", path, with + ", p50", load.p50(), "ms")
                    .against(aim.startsWith("p50") ? aim : "", theirs)
                    .noted(size(path) + "; CPU of each: controller " + Row.number(load.serverCpu()) + " ms, generator "
                            + Row.number(load.clientCpu()) + " ms"));
            report.add(new Row("read", path, with + ", p99", load.p99(), "ms")
                    .against(aim.startsWith("p99") ? aim : "", ""));
            report.add(new Row("read", path, with, load.perSecond(), "/s").against(rateAim, rateTheirs));
        }
    }

    private String size(String path) {
        try (RestClient client = new RestClient(controller.restPort())) {
            client.get("/v1/" + path);
            return "an answer has " + Row.number(client.length() / 1024.0) + " KiB";
        }
    }
}
