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
}
