package io.heddle.drbd;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads lines of {@code drbdsetup events2 --timestamps --statistics} (drbdsetup(8)). Pure; keeps nothing. */
final class Events2Parser {
    private static final Pattern TIMESTAMP = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T\\S+");
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]+");

    /** What a line tells about its object. */
    enum Action {
        EXISTS,
        CREATE,
        CHANGE,
        DESTROY,
        RENAME,
        CALL,
        RESPONSE
    }

    /**
     * One line.
     *
     * @param action what happened
     * @param kind resource, device, connection, peer-device, path or helper; {@code -} ends the first dump; others may come
     *     with a newer DRBD
     * @param values the other words, by key; a change names some of them only
     */
    record Event(Action action, String kind, Map<String, String> values) {
        /** Whether this ends the first dump. */
        boolean endsDump() {
            return action == Action.EXISTS && kind.equals("-");
        }

        /** The resource it is of. */
        String resource() {
            return values.getOrDefault("name", "");
        }
    }

    private Events2Parser() {}

    /** The event of a line; empty if the line is none, which is an error of whoever wrote it. */
    static Optional<Event> parse(String line) {
        String[] words = line.strip().split(" +");
        if (words.length < 3 || !TIMESTAMP.matcher(words[0]).matches()) {
            return Optional.empty();
        }
        Optional<Action> action = action(words[1]);
        if (action.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 3; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            if (colon < 1 || !KEY.matcher(words[i].substring(0, colon)).matches()) {
                return Optional.empty();
            }
            values.put(words[i].substring(0, colon), words[i].substring(colon + 1));
        }
        boolean endOfDump = words[2].equals("-");
        if (endOfDump ? action.get() != Action.EXISTS : !values.containsKey("name")) {
            return Optional.empty();
        }
        return Optional.of(new Event(action.get(), words[2], values));
    }

    private static Optional<Action> action(String word) {
        return switch (word) {
            case "exists" -> Optional.of(Action.EXISTS);
            case "create" -> Optional.of(Action.CREATE);
            case "change" -> Optional.of(Action.CHANGE);
            case "destroy" -> Optional.of(Action.DESTROY);
            case "rename" -> Optional.of(Action.RENAME);
            case "call" -> Optional.of(Action.CALL);
            case "response" -> Optional.of(Action.RESPONSE);
            default -> Optional.empty();
        };
    }
}
