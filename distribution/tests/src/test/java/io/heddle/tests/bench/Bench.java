package io.heddle.tests.bench;

import io.heddle.tests.cluster.Places;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The program {@code distribution/bench/bench}. */
public final class Bench {
    private static final String USAGE = """
            bench - measures what Heddle costs on this machine; prints a table, judges nothing

              bench [OPTIONS] [PART...]

            Parts; if none is named, all but the last two:
              start        CPU and time from the start to the first answer of REST
              memory       resident memory of a controller, a satellite, and both, at rest
              create       a definition and its volume definition, durable: 1 and 16 clients, with up to 100,000 present
              read         GET of view/resources, nodes, resource-definitions with 600 and 10,000 resources: 1 and 4 clients
              satellite    one more resource with 1, 50 and 500 present (needs root and loop devices)
              lab          30 replicated volumes on real kernels: create, tune, restart, power-on, delete (needs what the lab needs)
              many         20 and 200 of them on two nodes: what a restart and a power-on cost for each

            Options:
              --quick      small sizes and short times: to see that it runs, not for figures
              -m           the figures as JSON
              --help       this

            It starts heddled from the built appliance, on free ports of the loopback address and in directories of its own, and
            ends what it started. The table goes to stdout, progress to stderr. The generator of the load runs on the same cores.
            HEDDLE_JAVA_OPTIONS is passed on to heddled.
            """;

    private Bench() {}

    /** Runs the parts. */
    public static void main(String[] arguments) {
        boolean quick = false;
        boolean json = false;
        List<String> parts = new ArrayList<>();
        for (String argument : arguments) {
            switch (argument) {
                case "--quick" -> quick = true;
                case "-m" -> json = true;
                case "start", "memory", "create", "read", "satellite", "lab", "many" -> parts.add(argument);
                default -> {
                    boolean help = argument.equals("--help");
                    (help ? System.out : System.err).print(USAGE);
                    System.exit(help ? 0 : 2);
                }
            }
        }
        if (parts.isEmpty()) {
            parts.addAll(List.of("start", "memory", "create", "read", "satellite"));
        }
        Logger.getLogger("").setLevel(Level.WARNING);
        Path work = Places.newDirectory("bench");
        Report report = new Report(Machine.description(work));
        try {
            for (String part : parts) {
                measure(part, report, work, quick);
            }
        } finally {
            Places.remove(work);
        }
        System.out.print(json ? report.json() + "\n" : report.table());
        System.exit(0);
    }

    private static void measure(String part, Report report, Path work, boolean quick) {
        report.progress(part + ", load average " + Machine.load());
        BiConsumer<Report, Place> measured = switch (part) {
            case "start" -> StartBench::run;
            case "memory" -> MemoryBench::run;
            case "create" -> CreateBench::run;
            case "read" -> ReadBench::run;
            case "lab" -> LabBench::life;
            case "many" -> LabBench::many;
            default -> SatelliteBench::run;
        };
        double busy = Machine.busySeconds();
        long began = System.nanoTime();
        try (Place place = new Place(Places.appliance(), work, quick)) {
            measured.accept(report, place);
            double seconds = (System.nanoTime() - began) / 1e9;
            double others = Machine.busySeconds() - busy - place.cpuSeconds();
            report.remark(String.format(
                    "%s took %.0f s; other processes of the machine used %.0f %% of its cores meanwhile%s",
                    part,
                    seconds,
                    Math.max(0, 100 * others / seconds / Runtime.getRuntime().availableProcessors()),
                    quick ? "; sizes and times were those of --quick" : ""));
        }
    }
}
