package io.heddle.core.cluster;

import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import java.util.Optional;
import java.util.SortedMap;

/**
 * One sentence of an answer.
 *
 * @param severity how grave
 * @param action what was done
 * @param kind to what kind of object
 * @param message a sentence for a person
 * @param problem the problem behind a warning or an error; empty otherwise
 * @param objects names of the objects concerned by kind, such as {@code Node -> pve1}
 */
public record Reply(
        Severity severity,
        Action action,
        ObjectKind kind,
        String message,
        Optional<Problem> problem,
        SortedMap<String, String> objects) {
    public Reply {
        objects = Ordered.map(objects);
    }
}
