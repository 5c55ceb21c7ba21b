package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Use cases that wait for satellites. No thread waits: whoever changes something says so, and the goals that depend on it are
 * judged again. Goals are found by what they depend on, so the cost of a report does not grow with the number that waits.
 */
final class Waiting {
    private final Map<Topic, Set<Watch>> watches = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer;
    private final Patience patience;
    private volatile boolean ended;

    Waiting(ScheduledExecutorService timer, Patience patience) {
        this.timer = timer;
        this.patience = patience;
    }

    /**
     * How a goal ended.
     *
     * @param goal the goal
     * @param problem why it was not reached; empty if it was
     */
    record Result(Goal goal, Optional<Problem> problem) {}

    /** Completes when each goal is reached or given up, at the deadline at the latest; never exceptionally. */
    CompletionStage<List<Result>> await(List<Goal> goals) {
        return await(goals, patience.deadline());
    }

    CompletionStage<List<Result>> await(List<Goal> goals, Duration deadline) {
        if (goals.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        Wait wait = new Wait(goals);
        wait.begin(deadline);
        return wait.answer;
    }

    /** Something about {@code topic} has changed. */
    void changed(Topic topic) {
        Set<Watch> concerned = watches.get(topic);
        if (concerned != null) {
            concerned.forEach(Watch::look);
        }
    }

    /** Ends all waiting, also what begins later: nobody will say any more that something has changed. Who waits is told so. */
    void end() {
        ended = true;
        watches.values().stream().flatMap(Set::stream).distinct().toList().forEach(Watch::stop);
    }

    /** How many goals are waited for, for tests and metrics. */
    int open() {
        return watches.values().stream().mapToInt(Set::size).sum();
    }

    private @Nullable Future<?> after(Duration delay, Runnable task) {
        try {
            return timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            return null;
        }
    }

    /** One goal of one waiting caller; equal to itself only. */
    private final class Watch {
        private final Wait wait;
        private final Goal goal;
        private @Nullable Problem failed;
        private boolean failingTooLong;
        private boolean unreachableTooLong;
        private @Nullable Result result;

        Watch(Wait wait, Goal goal) {
            this.wait = wait;
            this.goal = goal;
        }

        void look() {
            boolean last;
            synchronized (wait) {
                if (result != null) {
                    return;
                }
                Optional<Result> ended = judged();
                if (ended.isEmpty()) {
                    return;
                }
                result = ended.get();
                last = wait.settled();
            }
            forget();
            if (last) {
                wait.finish();
            }
        }

        private Optional<Result> judged() {
            Verdict verdict;
            try {
                verdict = goal.judge();
            } catch (RuntimeException e) {
                return ended(HeddleException.of(e).problem());
            }
            if (verdict instanceof Verdict.Reached) {
                return Optional.of(new Result(goal, Optional.empty()));
            }
            if (verdict instanceof Verdict.GivenUp givenUp) {
                return ended(givenUp.problem());
            }
            if (verdict instanceof Verdict.Offline offline) {
                wait.hurry();
                return ended(offline.problem());
            }
            if (verdict instanceof Verdict.Unreachable unreachable && unreachableTooLong) {
                wait.hurry();
                return ended(unreachable.problem());
            }
            if (verdict instanceof Verdict.Failing failing) {
                if (failed == null) {
                    wait.keep(after(patience.failing(), () -> {
                        synchronized (wait) {
                            failingTooLong = true;
                        }
                        look();
                    }));
                }
                failed = failing.problem();
            }
            Problem lastFailure = failed;
            return failingTooLong && lastFailure != null ? ended(lastFailure) : Optional.empty();
        }

        private Optional<Result> ended(Problem problem) {
            return Optional.of(new Result(goal, Optional.of(problem)));
        }

        void expire(Duration deadline) {
            end(() -> timedOut(deadline));
        }

        void stop() {
            end(() -> new Problem(
                    ErrorCode.SHUTTING_DOWN,
                    goal.unreached(),
                    "the controller is being stopped or updated, and does not wait for it any more",
                    "nothing needs to be done again: it goes on by itself"));
        }

        private void end(Supplier<Problem> otherwise) {
            look();
            boolean last;
            synchronized (wait) {
                if (result != null) {
                    return;
                }
                Problem lastFailure = failed;
                result = new Result(goal, Optional.of(lastFailure != null ? lastFailure : otherwise.get()));
                last = wait.settled();
            }
            forget();
            if (last) {
                wait.finish();
            }
        }

        private Problem timedOut(Duration deadline) {
            String missing = goal.judge() instanceof Verdict.Open open ? open.missing() : "it is not done";
            return new Problem(
                    ErrorCode.TIMED_OUT,
                    goal.unreached(),
                    "after " + deadline.toSeconds() + " s " + missing,
                    "nothing needs to be done again: it goes on by itself");
        }

        void register() {
            for (Topic topic : goal.topics()) {
                watches.compute(topic, (key, present) -> {
                    Set<Watch> all = present == null ? ConcurrentHashMap.newKeySet() : present;
                    all.add(this);
                    return all;
                });
            }
        }

        private void forget() {
            for (Topic topic : goal.topics()) {
                watches.computeIfPresent(topic, (key, present) -> {
                    present.remove(this);
                    return present.isEmpty() ? null : present;
                });
            }
        }
    }

    private final class Wait {
        private final CompletableFuture<List<Result>> answer = new CompletableFuture<>();
        private final List<Watch> all;
        private final List<Future<?>> timers = new ArrayList<>();
        private int open;
        private boolean hurried;

        Wait(List<Goal> goals) {
            this.all = goals.stream().map(goal -> new Watch(this, goal)).toList();
            this.open = all.size();
        }

        void begin(Duration deadline) {
            all.forEach(Watch::register);
            expireAfter(deadline);
            Future<?> relook = after(patience.connecting(), () -> {
                synchronized (this) {
                    all.forEach(watch -> watch.unreachableTooLong = true);
                }
                all.forEach(Watch::look);
            });
            keep(relook);
            all.forEach(Watch::look);
            if (ended) {
                all.forEach(Watch::stop);
            }
        }

        private void expireAfter(Duration deadline) {
            keep(after(deadline, () -> all.forEach(watch -> watch.expire(deadline))));
        }

        private synchronized void keep(@Nullable Future<?> scheduled) {
            if (scheduled != null) {
                if (open == 0) {
                    scheduled.cancel(false);
                } else {
                    timers.add(scheduled);
                }
            }
        }

        /** One of the nodes cannot be reached: what depends on it will not come soon. */
        private void hurry() {
            if (!hurried) {
                hurried = true;
                expireAfter(patience.withoutOthers());
            }
        }

        /** Under this object's lock; true for the last. */
        private boolean settled() {
            open--;
            return open == 0;
        }

        private void finish() {
            List<Result> results = new ArrayList<>();
            synchronized (this) {
                timers.forEach(scheduled -> scheduled.cancel(false));
                for (Watch watch : all) {
                    Result ended = watch.result;
                    if (ended != null) {
                        results.add(ended);
                    }
                }
            }
            answer.complete(List.copyOf(results));
        }
    }
}
