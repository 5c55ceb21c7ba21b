package io.heddle.core.status;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heddle.core.error.Problem;
import java.util.Optional;
import java.util.function.Function;

/**
 * The result of a look. A failed look is not an empty look: on {@link Unknown} nothing destructive is planned.
 *
 * @param <T> what was looked at
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "observed")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Observation.Known.class, name = "known"),
    @JsonSubTypes.Type(value = Observation.Unknown.class, name = "unknown")
})
public sealed interface Observation<T> {
    /** The look succeeded. */
    record Known<T>(T value) implements Observation<T> {}

    /** The look failed. */
    record Unknown<T>(Problem problem) implements Observation<T> {}

    static <T> Observation<T> known(T value) {
        return new Known<>(value);
    }

    static <T> Observation<T> unknown(Problem problem) {
        return new Unknown<>(problem);
    }

    /** The value, or empty if it is unknown; for showing, never for deciding that something is absent. */
    default Optional<T> known() {
        return this instanceof Known<T> known ? Optional.of(known.value()) : Optional.empty();
    }

    /** Why it is unknown, or empty. */
    default Optional<Problem> unknown() {
        return this instanceof Unknown<T> failed ? Optional.of(failed.problem()) : Optional.empty();
    }

    /** The same observation of something derived from the value. */
    default <R> Observation<R> map(Function<T, R> derive) {
        if (this instanceof Known<T> known) {
            return new Known<>(derive.apply(known.value()));
        }
        return new Unknown<>(((Unknown<T>) this).problem());
    }
}
