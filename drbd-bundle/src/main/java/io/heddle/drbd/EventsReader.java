package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.command.RunningCommand;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one {@code drbdsetup events2} running and tells a listener what it says, on one thread of its own. The process is
 * started again, with back-off, when it ends or prints what cannot be read; {@code drbdsetup} loads the module by itself
 * where it can. The process never outlives the reader.
 */
final class EventsReader implements AutoCloseable {
    /**
     * How patient the reader is.
     *
     * @param firstRetry pause before the first new start, doubled for each that follows
     * @param lastRetry the longest pause; a stream that ran for longer than this begins at the first pause again
     * @param settling how long lines must have stopped before a state is told: one change of DRBD's comes as several lines
     * @param resync how often a syncing resource is looked at, since DRBD 8.4 tells no progress
     */
    record Pace(Duration firstRetry, Duration lastRetry, Duration settling, Duration resync) {
        static final Pace USUAL =
                new Pace(Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofMillis(10), Duration.ofSeconds(3));
    }

    private static final Logger LOG = LoggerFactory.getLogger(EventsReader.class);
    private static final Set<ReplicationState> SYNCING = Collections.unmodifiableSet(EnumSet.of(
            ReplicationState.SYNC_SOURCE,
            ReplicationState.SYNC_TARGET,
            ReplicationState.VERIFY_S,
            ReplicationState.VERIFY_T));
    /** A stream of many lines is told at least this often, though it never settles. */
    private static final Duration UNSETTLED = Duration.ofMillis(200);

    /** How long a listener that hangs is waited for. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    /** What arrives at the reader's thread. Lines of an earlier process are told by its number. */
    private sealed interface Arrival {
        record Line(int process, String text) implements Arrival {}

        record Ended(int process, CommandResult result) implements Arrival {}

        record Look(String resource) implements Arrival {}
    }

    private final DrbdTools tools;
    private final Function<String, Optional<KernelState.FileFacts>> files;
    private final ReplicationListener listener;
    private final Pace pace;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private final AtomicLong unreadableLines = new AtomicLong();

    // Of the reader's thread only.
    private int process;
    private boolean complete;
    private KernelState state;
    private final Set<String> touched = new TreeSet<>();
    private final Map<String, ReplicationStatus> told = new HashMap<>();
    private final Set<String> syncing = new HashSet<>();

    EventsReader(
            DrbdTools tools,
            Function<String, Optional<KernelState.FileFacts>> files,
            ReplicationListener listener,
            Pace pace) {
        this.tools = tools;
        this.files = files;
        this.listener = listener;
        this.pace = pace;
        this.state = new KernelState(files);
        this.thread = new Thread(this::run, "drbd-events");
        thread.setDaemon(true);
    }

    /** Starts reading. */
    EventsReader start() {
        thread.start();
        return this;
    }

    /** Looks at one resource afresh, soon: DRBD sends no event for a change of size on the node that made it. */
    void look(String resource) {
        arrivals.add(new Arrival.Look(resource));
    }

    /** Lines so far that could not be read. */
    long unreadableLines() {
        return unreadableLines.get();
    }

    /** Ends the process and the thread; the listener is told nothing more. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration pause = pace.firstRetry;
        while (!closed) {
            long begin = System.nanoTime();
            Optional<Problem> problem = readOneProcess();
            problem.ifPresent(this::tellUnknown);
            if (System.nanoTime() - begin > pace.lastRetry.toNanos()) {
                pause = pace.firstRetry;
            }
            try {
                TimeUnit.NANOSECONDS.sleep(closed ? 0 : pause.toNanos());
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            pause = pause.multipliedBy(2).compareTo(pace.lastRetry) > 0 ? pace.lastRetry : pause.multipliedBy(2);
        }
    }

    /** Reads until the process ends or cannot be read any more; empty if the reader is closed. */
    private Optional<Problem> readOneProcess() {
        process++;
        complete = false;
        state = new KernelState(files);
        touched.clear();
        told.clear();
        syncing.clear();
        int number = process;
        Optional<RunningCommand> running = Optional.empty();
        try {
            running = Optional.of(tools.events(
                    line -> arrivals.add(new Arrival.Line(number, line)),
                    result -> arrivals.add(new Arrival.Ended(number, result))));
            return readUntilProblem();
        } catch (InterruptedException e) {
            return Optional.empty();
        } catch (HeddleException e) {
            return Optional.of(e.problem());
        } finally {
            running.ifPresent(RunningCommand::close);
        }
    }

    private Optional<Problem> readUntilProblem() throws InterruptedException {
        long firstTouch = 0;
        long nextLook = System.nanoTime() + pace.resync.toNanos();
        Optional<Problem> problem = Optional.empty();
        while (!closed && problem.isEmpty()) {
            Arrival arrival = arrivals.poll(
                    touched.isEmpty() ? waitForLook(nextLook) : pace.settling.toNanos(), TimeUnit.NANOSECONDS);
            boolean unsettled = !touched.isEmpty() && System.nanoTime() - firstTouch > UNSETTLED.toNanos();
            if (arrival == null || unsettled) {
                problem = tellChanges();
            }
            if (arrival == null && !syncing.isEmpty() && System.nanoTime() >= nextLook) {
                lookAtSyncing();
                nextLook = System.nanoTime() + pace.resync.toNanos();
            }
            firstTouch = touched.isEmpty() ? System.nanoTime() : firstTouch;
            if (arrival != null && problem.isEmpty()) {
                problem = take(arrival);
            }
        }
        return problem;
    }

