package io.heddle.core.plan;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.Content;
import io.heddle.core.status.Observation;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What is known of the peers that a resource is cut off from.
 *
 * @param seen what was seen of each since it went, by its name
 * @param content what DRBD tells of the content here, looked at only while a peer is cut off
 */
public record CutOffLook(SortedMap<String, SeenCutOff> seen, Observation<Content> content) {
    /** Nothing is cut off, so nothing was looked at. */
    public static final CutOffLook NOTHING = new CutOffLook(
            Ordered.map(null),
            Observation.unknown(new Problem(
                    ErrorCode.OBSERVATION_FAILED,
                    "the data generations were not looked at",
                    "no peer is cut off",
                    "nothing to do: it is looked at soon")));

    public CutOffLook {
        seen = Ordered.map(seen);
    }

    /** What tells the content here from another one; empty while that is not known. */
    Optional<DataMark> mark() {
        return content.known().map(Content::mark);
    }
}
