package io.heddle.satellite;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.plan.Plan;
import io.heddle.core.plan.Step;
import io.heddle.core.plan.StepText;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the resources of one name match their specs, one step at a time: looks, plans, does, until nothing is left to do. Of
 * several incarnations of the name the tombstones come first. It takes no thread while it waits, and tries for ever.
 */
final class ResourceWorker {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceWorker.class);
    /** More plans in a row than any sound sequence needs; the rest comes after a pause. */
    private static final int PLANS_IN_A_ROW = 30;
    /** What waits for events is looked at now and then nevertheless. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(60);
    /** DRBD's events come a little after the command that caused them has ended. */
    private static final Duration EVENTS_COME_WITHIN = Duration.ofSeconds(3);

    private enum State {
        IDLE,
        QUEUED,
        RUNNING,
        RUNNING_AGAIN
    }

    private final ResourceName name;
    private final Workshop shop;
    private final Supplier<Optional<NodeSpec>> spec;
    private final Consumer<UUID> changed;
    private final Surveyor surveyor;

    // Guarded by this.
    private final Map<UUID, Unit> units = new TreeMap<>();
    private final Queue<Runnable> actions = new ArrayDeque<>();
    private State state = State.IDLE;
    private boolean atOnce;
    private @Nullable ScheduledFuture<?> retry;

    /**
     * @param spec the node's spec, for the cluster and its pools
     * @param changed is told whose status is another
     */
    ResourceWorker(ResourceName name, Workshop shop, Supplier<Optional<NodeSpec>> spec, Consumer<UUID> changed) {
        this.name = name;
        this.shop = shop;
        this.spec = spec;
        this.changed = changed;
        this.surveyor = new Surveyor(shop);
    }

    /** Takes an incarnation, or a change of one; wakes it. */
    synchronized Unit want(Unit.Wanted wanted) {
        Unit unit = units.get(wanted.spec().uuid());
        if (unit == null) {
            unit = new Unit(wanted, shop.clock());
            units.put(unit.uuid(), unit);
        } else {
            unit.want(wanted);
        }
        wake(true);
        return unit;
    }

    /** Takes an incarnation away that no spec names any more; nothing is done to it. */
    synchronized void drop(UUID uuid) {
        units.remove(uuid);
        wake(true);
    }

    /** Whether it has no resource any more and does nothing. */
    synchronized boolean isIdle() {
        return units.isEmpty() && actions.isEmpty() && state == State.IDLE;
    }

    synchronized List<UUID> uuids() {
        return List.copyOf(units.keySet());
    }

    /** The kernel has lost the resource: what was adjusted is not any more. */
    synchronized void lostInKernel() {
        units.values().forEach(unit -> {
            unit.adjusted = false;
            unit.cutOffs.lostInKernel();
        });
        wake(false);
    }

    /**
     * Has it look and plan soon.
     *
     * @param atOnce whether what failed is tried again now, and not only when its time has come
     */
    synchronized void wake(boolean atOnce) {
        this.atOnce |= atOnce;
        if (state == State.IDLE) {
            state = State.QUEUED;
            enqueue();
        } else if (state == State.RUNNING) {
            state = State.RUNNING_AGAIN;
        }
    }

    /** Runs something in turn with the steps. */
    synchronized void act(Runnable action) {
        actions.add(action);
        wake(false);
    }

    /** Runs something on an incarnation in turn with its steps; it is given nothing if that is not there, or not wanted, by then. */
    void act(UUID uuid, Consumer<Optional<ResourceSpec>> action) {
        act(() -> {
            Optional<Unit> unit;
            synchronized (this) {
                unit = Optional.ofNullable(units.get(uuid))
                        .filter(known -> known.wanted().spec().disposition() == Disposition.PRESENT);
            }
            action.accept(unit.map(known -> known.wanted().spec()));
            unit.ifPresent(known -> expectConnections(known));
        });
    }

    /** What was done may have made connections anew, of which the events are still to come. */
    private static void expectConnections(Unit unit) {
        unit.expected = Optional.of(unit.wanted().spec());
        unit.expectUntil = System.nanoTime() + EVENTS_COME_WITHIN.toNanos();
    }

    private void enqueue() {
        TreeSet<PoolName> pools = new TreeSet<>();
        for (Unit unit : units.values()) {
            unit.wanted()
                    .spec()
                    .volumes()
                    .forEach(volume -> volume.backing().map(Backing::pool).ifPresent(pools::add));
        }
        shop.threads().inLane(pools, this::run);
    }

    private void run() {
        List<Unit> turn;
        boolean now;
        List<Runnable> asked;
        synchronized (this) {
            state = State.RUNNING;
            now = atOnce;
            atOnce = false;
            if (retry != null) {
                retry.cancel(false);
                retry = null;
            }
            turn = new ArrayList<>(units.values());
            asked = new ArrayList<>(actions);
            actions.clear();
        }
        turn.sort(Comparator.comparing((Unit unit) -> unit.wanted().spec().disposition() == Disposition.PRESENT));
        asked.forEach(Runnable::run);
        Optional<Duration> next = Optional.empty();
        for (Unit unit : turn) {
            Optional<Duration> delay = reconcile(unit, now);
            next = sooner(next, delay);
        }
        rest(next);
    }

    private static Optional<Duration> sooner(Optional<Duration> one, Optional<Duration> other) {
        return Stream.of(one, other).flatMap(Optional::stream).min(Comparator.naturalOrder());
    }

    private synchronized void rest(Optional<Duration> next) {
        if (state == State.RUNNING_AGAIN || !actions.isEmpty()) {
            state = State.QUEUED;
            enqueue();
            return;
        }
        state = State.IDLE;
        if (next.isPresent() && !shop.threads().areStopping()) {
            try {
                retry = shop.threads()
                        .timer()
                        .schedule(() -> wake(false), next.get().toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("The satellite is being stopped", stopping);
            }
        }
    }

    /** Works at one incarnation until there is nothing to do now; the delay after which to look again by itself. */
    private Optional<Duration> reconcile(Unit unit, boolean now) {
        if (now) {
            unit.notBefore = System.nanoTime();
        }
        for (int plans = 0; plans < PLANS_IN_A_ROW; plans++) {
            if (shop.threads().areStopping()) {
                return Optional.empty();
            }
            Unit.Wanted wanted = unit.wanted();
            try {
                Optional<Duration> events = untilEventsCome(unit, wanted.spec());
                if (events.isPresent()) {
                    return events;
                }
                Optional<Plan> plan = surveyor.plan(unit, wanted.spec(), spec.get());
                if (plan.isEmpty()) {
                    // the end of the first look wakes it
                    return Optional.empty();
                }
                if (plan.get().steps().isEmpty()) {
                    return settle(unit, wanted, plan.get());
                }
                Optional<Duration> pause = pause(unit, plan.get().steps());
                if (pause.isPresent()) {
                    return pause;
                }
                carryOut(unit, wanted, plan.get());
            } catch (RuntimeException failure) {
                return failed(unit, wanted, HeddleException.of(failure));
            }
        }
        LOG.error("resource={} does not come to rest: {}", name, texts(unit.lastSteps));
        return Optional.of(shop.backOff().longest());
    }

    /** The same is not tried again before its time, whatever woke the worker; events of a failed try would, for ever. */
    private static Optional<Duration> pause(Unit unit, List<Step> steps) {
        long now = System.nanoTime();
        long until = steps.equals(unit.lastSteps) ? unit.notBefore : now;
        return until - now > 0 ? Optional.of(Duration.ofNanos(until - now).plusMillis(1)) : Optional.empty();
    }

    private void carryOut(Unit unit, Unit.Wanted wanted, Plan plan) {
        List<Step> steps = plan.steps();
        unit.tries = steps.equals(unit.lastSteps) ? unit.tries + 1 : 1;
        unit.lastSteps = steps;
        unit.notBefore = System.nanoTime() + shop.backOff().after(unit.tries).toNanos();
        // a failure is shown until the try after it has succeeded
        Optional<Problem> shown = plan.held().or(() -> unit.tries > 1 ? unit.problem() : Optional.empty());
        show(unit, Phase.WORKING, wanted, shown, texts(steps));
        long begin = System.nanoTime();
        UUID cluster = spec.get().map(NodeSpec::clusterId).orElseThrow();
        StepRunner runner = new StepRunner(cluster, unit, shop);
        for (Step step : steps) {
            step.accept(runner);
            expectEvents(unit, step);
        }
        LOG.info(
                "resource={} steps={} in {} ms: {}",
                name,
                steps.size(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
                texts(steps));
    }

    private Optional<Duration> failed(Unit unit, Unit.Wanted wanted, HeddleException failure) {
        if (failure.code() == ErrorCode.SHUTTING_DOWN || shop.threads().areStopping()) {
            return Optional.empty();
        }
        if (isNews(unit, failure.problem())) {
            if (failure.code() == ErrorCode.INTERNAL_ERROR) {
                LOG.error("resource={} {}", name, failure.problem().text(), failure);
            } else {
                LOG.warn("resource={} {}", name, failure.problem().text());
            }
        }
        show(unit, Phase.FAILED, wanted, Optional.of(failure.problem()), texts(unit.lastSteps));
        return Optional.of(shop.backOff().after(Math.max(1, unit.tries)));
    }

    /** What a command printed, and how long it took, is another text at each try. */
    private static boolean isNews(Unit unit, Problem problem) {
        return unit.problem()
                .filter(before ->
                        before.code() == problem.code() && before.what().equals(problem.what()))
                .isEmpty();
    }

    private Optional<Duration> settle(Unit unit, Unit.Wanted wanted, Plan plan) {
        unit.lastSteps = List.of();
        unit.tries = 0;
        if (plan.held().isPresent()) {
            Problem problem = plan.held().get();
            if (isNews(unit, problem)) {
                LOG.warn("resource={} {}", name, problem.text());
            }
            show(unit, failure(problem) ? Phase.FAILED : Phase.HELD, wanted, plan);
            return Optional.of(SECOND_LOOK);
        }
        if (!plan.waiting().isEmpty()) {
            show(unit, Phase.WORKING, wanted, plan);
            return Optional.of(SECOND_LOOK);
        }
        boolean removed = wanted.spec().disposition() == Disposition.REMOVED;
        show(unit, removed ? Phase.REMOVED : Phase.READY, wanted, plan);
        return Optional.empty();
    }

    /** Something is not to be had now and comes again, and no rule forbids anything. */
    private static boolean failure(Problem problem) {
        return problem.code() == ErrorCode.DRIVER_ABSENT || problem.code() == ErrorCode.OBSERVATION_FAILED;
    }

    private void show(Unit unit, Phase phase, Unit.Wanted wanted, Plan plan) {
        show(unit, phase, wanted, plan.held(), plan.waiting(), plan.awaitsRelease(), plan.countsAsWanted());
    }

    private void show(Unit unit, Phase phase, Unit.Wanted wanted, Optional<Problem> problem, List<String> steps) {
        show(unit, phase, wanted, problem, steps, false, false);
    }

    private void show(
            Unit unit,
            Phase phase,
            Unit.Wanted wanted,
            Optional<Problem> problem,
            List<String> steps,
            boolean awaitsRelease,
            boolean countsAsWanted) {
        if (unit.progress(phase, wanted.revision(), problem, steps, awaitsRelease, countsAsWanted)) {
            changed.accept(unit.uuid());
        }
    }

    private static List<String> texts(List<Step> steps) {
        return steps.stream().map(StepText::of).toList();
    }

    private static void expectEvents(Unit unit, Step step) {
        if (step instanceof Step.AdjustResource adjust) {
            unit.expected = Optional.of(adjust.resource());
        } else if (step instanceof Step.DiscardMyData discard) {
            unit.expected = Optional.of(discard.resource());
        } else if (step instanceof Step.SkipInitialSync begun) {
            expectContent(unit, begun.resource(), begun.number());
            return;
        } else if (step instanceof Step.StartInitialSync begun) {
            expectContent(unit, begun.resource(), begun.number());
            return;
        } else if (step instanceof Step.DownResource) {
            unit.expected = Optional.empty();
        } else {
            return;
        }
        unit.expectUntil = System.nanoTime() + EVENTS_COME_WITHIN.toNanos();
    }

    /** Before the disk shows its content it would be given once more, which costs a look and changes nothing. */
    private static void expectContent(Unit unit, ResourceSpec resource, int volume) {
        unit.expected = Optional.of(resource);
        unit.expectedContent.add(volume);
        unit.expectUntil = System.nanoTime() + EVENTS_COME_WITHIN.toNanos();
    }

    /**
     * How long to wait at most until DRBD's events show what the last step has done. Before that a plan would take what was just
     * attached for detached, and a connection that is being made for one that was refused: each begins as StandAlone.
     */
    private Optional<Duration> untilEventsCome(Unit unit, ResourceSpec resource) {
        long left = unit.expectUntil - System.nanoTime();
        Observation<Optional<ReplicationStatus>> seen =
                shop.replication().resource(resource.name().value());
        if (left <= 0 || seen.unknown().isPresent()) {
            unit.expectedContent.clear();
            return Optional.empty();
        }
        Optional<ReplicationStatus> there = seen.known().flatMap(found -> found);
        boolean shown = unit.expected
                .map(adjusted -> there.filter(status -> isAttached(adjusted, status)
                                && isConnecting(adjusted, status)
                                && hasContent(unit.expectedContent, status))
                        .isPresent())
                .orElse(there.isEmpty());
        if (shown) {
            unit.expectedContent.clear();
        }
        return shown ? Optional.empty() : Optional.of(Duration.ofNanos(left).plusMillis(1));
    }

    private static boolean isAttached(ResourceSpec resource, ReplicationStatus status) {
        return resource.volumes().stream()
                .allMatch(volume -> status.device(volume.number())
                        .filter(device -> volume.backing().isEmpty() || device.disk() != DiskState.DISKLESS)
                        .isPresent());
    }

    private static boolean hasContent(Set<Integer> volumes, ReplicationStatus status) {
        return volumes.stream()
                .allMatch(volume -> status.device(volume)
                        .filter(device -> device.disk() != DiskState.INCONSISTENT)
                        .isPresent());
    }

    private static boolean isConnecting(ResourceSpec resource, ReplicationStatus status) {
        return resource.peers().stream()
                .allMatch(peer -> status.connections().stream()
                        .anyMatch(connection ->
                                connection.peer().equals(peer.node().value())
                                        && connection.state() != ConnectionState.STAND_ALONE));
    }
}
