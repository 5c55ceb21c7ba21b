package io.heddle.tests.cluster;

/** The controller could not be reached, or went away before it answered: whether the operation was carried out is not known. */
public final class NoAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoAnswer(Throwable cause) {
        super(cause);
    }
}
