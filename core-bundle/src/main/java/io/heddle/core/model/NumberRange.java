package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers that are handed out.
 *
 * @param first the lowest
 * @param last the highest, which is handed out too
 */
public record NumberRange(int first, int last) {
    /** The property of the controller that says which minors devices are given. */
    public static final String MINORS = "MinorNrAutoRange";

    /** The property of the controller that says which TCP ports resources are given on each node. */
    public static final String PORTS = "TcpPortAutoRange";

    /** Minors where the property is not set. */
    static final NumberRange DEFAULT_MINORS = new NumberRange(1000, Numbers.MAXIMUM_MINOR);

    /** TCP ports where the property is not set: the range that LINSTOR's users have opened in their firewalls. */
    static final NumberRange DEFAULT_PORTS = new NumberRange(7000, 7999);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})-([0-9]{1,9})");

    public NumberRange {
        if (first > last) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    first + " to " + last + " cannot be a range of numbers",
                    "the first is above the last",
                    "give the lower one first");
        }
    }

    /**
     * The range in the form that properties have: {@code 7000-7999}.
     *
     * @throws HeddleException INVALID_INPUT
     */
    public static NumberRange parse(String text) {
        Matcher found = FORM.matcher(text);
        if (!found.matches()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "'" + text + "' cannot be a range of numbers",
                    "it is not two numbers with '-' between them",
                    "give one such as 7000-7999");
        }
        return new NumberRange(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)));
    }

    /** How many numbers there are. */
    public int size() {
        return last - first + 1;
    }

    boolean contains(int number) {
        return number >= first && number <= last;
    }

    /** For people: {@code 7000 to 7999}. */
    @Override
    public String toString() {
        return first + " to " + last;
    }
}
