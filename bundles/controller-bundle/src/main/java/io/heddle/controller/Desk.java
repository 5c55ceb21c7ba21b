package io.heddle.controller;

import io.heddle.controller.link.SatelliteLinks;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.StateEdit;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What every use case works with: it changes the state, waits for what follows from that, and answers.
 *
 * @param writer changes and tells the desired state
 * @param board tells what satellites reported
 * @param links reach the satellites
 * @param waiting waits
 * @param publications runs what must come after what was published so far has reached the links
 * @param answers completes stages, so that what callers hang on them never holds up the writer or a link
 * @param linksTried completes soon after the start, when each link was tried once: before that nobody can say who is offline
 * @param tieBreakers come and go with what is changed
 * @param clock tells when an object was asked for
 */
record Desk(
        ClusterWriter writer,
        StatusBoard board,
        SatelliteLinks links,
        Waiting waiting,
        Executor publications,
        Executor answers,
        CompletionStage<Void> linksTried,
        TieBreakerKeeper tieBreakers,
        Clock clock) {
    /**
     * What an edit has done.
     *
     * @param replies what to say
     * @param goals what to wait for, given the revision that holds the change
     * @param afterwards what to do when the change is durable and has reached the links
     */
    record Done(List<Reply> replies, LongFunction<List<Goal>> goals, Optional<Runnable> afterwards) {
        Done {
            replies = List.copyOf(replies);
        }

        Done(List<Reply> replies, LongFunction<List<Goal>> goals) {
            this(replies, goals, Optional.empty());
        }

        Done then(Runnable task) {
            return new Done(replies, goals, Optional.of(task));
        }

        static Done of(Reply reply) {
            return new Done(List.of(reply), revision -> List.of());
        }

        static Done of(Reply reply, LongFunction<List<Goal>> goals) {
            return new Done(List.of(reply), goals);
        }
    }

    /** Carries a use case out: the edit, then the wait, then the answer. */
    CompletionStage<Outcome> carryOut(Function<StateEdit, Done> edit) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        writer.change(following(edit))
                .thenCompose(committed -> {
                    Done done = committed.value();
                    done.afterwards().ifPresent(publications::execute);
                    return waiting.await(done.goals().apply(committed.state().revision()))
                            .thenApply(results -> outcome(done.replies(), results));
                })
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        fail(answer, failure);
                    } else {
                        answer(answer, outcome);
                    }
                });
        return answer;
    }

    /** The edit with what follows from it for tie-breakers, in the same commit, and with what it does to connections. */
    private Function<StateEdit, Done> following(Function<StateEdit, Done> change) {
        return edit -> {
            ClusterState before = edit.state();
            Done done = change.apply(edit);
            List<Reply> more = new ArrayList<>(PathNotices.of(before, edit, board));
            more.addAll(tieBreakers.follow(before, edit));
            if (more.isEmpty()) {
                return done;
            }
            List<Reply> all = new ArrayList<>(done.replies());
            all.addAll(more);
            return new Done(all, done.goals(), done.afterwards());
        };
    }

    /** Carries out what depends on who is online, not before that is known. */
    <T> CompletionStage<T> onceLinksAreTried(Supplier<CompletionStage<T>> useCase) {
        if (linksTried.toCompletableFuture().isDone()) {
            return useCase.get();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        linksTried.thenCompose(tried -> useCase.get()).whenComplete((value, failure) -> {
            if (failure != null) {
                fail(answer, failure);
            } else {
                answer(answer, value);
            }
        });
        return answer;
    }

    static Outcome outcome(List<Reply> replies, List<Waiting.Result> results) {
        List<Reply> all = new ArrayList<>(replies);
        results.stream().map(Replies::of).forEach(all::add);
        return new Outcome(all);
    }

    <T> void answer(CompletableFuture<T> answer, T value) {
        onAnswers(() -> answer.complete(value));
    }

    /** Always a HeddleException, as the contract says. */
    void fail(CompletableFuture<?> answer, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        HeddleException known = HeddleException.of(cause);
        onAnswers(() -> answer.completeExceptionally(known));
    }

    private void onAnswers(Runnable completion) {
        try {
            answers.execute(completion);
        } catch (RejectedExecutionException stopping) {
            // The last answers of a controller that is being stopped: nobody is held up any more.
            completion.run();
        }
    }
}
