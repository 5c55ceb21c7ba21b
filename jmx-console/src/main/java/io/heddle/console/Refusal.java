package io.heddle.console;

import io.heddle.core.error.ErrorCode;

/** Why a command was not carried out: what the controller said, or what the console itself found. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final String what;
    private final String why;
    private final String correction;

    Refusal(ErrorCode code, String what, String why, String correction) {
        this(code.name(), what, why, correction);
    }

    private Refusal(String code, String what, String why, String correction) {
        super(what + ": " + why);
        this.code = code;
        this.what = what;
        this.why = why;
        this.correction = correction;
    }

    /** Reads the lines {@code CODE: what}, {@code why: ...}, {@code correction: ...}; a text of another form is all what. */
    static Refusal parse(String text) {
        String code = ErrorCode.INTERNAL_ERROR.name();
        String what = text;
        String why = "";
        String correction = "";
        int whyAt = text.indexOf("\nwhy: ");
        int correctionAt = text.lastIndexOf("\ncorrection: ");
        int colon = text.indexOf(": ");
        if (colon > 0 && whyAt > colon && correctionAt > whyAt) {
            code = text.substring(0, colon);
            what = text.substring(colon + 2, whyAt);
            why = text.substring(whyAt + "\nwhy: ".length(), correctionAt);
            correction = text.substring(correctionAt + "\ncorrection: ".length());
        }
        return new Refusal(code, what, why, correction);
    }

    String code() {
        return code;
    }

    String what() {
        return what;
    }

    String why() {
        return why;
    }

    String correction() {
        return correction;
    }
}
