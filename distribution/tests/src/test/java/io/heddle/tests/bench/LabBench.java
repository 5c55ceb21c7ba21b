package io.heddle.tests.bench;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.TestCluster;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Replicated volumes in the lab: nodes with kernels of their own, LVM thin pools, real DRBD. */
final class LabBench {
    private static final String SIZE = "64M";

    /** A command in a satellite's log: its program and the first argument that is no option. */
    private static final Pattern RAN = Pattern.compile("ran '(?:\\S*/)?([^ ']+(?: [a-z][a-z0-9-]*)?)");

    private final Report report;
    private final Lab lab;
    private final TestCluster cluster;
    private final String part;
    private int present;

    private LabBench(Report report, Lab lab, TestCluster cluster, String part) {
        this.report = report;
        this.lab = lab;
        this.cluster = cluster;
        this.part = part;
    }

    /** CPU seconds of a satellite: of itself, and of the commands that it has run. */
    private record Spent(double own, double commands) {
        double all() {
            return own + commands;
        }

        Spent since(Spent before) {
            return new Spent(own - before.own, commands - before.commands);
        }
    }

    /** Replicas on every node of three, or on two of them with DRBD 8.4. */
    static void life(Report report, Place place) {
        run(report, place, "lab", Lab.hasDrbd9() ? 3 : 2, bench -> bench.life(place.size(30, 3)));
    }

    /** Many resources on two nodes: whether coming back costs the same for each. */
    static void many(Report report, Place place) {
        run(report, place, "many", 2, bench -> {
            Back none = bench.back(0);
            int little = place.size(20, 2);
            int much = place.size(200, 4);
            Back few = bench.back(little);
            Back many = bench.back(much);
            bench.commands(much);
            bench.compare("satellite killed and started", none.restart, few.restart, many.restart, little, much);
            bench.compare("node power-on", none.powerOn, few.powerOn, many.powerOn, little, much);
        });
    }

    /**
     * What a satellite runs at its start: one list of the pool for all, and the state of DRBD at once. It is started anew, with a
     * log that has all commands: outside of what is measured.
     */
    private void commands(int count) {
        String node = lab.nodes().get(0);
        cluster.satellites().get(node).kill();
        HeddledInLab telling = new HeddledInLab(lab, node, Places.appliance(), "--log-level=DEBUG");
        telling.start();
        awaitAll("", count, System.nanoTime());
        SortedMap<String, Integer> counts = new TreeMap<>();
        Matcher ran = RAN.matcher(telling.log());
        while (ran.find()) {
            counts.merge(ran.group(1), 1, Integer::sum);
        }
        counts.forEach((command, number) -> report.add(
                new Row(part, "'" + command + "' at a satellite's start", count + " resources", number, "")));
    }

    private void compare(String what, double none, double few, double many, int little, int much) {
        double eachOfFew = 1000 * (few - none) / little;
        double eachOfMany = 1000 * (many - none) / much;
        report.add(new Row(part, what + ", CPU of the satellite for each", little + " resources", eachOfFew, "ms")
                .noted("beside " + Row.number(none) + " s with none"));
        report.add(new Row(part, what + ", CPU of the satellite for each", much + " resources", eachOfMany, "ms")
                .against("1.2 times that of " + little, "")
                .noted(Row.number(eachOfMany / eachOfFew) + " times that of " + little));
    }

    /** CPU seconds of a satellite from its start until all is UpToDate: killed and started, and after its node lost its power. */
    private record Back(double restart, double powerOn) {}

    private interface Measured {
        void by(LabBench bench);
    }

    private static void run(Report report, Place place, String part, int nodes, Measured measured) {
        Optional<String> whyNot = Lab.whyNot();
        if (whyNot.isPresent()) {
            report.remark(part + ": left out: " + whyNot.get());
            return;
        }
        Path directory = place.directory(part);
        try (Lab lab = new Lab(nodes);
                TestCluster cluster = TestCluster.inLab(lab, directory)) {
            report.remark(part + ": " + nodes + " nodes, "
                    + lab.exec(lab.nodes().get(0), "head -n 1 /proc/drbd").strip());
            measured.by(new LabBench(report, lab, cluster, part));
        }
    }

    private static String name(int number) {
        return "volume-" + number;
    }

    private int replicas() {
        return lab.nodes().size();
    }

