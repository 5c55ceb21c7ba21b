package io.heddle.tests.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where one part runs: the appliance, directories of its own, and what it has started, which ends with it. */
final class Place implements AutoCloseable {
    private final Path home;
    private final Path work;
    private final boolean quick;
    private final double ownBefore = Machine.ownCpuSeconds();
    private final List<MeasuredHeddled> running = new ArrayList<>();
    private double ended;

    Place(Path home, Path work, boolean quick) {
        this.home = home;
        this.work = work;
        this.quick = quick;
    }

    /** The appliance. */
    Path home() {
        return home;
    }

    boolean quick() {
        return quick;
    }

    /** {@code small} with --quick, else {@code usual}. */
    int size(int usual, int small) {
        return quick ? small : usual;
    }

    /** A new empty directory. */
    Path directory(String name) {
        try {
            return Files.createTempDirectory(work, name + "-");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts one of the appliance as it was built. */
    MeasuredHeddled start(Path directory, String roles, String... more) {
        return start(home, directory, roles, more);
    }

    /** Starts one of a copy of the appliance. */
    MeasuredHeddled start(Path otherHome, Path directory, String roles, String... more) {
        MeasuredHeddled started = MeasuredHeddled.start(otherHome, directory, roles, more);
        running.add(started);
        return started;
    }

    /** Ends it and remembers what it cost. */
    void stop(MeasuredHeddled heddled) {
        ended += heddled.cpuSeconds();
        running.remove(heddled);
        heddled.close();
    }

    /** CPU seconds of everything that belongs to the part, this program among it. */
    double cpuSeconds() {
        return ended
                + running.stream().mapToDouble(MeasuredHeddled::cpuSeconds).sum()
                + Machine.ownCpuSeconds()
                - ownBefore;
    }

    @Override
    public void close() {
        List.copyOf(running).forEach(this::stop);
    }
}
