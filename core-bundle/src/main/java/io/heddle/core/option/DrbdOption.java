package io.heddle.core.option;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An option of DRBD.
 *
 * @param section where it stands
 * @param name DRBD's name of it
 * @param type what its values are
 * @param words words that it may have
 * @param minimum lowest number, in DRBD's unit
 * @param maximum highest number, in DRBD's unit
 * @param initial DRBD's own default; empty if it has none
 * @param unit what is counted, such as {@code bytes} or {@code 1/10 seconds}; empty text: things
 * @param scale how many of the unit one is: 1, 512 (sectors) or 1024
 * @param since the DRBD module that first has it: {@code 8.4}, {@code 9.0} or a version
 * @param change what a change of it takes while DRBD runs
 */
public record DrbdOption(
        OptionSection section,
        String name,
        Type type,
        List<String> words,
        OptionalLong minimum,
        OptionalLong maximum,
        Optional<String> initial,
        String unit,
        int scale,
        String since,
        Change change) {
    /** What the values of an option are. */
    public enum Type {
        /** {@code yes} or {@code no}. */
        BOOLEAN,
        /** A whole number in a range. */
        NUMBER,
        /** A whole number in a range, or one of some words. */
        NUMBER_OR_WORD,
        /** One of some words. */
        WORD,
        /** A name, such as that of an algorithm. */
        TEXT,
        /** A command that DRBD runs as root. */
        COMMAND,
        /** Written by Heddle itself. */
        RESERVED
    }

    /** What a change takes. */
    public enum Change {
        /** It holds at once, and nothing is interrupted. */
        LIVE,
        /** It holds from the next time that the connection is made; nothing is interrupted. */
        NEXT_CONNECT,
        /**
         * DRBD takes it for a new connection only (DRBD_F_INVARIANT of net_conf in drbd_genl.h), for which drbdadm would take away
         * one that stands. Heddle leaves those alone.
         */
        NEW_CONNECTION,
        /** It holds from the next time that the device is made, as after a restart of the node. */
        NEXT_DEVICE;

        /** For people. */
        public String text() {
            return switch (this) {
                case LIVE -> "at once";
                case NEXT_CONNECT -> "when the connection is made the next time";
                case NEW_CONNECTION -> "when the connection is made the next time; one that stands is left alone";
                case NEXT_DEVICE -> "when the device is made the next time";
            };
        }
    }

    private static final Pattern VERSION = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?");
    private static final Pattern NUMBER = Pattern.compile("(-?[0-9]{1,19})\\s*([A-Za-z]*)");
    /** Goes into a .res file: nothing that could end a word there. */
    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.,:()/+-]{0,126}");

    /** Stands in quotes in a .res file: no quote, no backslash; drbdadm's scanner takes up to 255 characters. */
    private static final Pattern COMMAND = Pattern.compile("[^\"\\\\\\p{Cntrl}]{1,255}");

    private static final Map<String, Long> SIZES = Map.ofEntries(
            Map.entry("b", 1L),
            Map.entry("s", 512L),
            Map.entry("k", 1L << 10),
            Map.entry("kib", 1L << 10),
            Map.entry("m", 1L << 20),
            Map.entry("mib", 1L << 20),
            Map.entry("g", 1L << 30),
            Map.entry("gib", 1L << 30),
            Map.entry("t", 1L << 40),
            Map.entry("tib", 1L << 40),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L));
    private static final Map<String, Long> MILLISECONDS = Map.of("ms", 1L, "s", 1_000L, "min", 60_000L);

    public DrbdOption {
        words = List.copyOf(words);
    }

    /** Its property, such as {@code DrbdOptions/Net/max-buffers}. */
    public String key() {
        return section.prefix() + name;
    }

    /** How the command line spells it: DRBD's name, with {@code handler-} before that of a handler. */
    public String spelling() {
        return section == OptionSection.HANDLERS ? "handler-" + name : name;
    }

    boolean spelt(String text) {
        return text.equals(spelling()) || (OptionSection.NAMESPACE + text).equals(key()) || text.equals(key());
    }

    /** Whether a DRBD module of that version has it. A version that cannot be read is taken for a new one. */
    public boolean knownTo(String moduleVersion) {
        Matcher loaded = VERSION.matcher(moduleVersion);
        Matcher needed = VERSION.matcher(since);
        if (!loaded.lookingAt() || !needed.lookingAt()) {
            return true;
        }
        for (int group = 1; group <= 3; group++) {
            int difference = part(loaded, group) - part(needed, group);
            if (difference != 0) {
                return difference > 0;
            }
        }
        return true;
    }

    private static int part(Matcher version, int group) {
        String digits = version.group(group);
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    /** What it may be, for a person: {@code 32 to 131072}, {@code A, B or C}. */
    public String range() {
        String numbers = minimum.isEmpty()
                ? ""
                : minimum.getAsLong() + " to " + maximum.orElseThrow() + (unit.isEmpty() ? "" : " in " + counted());
        return switch (type) {
            case BOOLEAN -> "yes or no";
            case NUMBER -> numbers;
            case NUMBER_OR_WORD -> numbers + ", or " + String.join(", ", words);
            case WORD -> String.join(", ", words);
            case TEXT -> "a word of letters, digits and _.,:()/+-";
            case COMMAND -> "a command of up to 255 characters, without double quotes and backslashes";
            case RESERVED -> "nothing";
        };
    }

    /** What its numbers count, for a person: {@code 1/10 seconds}, {@code bytes / 512}; empty text: things. */
    public String counted() {
        return switch (scale) {
            case 512 -> unit + " / 512";
            case 1024 -> unit + " / 1024";
            default -> unit;
        };
    }

    /**
     * A value in the form that DRBD wants: numbers in its unit, words in its spelling. A number may have a unit of size
     * ({@code 10M}, {@code 64KiB}, {@code 20s} for sectors) or, where time is counted, of time ({@code 500ms}, {@code 6s}).
     *
     * @throws HeddleException INVALID_PROPERTY with the range, NOT_SUPPORTED for what Heddle writes itself
     */
    public String normalize(String value) {
        String given = value.strip();
        return switch (type) {
            case BOOLEAN -> yesOrNo(given);
            case NUMBER -> number(given);
            case NUMBER_OR_WORD -> word(given).orElseGet(() -> number(given));
            case WORD -> word(given).orElseThrow(() -> refused(given));
            case TEXT -> matching(TEXT, given);
            case COMMAND -> matching(COMMAND, given);
            case RESERVED ->
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED, "cannot set " + key(), "Heddle writes it itself", "leave it out");
        };
    }

    private String yesOrNo(String given) {
        return switch (given.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> "yes";
            case "no", "false", "off", "0" -> "no";
            default -> throw refused(given);
        };
    }

    private Optional<String> word(String given) {
        return words.stream().filter(word -> word.equalsIgnoreCase(given)).findFirst();
    }

    private String matching(Pattern allowed, String given) {
        if (!allowed.matcher(given).matches()) {
            throw refused(given);
        }
        return given;
    }

    private String number(String given) {
        Matcher matcher = NUMBER.matcher(given);
        if (!matcher.matches()) {
            throw refused(given);
        }
        BigInteger count = new BigInteger(matcher.group(1));
        if (!matcher.group(2).isEmpty()) {
            count = converted(count, matcher.group(2).toLowerCase(Locale.ROOT)).orElseThrow(() -> refused(given));
        }
        if (count.compareTo(BigInteger.valueOf(minimum.orElseThrow())) < 0
                || count.compareTo(BigInteger.valueOf(maximum.orElseThrow())) > 0) {
            throw refused(given);
        }
        return count.toString();
    }

    /** A number with a unit in DRBD's unit, rounded down as drbdadm does; empty if the unit does not fit. */
    private Optional<BigInteger> converted(BigInteger count, String suffix) {
        long divisor = switch (unit) {
            case "seconds" -> 1_000;
            case "1/10 seconds" -> 100;
            case "milliseconds" -> 1;
            default -> scale;
        };
        Long factor = (unit.contains("seconds") ? MILLISECONDS : SIZES).get(suffix);
        return Optional.ofNullable(factor)
                .map(known -> count.multiply(BigInteger.valueOf(known)).divide(BigInteger.valueOf(divisor)));
    }

    private HeddleException refused(String given) {
        String shown = given.length() > 60 ? given.substring(0, 60) + "..." : given;
        return new HeddleException(
                ErrorCode.INVALID_PROPERTY,
                "cannot set " + key() + " to '" + shown.replaceAll("\\p{Cntrl}", "?") + "'",
                name + " may be " + range(),
                "give a value in that range"
                        + initial.map(text -> "; DRBD's default is " + text).orElse(""));
    }
}