    private void life(int count) {
        for (int number = 1; number <= count; number++) {
            boolean told = number == 1 || number == (count + 2) / 3 || number == count;
            SortedMap<String, Spent> before = told ? spent() : new TreeMap<>();
            long began = System.nanoTime();
            add();
            double seconds = secondsSince(began);
            if (told) {
                SortedMap<String, Spent> now = spent();
                Spent most = lab.nodes().stream()
                        .map(node -> now.get(node).since(before.get(node)))
                        .max(Comparator.comparingDouble(Spent::all))
                        .orElseThrow();
                report.add(new Row(part, "create until UpToDate everywhere", "resource " + number, seconds, "s")
                        .against("a fifth", "16-21 s, 10 CPU s a satellite")
                        .noted(cpu(most)));
            }
        }
        optionChange(count);
        back(count);
        double[] times = new double[count];
        for (int number = 1; number <= count; number++) {
            String gone = name(number);
            long began = System.nanoTime();
            cluster.done(beans -> beans.deleteResourceDefinition(gone));
            cluster.awaitGone(gone);
            times[number - 1] = secondsSince(began);
        }
        Arrays.sort(times);
        report.add(new Row(part, "delete", "median of " + count, times[count / 2], "s")
                .against("a fifth", "2.5-3.5 s")
                .noted("longest " + Row.number(times[count - 1]) + " s"));
    }

    private void add() {
        present++;
        String made = name(present);
        cluster.create(made, SIZE, replicas());
        cluster.awaitState(made, "UpToDate");
    }

    /** An option of the controller, until DRBD itself has it for every resource on every node. */
    private void optionChange(int count) {
        long began = System.nanoTime();
        cluster.done(beans -> beans.setDrbdOptions("controller", "max-buffers=36864"));
        for (String node : lab.nodes()) {
            int connections = count * (replicas() - 1);
            Eventually.nothingIsMissing(() -> {
                String seen = lab.exec(node, "drbdsetup show | grep -c 'max-buffers.*36864' || true");
                return seen.equals(Integer.toString(connections)) ? Optional.empty() : Optional.of(node + ": " + seen);
            });
        }
        report.add(new Row(
                        part,
                        "an option of the controller until DRBD has it",
                        count + " resources",
                        secondsSince(began),
                        "s")
                .against("a fifth", "28 s"));
    }

    /** A satellite killed, then a node that has lost its power. */
    private Back back(int count) {
        while (present < count) {
            add();
        }
        String node = lab.nodes().get(0);
        Heddled satellite = cluster.satellites().get(node);
        satellite.kill();
        long began = System.nanoTime();
        satellite.start();
        Row restart = awaitAll("satellite killed and started, until all are UpToDate", count, began);
        Spent restarted = spent(node);
        report.add(restart.noted(cpu(restarted)));
        lab.cutPower(node);
        began = System.nanoTime();
        lab.powerOn(node);
        double booted = secondsSince(began);
        satellite.start();
        Row powerOn = awaitAll("node power-on until all are UpToDate", count, began);
        Spent started = spent(node);
        report.add(powerOn.noted(cpu(started) + "; the boot itself " + Row.number(booted) + " s"));
        return new Back(restarted.all(), started.all());
    }

    private Row awaitAll(String what, int count, long began) {
        cluster.awaitOnline();
        Eventually.nothingIsMissing(() -> cluster.ask(ClusterMXBean::listResources).stream()
                .filter(row -> !row.state().equals("UpToDate")
                        || !row.connections().equals("Ok")
                        || !row.phase().equals("READY"))
                .map(ResourceRow::toString)
                .findFirst());
        Row row = new Row(part, what, count + " resources", secondsSince(began), "s");
        if (!part.equals("lab")) {
            return row;
        }
        return row.against("a fifth", what.startsWith("node") ? "151 s" : "55 s");
    }

    private static String cpu(Spent spent) {
        return "CPU of the satellite " + Row.number(spent.own) + " s, of its commands " + Row.number(spent.commands)
                + " s";
    }

    private SortedMap<String, Spent> spent() {
        SortedMap<String, Spent> all = new TreeMap<>();
        lab.nodes().forEach(node -> all.put(node, spent(node)));
        return all;
    }

    private Spent spent(String node) {
        String stat = lab.exec(node, "cat /proc/$(cat " + HeddledInLab.process("satellite") + ")/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new Spent(
                (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0,
                (Long.parseLong(fields[13]) + Long.parseLong(fields[14])) / 100.0);
    }

    private static double secondsSince(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
