package io.heddle.core.option;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody most likely meant. */
final class Nearest {
    private Nearest() {}

    /** The candidate that takes the fewest edits, in any case; empty if none is near. The first wins a tie. */
    static Optional<String> to(String given, Collection<String> candidates) {
        String wanted = given.toLowerCase(Locale.ROOT);
        int best = Math.max(3, wanted.length() / 3) + 1;
        String found = null;
        for (String candidate : candidates) {
            String lower = candidate.toLowerCase(Locale.ROOT);
            int distance = Math.min(edits(wanted, lower), edits(wanted, lower.substring(lower.lastIndexOf('/') + 1)));
            if (distance < best) {
                best = distance;
                found = candidate;
            }
        }
        return Optional.ofNullable(found);
    }

    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            row[column] = column;
        }
        for (int line = 1; line <= from.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= to.length(); column++) {
                int replaced = diagonal + (from.charAt(line - 1) == to.charAt(column - 1) ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.min(replaced, Math.min(row[column], row[column - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
