package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Remembers where the search for the next free number goes on, so that handing one out costs the same with any number in
 * use, and a number just freed is not reused at once. What is in use is told by the state alone; losing a cursor is harmless.
 * Belongs to the one writer thread.
 */
public final class NumberCursor {
    static final String MINORS = "";

    private final Map<String, Integer> last = new HashMap<>();

    int next(String ledger, NumberRange range, IntPredicate inUse, String noun, String property) {
        int before = last.getOrDefault(ledger, range.last());
        // The range may have changed since.
        int start = range.contains(before + 1) ? before + 1 : range.first();
        for (int step = 0; step < range.size(); step++) {
            int candidate = range.first() + (start - range.first() + step) % range.size();
            if (!inUse.test(candidate)) {
                last.put(ledger, candidate);
                return candidate;
            }
        }
        throw new HeddleException(
                ErrorCode.NUMBERS_EXHAUSTED,
                "no " + noun + " is free",
                "all numbers from " + range + " are in use",
                "delete what is not needed any more, or widen " + property + " of the controller");
    }
}
