package io.heddle.core.option;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A property that Heddle knows.
 *
 * @param key its key
 * @param levels what it can be set on
 * @param type what its values are
 * @param values words or a pattern, as the type says; may be empty
 * @param minimum lowest number
 * @param maximum highest number
 * @param initial what holds where it is not set; empty if nothing does
 * @param unit what is counted; empty text: things
 * @param acts whether this version does something with it; if not, it is stored and given back for clients that set it
 */
public record Property(
        String key,
        Set<PropertyLevel> levels,
        Type type,
        List<String> values,
        Optional<BigDecimal> minimum,
        Optional<BigDecimal> maximum,
        Optional<String> initial,
        String unit,
        boolean acts) {
    /** What the values of a property are. */
    public enum Type {
        BOOLEAN,
        NUMBER,
        DECIMAL,
        WORD,
        /** The name of an interface or pool. */
        NAME,
        /** Two numbers with {@code -} between them. */
        RANGE,
        PATTERN,
        TEXT,
        /** Given once when the object is made, and never changed. */
        FIXED
    }

    /** The form of a {@link Type#NAME} as a regular expression. */
    public static final String NAME_FORM = "[A-Za-z_][A-Za-z0-9_.-]{0,47}";

    /** The form of a {@link Type#RANGE} as a regular expression. */
    public static final String RANGE_FORM = "([0-9]{1,10})-([0-9]{1,10})";

    private static final Pattern NAME = Pattern.compile(NAME_FORM);
    private static final Pattern RANGE = Pattern.compile(RANGE_FORM);

    public Property {
        levels = Set.copyOf(levels);
        values = List.copyOf(values);
    }

    /** What it may be, for a person. */
    public String range() {
        String between = minimum.map(low ->
                        low.toPlainString() + " to " + maximum.orElseThrow().toPlainString())
                .orElse("");
        return switch (type) {
            case BOOLEAN -> "true or false";
            case NUMBER -> "a whole number from " + between + (unit.isEmpty() ? "" : " in " + unit);
            case DECIMAL -> "a number from " + between;
            case WORD -> String.join(", ", values);
            case NAME -> "1 to 48 letters, digits, '_', '-' and '.', beginning with a letter or '_'";
            case RANGE -> "two numbers from " + between + " with '-' between them";
            case PATTERN -> "text of the form " + values.get(0);
            case TEXT -> "text of up to " + PropertyCatalogue.LONGEST_VALUE + " characters";
            case FIXED -> "nothing: it is what the pool was made with";
        };
    }

    /**
     * A value in the form that is stored.
     *
     * @throws HeddleException INVALID_PROPERTY with the range
     */
    public String normalize(String value) {
        String given = value.strip();
        return switch (type) {
            case BOOLEAN ->
                switch (given.toLowerCase(Locale.ROOT)) {
                    case "true", "yes" -> "true";
                    case "false", "no" -> "false";
                    default -> throw refused(given);
                };
            case NUMBER, DECIMAL -> number(given);
            case WORD ->
                values.stream()
                        .filter(word -> word.equalsIgnoreCase(given))
                        .findFirst()
                        .orElseThrow(() -> refused(given));
            case NAME -> matching(NAME, given);
            case RANGE -> numbers(given);
            case PATTERN -> matching(Pattern.compile(values.get(0)), given);
            case TEXT -> value;
            case FIXED -> throw refused(given);
        };
    }

    private String matching(Pattern pattern, String given) {
        if (!pattern.matcher(given).matches()) {
            throw refused(given);
        }
        return given;
    }

    private String number(String given) {
        if (!given.matches(type == Type.NUMBER ? "-?[0-9]{1,19}" : "[0-9]{1,9}([.][0-9]{1,9})?")
                || outside(new BigDecimal(given))) {
            throw refused(given);
        }
        return given;
    }

    private String numbers(String given) {
        var matcher = RANGE.matcher(given);
        if (!matcher.matches()
                || outside(new BigDecimal(matcher.group(1)))
                || outside(new BigDecimal(matcher.group(2)))
                || Long.parseLong(matcher.group(1)) > Long.parseLong(matcher.group(2))) {
            throw refused(given);
        }
        return given;
    }

    private boolean outside(BigDecimal number) {
        return number.compareTo(minimum.orElseThrow()) < 0 || number.compareTo(maximum.orElseThrow()) > 0;
    }

    private HeddleException refused(String given) {
        String shown = given.length() > 60 ? given.substring(0, 60) + "..." : given;
        return new HeddleException(
                ErrorCode.INVALID_PROPERTY,
                "cannot set " + key + " to '" + shown.replaceAll("\\p{Cntrl}", "?") + "'",
                key + " may be " + range(),
                "give a value of that kind"
                        + initial.map(text -> "; the default is " + text).orElse(""));
    }
}
