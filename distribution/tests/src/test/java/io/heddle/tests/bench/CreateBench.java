package io.heddle.tests.bench;

import java.nio.file.Path;
import java.util.Map;

/** A definition and its volume definition, each durable when it is answered: two requests, two commits. */
final class CreateBench {
    private static final int MANY = 16;
    private static final Map<Integer, String> THEIRS = Map.of(1_000, "5.6 ms", 10_000, "20.6 ms");

    private final Report report;
    private final Place place;
    private final MeasuredHeddled controller;
    private int serial;
    private int present;
    private double firstMedian;
    private double firstRate;

    private CreateBench(Report report, Place place, Path directory) {
        this.report = report;
        this.place = place;
        this.controller = place.start(directory, "controller").awaitRest();
    }

    static void run(Report report, Place place) {
        Path directory = place.directory("create");
        report.add(new Row(
                        "create",
                        "the disk itself",
                        "4 KiB appended and fdatasync, median",
                        Machine.syncMillis(directory),
                        "ms")
                .noted("a durable change cannot cost less"));
        CreateBench bench = new CreateBench(report, place, directory);
        bench.warmUp();
        int[] sizes = place.quick() ? new int[] {0, 1_000} : new int[] {0, 1_000, 10_000, 100_000};
        for (int size : sizes) {
            bench.measure(size);
        }
    }

    private void warmUp() {
        create(MANY, place.size(10_000, 500));
    }

    /** Creates some and deletes them again. */
    private Load create(int clients, int count) {
        int first = serial;
        serial += count;
        Load load = Load.count(
                controller, clients, first, count, (client, number) -> Definitions.create(client, "d" + number));
        Load.count(controller, 4, first, count, (client, number) -> Definitions.delete(client, "d" + number));
        return load;
    }

    private void measure(int size) {
        report.progress("filling up to " + size);
        Load.count(
                controller,
                4,
                present,
                size - present,
                (client, number) -> Definitions.create(client, "kept" + number));
        present = size;
        String at = Row.number(size).replaceFirst("\\.00$", "") + " present, ";
        Load one = create(1, place.size(2_000, 200));
        Load many = create(MANY, place.size(20_000, 1_000));
        if (size == 0) {
            firstMedian = one.p50();
            firstRate = many.perSecond();
        }
        report.add(new Row("create", "definition + volume definition", at + "1 client, median", one.p50(), "ms")
                .against("1 ms", THEIRS.getOrDefault(size, ""))
                .noted("p99 " + Row.number(one.p99()) + " ms; " + costs(one) + "; "
                        + Row.number(one.p50() / firstMedian) + " times that with none"));
        report.add(new Row("create", "definition + volume definition", at + MANY + " clients", many.perSecond(), "/s")
                .against("5,000 /s", "260 /s")
                .noted("p99 " + Row.number(many.p99()) + " ms; " + costs(many) + "; "
                        + Row.number(many.perSecond() / firstRate) + " times that with none"));
    }

    private static String costs(Load load) {
        return "CPU of each: controller " + Row.number(load.serverCpu()) + " ms, generator "
                + Row.number(load.clientCpu()) + " ms";
    }
}
