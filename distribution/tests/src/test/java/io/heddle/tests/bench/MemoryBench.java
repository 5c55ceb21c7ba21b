package io.heddle.tests.bench;

import io.heddle.tests.cluster.Eventually;
import java.nio.file.Path;
import java.time.Duration;

/** Resident memory at rest. */
final class MemoryBench {
    private static final String AIM = "160 MiB";

    private final Report report;
    private final Place place;
    private final Path home;

    private MemoryBench(Report report, Place place) {
        this.report = report;
        this.place = place;
        this.home = StartBench.withArchive(place);
    }

    static void run(Report report, Place place) {
        MemoryBench bench = new MemoryBench(report, place);
        bench.atRest("controller", AIM, "313 MiB");
        bench.atRest("satellite", "120 MiB", "178-212 MiB");
        bench.atRest("controller,satellite", "", "");
        bench.withDefinitions();
    }

    private void atRest(String roles, String aim, String theirs) {
        MeasuredHeddled heddled = place.start(home, place.directory("memory"), roles);
        heddled.awaitUp();
        if (roles.contains("controller")) {
            heddled.awaitRest();
        }
        add(heddled, roles.replace(",", " and "), "just started", aim, theirs);
        place.stop(heddled);
    }

    private void withDefinitions() {
        int count = place.size(10_000, 500);
        Path directory = place.directory("memory");
        MeasuredHeddled heddled = place.start(home, directory, "controller").awaitRest();
        Load.count(heddled, 4, 0, count, (client, number) -> Definitions.create(client, "d" + number));
        String what = "controller with " + Row.number(count) + " definitions";
        add(heddled, what, "after their creation over REST", "250 MiB", "1.7 GiB");
        Load.count(heddled, 1, 0, 20, (client, number) -> client.get("/v1/resource-definitions"));
        add(heddled, what, "after 20 lists of them", "250 MiB", "1.7 GiB");
        place.stop(heddled);
        heddled = place.start(home, directory, "controller").awaitUp().awaitRest();
        add(heddled, what, "started again", "250 MiB", "1.7 GiB");
        place.stop(heddled);
    }

    private void add(MeasuredHeddled heddled, String what, String at, String aim, String theirs) {
        Duration rest = Duration.ofSeconds(place.size(30, 5));
        // Not a wait for anything: the time itself is what is measured after.
        Eventually.pause(rest);
        report.add(new Row("memory", what, at, Machine.residentMib(heddled.pid()), "MiB")
                .against(aim, theirs)
                .noted("after " + rest.toSeconds() + " s at rest"));
    }
}
