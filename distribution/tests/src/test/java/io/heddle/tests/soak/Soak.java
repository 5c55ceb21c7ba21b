package io.heddle.tests.soak;

import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.LoopDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The program {@code distribution/lab/soak}. */
public final class Soak {
    private static final String USAGE = """
            soak - kills controllers, satellites and nodes at random moments, and looks whether anything is lost or left over

              soak [OPTIONS] [PART...]

            Parts, all of them if none is named:
              machine       controller and satellite on this machine, files on loop devices
              lab           satellites in virtual nodes, LVM thin pools, DRBD; power cuts too
              writer        a writer on the Primary of one volume in the lab; cuts of the network, power cuts, satellites killed
              controllers   a store rolled back to an older copy, and two copies of one controller

            Options:
              --seed=N          what decides the moments (drawn and printed if not given)
              --rounds=N        how often something is killed on the machine (50)
              --lab-rounds=N    how often in the lab (8)
              --writer-rounds=N how often something befalls the writer's nodes (20)
              --operations=N    how many creations and how many deletions at least on the machine (30), in the lab a third

            Needs root. The last line tells the counts; exit code 0: nothing failed.
            """;

    private int passed;
    private int failed;
    private int skipped;

    private Soak() {}

    /** Runs the parts. */
    public static void main(String[] arguments) {
        long seed = System.nanoTime() % 1_000_000;
        int rounds = 50;
        int labRounds = 8;
        int writerRounds = 20;
        int operations = 30;
        List<String> parts = new ArrayList<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String value = argument.substring(equals + 1);
            switch (equals < 0 ? argument : argument.substring(0, equals)) {
                case "--seed" -> seed = Long.parseLong(value);
                case "--rounds" -> rounds = Integer.parseInt(value);
                case "--lab-rounds" -> labRounds = Integer.parseInt(value);
                case "--writer-rounds" -> writerRounds = Integer.parseInt(value);
                case "--operations" -> operations = Integer.parseInt(value);
                case "machine", "lab", "writer", "controllers" -> parts.add(argument);
                default -> {
                    System.out.print(USAGE);
                    System.exit(argument.equals("--help") ? 0 : 2);
                }
            }
        }
        if (parts.isEmpty()) {
            parts.addAll(List.of("machine", "controllers", "lab", "writer"));
        }
        Soak soak = new Soak();
        for (String part : parts) {
            long drawn = seed;
            int befalls = writerRounds;
            int kills = part.equals("lab") ? labRounds : rounds;
            int least = part.equals("lab") ? (operations + 2) / 3 : operations;
            System.out.println("---- " + part + ", seed " + seed);
            switch (part) {
                case "machine" ->
                    soak.part(part, LoopDevices.whyNot(), () -> soak(new MachineGround(), drawn, kills, least));
                case "lab" -> soak.part(part, Lab.whyNot(), () -> soak(new LabGround(), drawn, kills, least));
                case "writer" -> soak.part(part, Lab.whyNot(), () -> WriterRounds.run(drawn, befalls));
                default -> soak.part(part, LoopDevices.whyNot(), OlderControllers::run);
            }
        }
        System.out.println(soak.passed + " passed, " + soak.failed + " failed, " + soak.skipped + " skipped");
        System.exit(soak.failed == 0 ? 0 : 1);
    }

    static String soak(Ground ground, long seed, int kills, int operations) {
        try (ground) {
            return new SoakRun(ground, seed, kills, operations).run();
        }
    }

    private void part(String name, Optional<String> whyNot, Supplier<String> run) {
        if (whyNot.isPresent()) {
            skipped++;
            System.out.println("skipped: " + name + ": " + whyNot.get());
            return;
        }
        long began = System.nanoTime();
        try {
            System.out.println("passed: " + run.get());
            passed++;
        } catch (AssertionError | RuntimeException wrong) {
            failed++;
            System.out.println("FAILED: " + name);
            wrong.printStackTrace(System.out);
        }
        System.out.println(name + ": " + (System.nanoTime() - began) / 1_000_000_000 + " s");
    }
}
