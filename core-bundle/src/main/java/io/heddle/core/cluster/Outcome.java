package io.heddle.core.cluster;

import java.util.List;

/**
 * What a use case that was carried out has to say. What was asked for is durable; warnings tell what is not reached yet.
 *
 * @param replies at least one
 */
public record Outcome(List<Reply> replies) {
    public Outcome {
        replies = List.copyOf(replies);
    }

    /** Whether all was reached. */
    public boolean complete() {
        return replies.stream().noneMatch(reply -> reply.severity().compareTo(Severity.WARNING) >= 0);
    }
}
