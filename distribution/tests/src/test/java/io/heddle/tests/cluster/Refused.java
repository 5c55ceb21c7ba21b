package io.heddle.tests.cluster;

/** The controller refused an operation; nothing was changed. The message has code, what, why and correction. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
        super(message);
    }

    /** The stable code, such as NODE_EXISTS. */
    public String code() {
        String text = String.valueOf(getMessage());
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }

    /** What was refused, in a sentence. */
    public String what() {
        return between(": ", "\nwhy: ");
    }

    /** The cause. */
    public String why() {
        return between("\nwhy: ", "\ncorrection: ");
    }

    /** What to do about it. */
    public String correction() {
        return between("\ncorrection: ", "");
    }

    private String between(String before, String after) {
        String text = String.valueOf(getMessage());
        int from = text.indexOf(before);
        int to = after.isEmpty() ? text.length() : text.indexOf(after);
        if (from < 0 || to < from) {
            throw new AssertionError("not the form of a refusal: " + text);
        }
        return text.substring(from + before.length(), to);
    }
}
