package io.heddle.core.error;

/** Kind of an {@link ErrorCode}. It alone decides HTTP status, log level and whether a retry can help. */
public enum ErrorType {
    /** The request is wrong and stays wrong until the caller changes it. */
    USER(500, false),
    /** The request names something that does not exist. */
    NOT_FOUND(404, false),
    /** The request is fine but collides with the present state. */
    CONFLICT(500, false),
    /** The caller is not known, or may not do this. */
    FORBIDDEN(403, false),
    /** There is not enough of something: space, nodes, numbers. */
    INSUFFICIENT_RESOURCES(500, true),
    /** Heddle, or a part of it, is not there at the moment. */
    UNAVAILABLE(503, true),
    /** Something outside of Heddle failed: a command, a disk, a network. */
    EXTERNAL(500, true),
    /** A fault of Heddle itself. */
    INTERNAL(500, true);

    private final int httpStatus;
    private final boolean retryable;

    ErrorType(int httpStatus, boolean retryable) {
        this.httpStatus = httpStatus;
        this.retryable = retryable;
    }

    /** HTTP status of REST v1 for this type; user errors answer 500 there because its clients compare exactly. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether doing the same again later may succeed. */
    public boolean retryable() {
        return retryable;
    }
}
