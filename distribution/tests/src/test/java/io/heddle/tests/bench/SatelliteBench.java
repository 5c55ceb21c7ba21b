package io.heddle.tests.bench;

import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.Program;
import java.nio.file.Path;

/** One more resource on a node that has some: a real satellite, sparse files on real loop devices, no DRBD. */
final class SatelliteBench {
    /** DRBD goes by it, and so the controller takes no other. */
    private static final String NODE = Program.run("uname", "-n").printed();

    private static final String COMMAND = " ran '";

    private final Report report;
    private final Place place;
    private final MeasuredHeddled controller;
    private final MeasuredHeddled satellite;
    private int serial;
    private int present;
    private double firstCpu;
    private double firstWall;

    private SatelliteBench(Report report, Place place) {
        this.report = report;
        this.place = place;
        this.controller =
                place.start(place.directory("controller"), "controller").awaitRest();
        this.satellite =
                place.start(place.directory("satellite"), "satellite", "--node-name=" + NODE, "--log-level=DEBUG");
    }

    static void run(Report report, Place place) {
        if (!"root".equals(System.getProperty("user.name"))
                || !Program.run("losetup", "--find").succeeded()) {
            report.remark("satellite: left out, it needs root and loop devices");
            return;
        }
        Path pool = place.directory("pool");
        Thread hook = new Thread(() -> LoopDevices.detachBelow(pool), "end of loop devices");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            SatelliteBench bench = new SatelliteBench(report, place);
            bench.begin(pool);
            int[] sizes = place.quick() ? new int[] {1, 20} : new int[] {1, 50, 500};
            for (int size : sizes) {
                bench.measure(size);
            }
        } finally {
            place.close();
            LoopDevices.detachBelow(pool);
            Runtime.getRuntime().removeShutdownHook(hook);
        }
    }

    private void begin(Path pool) {
        satellite.awaitUp();
        try (RestClient client = new RestClient(controller.restPort())) {
            Definitions.node(client, NODE, satellite.linkPort(), "FILE_THIN", pool.toString());
        }
        // The first ones pay for classes that are loaded and compiled.
        add(4, place.size(20, 5));
        deleteLast(serial);
    }

    private void measure(int size) {
        report.progress("filling up to " + size);
        add(4, size - present);
        present = size;
        int count = place.size(20, 5);
        double cpu = satellite.cpuSeconds();
        double controllerCpu = controller.cpuSeconds();
        int commands = commands();
        Load load = add(1, count);
        double each = 1000.0 / count;
        double spent = (satellite.cpuSeconds() - cpu) * each;
        controllerCpu = (controller.cpuSeconds() - controllerCpu) * each;
        if (firstCpu == 0) {
            firstCpu = spent;
            firstWall = load.p50();
        }
        String at = size + " present, ";
        report.add(new Row("satellite", "one more resource", at + "CPU of the satellite and its commands", spent, "ms")
                .noted(Row.number(spent / firstCpu) + " times that with 1; controller " + Row.number(controllerCpu)
                        + " ms"));
        report.add(new Row("satellite", "one more resource", at + "until it is ready, median", load.p50(), "ms")
                .noted(Row.number(load.p50() / firstWall) + " times that with 1; p99 " + Row.number(load.p99())));
        report.add(new Row(
                "satellite",
                "one more resource",
                at + "commands started",
                (commands() - commands) / (double) count,
                ""));
        deleteLast(count);
    }

    /** Places more on the node; their definitions are there before, so that only the placing is timed. */
    private Load add(int clients, int count) {
        int first = serial;
        serial += count;
        Load.count(
                controller,
                clients,
                first,
                count,
                (client, number) -> Definitions.create(client, "volume-" + number, "{\"type\":\"STORAGE\"}"));
        return Load.count(
                controller,
                clients,
                first,
                count,
                (client, number) -> Definitions.placeOn(client, "volume-" + number, NODE));
    }

    private void deleteLast(int count) {
        Load.count(
                controller,
                4,
                serial - count,
                count,
                (client, number) -> Definitions.delete(client, "volume-" + number));
    }

    private int commands() {
        String log = satellite.log();
        int found = 0;
        for (int at = log.indexOf(COMMAND); at >= 0; at = log.indexOf(COMMAND, at + 1)) {
            found++;
        }
        return found;
    }
}
