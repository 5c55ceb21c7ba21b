package io.heddle.tests.bench;

import io.heddle.tests.cluster.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From the start to the first answer of REST, of an installation that has run before. */
final class StartBench {
    private static final String AIM = "2 s";
    private static final String CPU_AIM = "2.5 s";
    private static final String THEIRS = "6.3 s";
    private static final String CPU_THEIRS = "6.8 s";

    private final Report report;
    private final Place place;

    private StartBench(Report report, Place place) {
        this.report = report;
        this.place = place;
    }

    static void run(Report report, Place place) {
        StartBench bench = new StartBench(report, place);
        Path home = withArchive(place);
        bench.measure("controller", "page cache empty", home, "controller", true, true);
        bench.measure("controller", "page cache warm", home, "controller", false, true);
        bench.measure("controller and satellite", "page cache warm", home, "controller,satellite", false, true);
        bench.measure("controller, no class archive", "page cache warm", copy(place), "controller", false, false);
    }

    /** The appliance with archives of classes as {@code heddle-cds} makes them, beside the built one. */
    static Path withArchive(Place place) {
        Path home = copy(place);
        Program.Result made = Program.run(
                Duration.ofMinutes(3),
                Map.of(),
                List.of(home.resolve("bin/heddle-cds").toString()));
        if (!made.succeeded()) {
            throw new AssertionError(made.output());
        }
        return home;
    }

    /** A copy, so that the tree that was built stays as it is, and without archives. */
    private static Path copy(Place place) {
        Path home = place.directory("home");
        Program.Result copied = Program.run(
                "cp",
                "-a",
                place.home() + "/bin",
                place.home() + "/bundles",
                place.home() + "/conf",
                place.home() + "/console-lib",
                place.home() + "/lib",
                home.toString());
        if (!copied.succeeded()) {
            throw new AssertionError(copied.output());
        }
        return home;
    }

    private void measure(String what, String at, Path home, String roles, boolean cold, boolean compared) {
        Path directory = place.directory("start");
        MeasuredHeddled first = place.start(home, directory, roles);
        first.awaitUp().awaitRest();
        place.stop(first);
        int rounds = place.size(7, 2);
        double[] wall = new double[rounds];
        double[] cpu = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            if (cold) {
                Optional<String> refused = Machine.dropPageCache();
                if (refused.isPresent()) {
                    report.remark(refused.get());
                    return;
                }
            }
            MeasuredHeddled heddled = place.start(home, directory, roles);
            heddled.awaitRest();
            wall[round] = heddled.age();
            cpu[round] = heddled.cpuSeconds();
            heddled.awaitUp();
            place.stop(heddled);
        }
        Row seconds = row(what, "time to the first REST answer, " + at, wall);
        Row work = row(what, "CPU until then, " + at, cpu);
        report.add(compared ? seconds.against(AIM, THEIRS) : seconds);
        report.add(compared ? work.against(CPU_AIM, CPU_THEIRS) : work);
    }

    private static Row row(String what, String at, double[] values) {
        Arrays.sort(values);
        return new Row("start", what, at, values[values.length / 2], "s")
                .noted("median of " + values.length + ", " + Row.number(values[0]) + " to "
                        + Row.number(values[values.length - 1]));
    }
}
