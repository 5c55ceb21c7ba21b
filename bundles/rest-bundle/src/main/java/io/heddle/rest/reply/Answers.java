package io.heddle.rest.reply;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.ErrorType;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what a use case says into the HTTP answer that clients of REST v1 compare: status, codes, texts. */
public final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private final Clock clock;
    private final Executor executor;

    /**
     * @param clock tells the time that entries carry
     * @param executor writes answers, so that the thread that completes a use case never waits for a slow client
     */
    public Answers(Clock clock, Executor executor) {
        this.clock = clock;
        this.executor = executor;
    }

    /** The answer of a change: {@code status} when it was made, or what it failed with. */
    public CompletionStage<Response> of(
            int status, Action action, ObjectKind kind, Supplier<CompletionStage<Outcome>> change) {
        return answer(change, outcome -> made(status, outcome), failure -> failed(failure, action, kind));
    }

    /** The answer of a deletion: of what is not there it is a success with a warning. */
    public CompletionStage<Response> ofDeletion(ObjectKind kind, Supplier<CompletionStage<Outcome>> deletion) {
        return answer(
                deletion,
                outcome -> made(200, outcome),
                failure -> failure.code().type() == ErrorType.NOT_FOUND
                        ? absent(failure, kind)
                        : failed(failure, Action.DELETE, kind));
    }

    /** The answer of a failure outside of any use case. */
    public Response failed(HeddleException failure) {
        log(failure);
        return json(failure.code().type().httpStatus(), Entries.failure(forOutsiders(failure), clock.instant()));
    }

    /** An answer that says that a resource is there already, which is no failure. */
    public Response existing(int status, List<Reply> replies) {
        return json(status, Entries.of(replies, clock.instant()));
    }

    private Response made(int status, Outcome outcome) {
        boolean failed = outcome.replies().stream().anyMatch(reply -> reply.severity() == Severity.ERROR);
        return json(failed ? 500 : status, Entries.of(outcome.replies(), clock.instant()));
    }

    private Response absent(HeddleException failure, ObjectKind kind) {
        Reply reply = new Reply(
                Severity.WARNING,
                Action.DELETE,
                kind,
                "nothing to delete: " + failure.why(),
                Optional.of(failure.problem()),
                Ordered.map(null));
        return json(200, Entries.of(List.of(reply), clock.instant()));
    }

    private Response failed(HeddleException failure, Action action, ObjectKind kind) {
        log(failure);
        return json(
                failure.code().type().httpStatus(),
                Entries.failure(forOutsiders(failure), action, kind, clock.instant()));
    }

    /** What an outsider is told: of something unexpected only that it was, since its text was written for nobody. */
    private static HeddleException forOutsiders(HeddleException failure) {
        return failure.code() == ErrorCode.INTERNAL_ERROR && failure.getCause() != null
                ? new HeddleException(
                        failure.code(),
                        failure.what(),
                        "a fault of Heddle itself, described in the controller's log",
                        failure.correction())
                : failure;
    }

    private static void log(HeddleException failure) {
        if (failure.code() == ErrorCode.INTERNAL_ERROR) {
            LOG.error("a request failed code={} what={}", failure.code(), failure.what(), failure);
        } else {
            LOG.debug("a request was refused code={} what={} why={}", failure.code(), failure.what(), failure.why());
        }
    }

    private CompletionStage<Response> answer(
            Supplier<CompletionStage<Outcome>> change,
            Function<Outcome, Response> made,
            Function<HeddleException, Response> failed) {
        CompletionStage<Outcome> stage;
        try {
            stage = change.get();
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(failed.apply(HeddleException.of(e)));
        }
        CompletableFuture<Outcome> running = stage.toCompletableFuture();
        return running.isDone()
                ? running.handle((outcome, failure) -> respond(outcome, failure, made, failed))
                : running.handleAsync((outcome, failure) -> respond(outcome, failure, made, failed), executor);
    }

    private static Response respond(
            Outcome outcome,
            Throwable failure,
            Function<Outcome, Response> made,
            Function<HeddleException, Response> failed) {
        return failure == null ? made.apply(outcome) : failed.apply(HeddleException.of(unwrapped(failure)));
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** An answer with a JSON body. */
    public static Response json(int status, byte[] body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body)
                .build();
    }
}