    private Optional<Problem> take(Arrival arrival) {
        if (arrival instanceof Arrival.Line line && line.process() == process) {
            return take(line.text());
        }
        if (arrival instanceof Arrival.Ended ended && ended.process() == process) {
            return Optional.of(ended(ended.result()));
        }
        if (arrival instanceof Arrival.Look look && complete) {
            lookNow(look.resource());
        }
        return Optional.empty();
    }

    private long waitForLook(long nextLook) {
        return syncing.isEmpty() ? Long.MAX_VALUE : Math.max(0, nextLook - System.nanoTime());
    }

    private Optional<Problem> take(String line) {
        if (line.isBlank()) {
            return Optional.empty();
        }
        Optional<Events2Parser.Event> event = Events2Parser.parse(line);
        try {
            if (event.isEmpty()) {
                throw new IllegalArgumentException("it is not of the form that is known");
            }
            state.apply(event.get());
            if (event.get().endsDump()) {
                complete = true;
                List<ReplicationStatus> all = state.all();
                all.forEach(this::remember);
                touched.clear();
                tell(() -> listener.present(all));
            } else {
                touched.add(event.get().resource());
            }
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(unreadable(line, e));
        }
    }

    private Problem unreadable(String line, IllegalArgumentException why) {
        long lines = unreadableLines.incrementAndGet();
        Problem problem = new Problem(
                ErrorCode.OUTPUT_UNREADABLE,
                "cannot read what drbdsetup events2 tells",
                "'" + line + "': " + why.getMessage() + "; such lines so far: " + lines,
                "all is read anew by itself; if it stays, report the line with the versions of DRBD and drbd-utils");
        LOG.error("{}", problem.text());
        return problem;
    }

    private Optional<Problem> tellChanges() {
        if (!complete) {
            return Optional.empty();
        }
        for (String name : touched) {
            try {
                tellChange(name, state.resource(name));
            } catch (IllegalArgumentException e) {
                return Optional.of(unreadable("resource " + name, e));
            }
        }
        touched.clear();
        return Optional.empty();
    }

    private void tellChange(String name, Optional<ReplicationStatus> now) {
        if (now.isEmpty()) {
            syncing.remove(name);
            if (told.remove(name) != null) {
                tell(() -> listener.gone(name));
            }
        } else if (!now.get().equals(told.get(name))) {
            remember(now.get());
            tell(() -> listener.changed(now.get()));
        }
    }

    private void remember(ReplicationStatus status) {
        told.put(status.resource(), status);
        boolean syncs = status.connections().stream()
                .flatMap(connection -> connection.volumes().stream())
                .anyMatch(volume -> SYNCING.contains(volume.replication()));
        if (syncs) {
            syncing.add(status.resource());
        } else {
            syncing.remove(status.resource());
        }
    }

    /** One process, however many resources sync. */
    private void lookAtSyncing() {
        if (syncing.size() == 1) {
            syncing.forEach(this::lookNow);
            return;
        }
        look(tools::eventsNow, List.copyOf(syncing));
    }

    /** Puts a fresh dump of one resource in the place of what the events said. */
    private void lookNow(String resource) {
        look(() -> tools.eventsNow(resource), List.of(resource));
    }

    private void look(Supplier<CommandResult> look, List<String> resources) {
        try {
            CommandResult dump = look.get();
            if (!dump.succeeded()) {
                LOG.debug("resources {} are not looked at: {}", resources, dump.explanation());
                return; // gone meanwhile, as an event will tell
            }
            KernelState fresh = new KernelState(files);
            for (String line : dump.output().lines().toList()) {
                fresh.apply(Events2Parser.parse(line)
                        .orElseThrow(() -> new IllegalArgumentException("'" + line + "' cannot be read")));
            }
            for (String resource : resources) {
                state.replace(resource, fresh);
                touched.add(resource);
            }
        } catch (HeddleException | IllegalArgumentException e) {
            LOG.warn("resources {} cannot be looked at afresh: {}", resources, e.getMessage());
        }
    }

    private Problem ended(CommandResult result) {
        ErrorCode code =
                Failure.of(result) == Failure.NO_MODULE ? ErrorCode.MODULE_ABSENT : ErrorCode.OBSERVATION_FAILED;
        return new Problem(
                code,
                "the state of DRBD is not known",
                result.explanation(),
                "it is started again by itself; see whether the module is loaded and drbd-utils are installed");
    }

    private void tellUnknown(Problem problem) {
        LOG.warn("{}", problem.text());
        tell(() -> listener.unknown(problem));
    }

    private void tell(Runnable call) {
        if (closed) {
            return;
        }
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.error("the listener of DRBD's state failed", e);
        }
    }
}
