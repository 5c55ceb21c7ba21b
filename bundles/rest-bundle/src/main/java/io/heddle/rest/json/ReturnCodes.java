package io.heddle.rest.json;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.ErrorType;

/**
 * The signed 64-bit return codes of REST v1: severity, operation, object and a number, each in bits of its own. The numbers
 * are those that the clients of that API compare.
 */
public final class ReturnCodes {
    public static final long SEVERITY_MASK = 0xC000_0000_0000_0000L;
    public static final long NUMBER_MASK = 0x7FFFL;

    private static final long ERROR = 0xC000_0000_0000_0000L;
    private static final long WARNING = 0x8000_0000_0000_0000L;
    private static final long INFO = 0x4000_0000_0000_0000L;

    private static final int CREATED = 1;
    private static final int DELETED = 2;
    private static final int MODIFIED = 3;

    private static final int WARN_NOT_CONNECTED = 1002;
    private static final int WARN_SATELLITE_NOT_UPDATED = 1003;
    private static final int WARN_STORAGE_ERROR = 1010;
    private static final int WARN_NOT_FOUND = 3000;
    private static final int WARN_NO_EFFECT = 3001;
    private static final int INFO_NO_OPERATION = 10007;
    private static final int INFO_RESOURCE_EXISTS = 10008;

    private ReturnCodes() {}

    /** The code of one entry of an answer. */
    public static long of(Reply reply) {
        return severity(reply.severity())
                | operation(reply.action())
                | object(reply.kind())
                | switch (reply.severity()) {
                    case SUCCESS -> success(reply.action());
                    case INFO ->
                        reply.problem()
                                .map(problem -> problem.code() == ErrorCode.RESOURCE_EXISTS
                                        ? INFO_RESOURCE_EXISTS
                                        : INFO_NO_OPERATION)
                                .orElse(0);
                    case WARNING ->
                        reply.problem().map(problem -> warning(problem.code())).orElse(WARN_NO_EFFECT);
                    case ERROR ->
                        reply.problem()
                                .map(problem -> error(problem.code(), reply.kind()))
                                .orElse(998);
                };
    }

    /** The code of a failure. */
    public static long error(ErrorCode code, Action action, ObjectKind kind) {
        return ERROR | operation(action) | object(kind) | error(code, kind);
    }

    /** The code of a failure that belongs to no operation and no kind of object. */
    public static long error(ErrorCode code) {
        return ERROR | error(code, ObjectKind.CONTROLLER);
    }

    /** The code of a warning that belongs to no operation and no kind of object. */
    public static long warning(ErrorCode code, ObjectKind kind) {
        return WARNING | object(kind) | warning(code);
    }

    private static long severity(Severity severity) {
        return switch (severity) {
            case SUCCESS -> 0;
            case INFO -> INFO;
            case WARNING -> WARNING;
            case ERROR -> ERROR;
        };
    }

    private static long operation(Action action) {
        return switch (action) {
            case CREATE -> 0x1000000L;
            case MODIFY -> 0x2000000L;
            case DELETE -> 0x3000000L;
        };
    }

    private static long object(ObjectKind kind) {
        return switch (kind) {
            case CONTROLLER -> 0x100000L;
            case NODE -> 0x3C0000L;
            case NET_INTERFACE -> 0x1C0000L;
            case STORAGE_POOL -> 0x140000L;
            case RESOURCE_GROUP -> 0x440000L;
            case VOLUME_GROUP -> 0x480000L;
            case RESOURCE_DEFINITION -> 0x380000L;
            case VOLUME_DEFINITION -> 0x300000L;
            case RESOURCE -> 0x340000L;
            case VOLUME -> 0x2C0000L;
            case SNAPSHOT -> 0x0C0000L;
            case NODE_CONNECTION -> 0x280000L;
            case RESOURCE_CONNECTION -> 0x240000L;
            case PEER_DEVICE -> 0x200000L;
        };
    }

    private static int success(Action action) {
        return switch (action) {
            case CREATE -> CREATED;
            case MODIFY -> MODIFIED;
            case DELETE -> DELETED;
        };
    }

    private static int warning(ErrorCode code) {
        ErrorType type = code.type();
        return switch (code) {
            case NODE_OFFLINE, LINK_LOST, UNCLAIMED, STALE_CONTROLLER, IDENTITY_MISMATCH, VERSION_MISMATCH ->
                WARN_NOT_CONNECTED;
            default ->
                switch (type) {
                    case NOT_FOUND -> WARN_NOT_FOUND;
                    case UNAVAILABLE, CONFLICT -> WARN_SATELLITE_NOT_UPDATED;
                    case EXTERNAL, INSUFFICIENT_RESOURCES -> WARN_STORAGE_ERROR;
                    case USER, FORBIDDEN, INTERNAL -> WARN_NO_EFFECT;
                };
        };
    }

    private static int error(ErrorCode code, ObjectKind kind) {
        return switch (code) {
            case INVALID_INPUT, NOT_SUPPORTED -> 234;
            case INVALID_NAME -> invalidName(kind);
            case INVALID_SIZE, SHRINK_REFUSED -> 206;
            case INVALID_ADDRESS -> 210;
            case INVALID_PROPERTY, UNKNOWN_PROPERTY -> 213;

            case NODE_NOT_FOUND -> 300;
            case RESOURCE_DEFINITION_NOT_FOUND -> 301;
            case RESOURCE_NOT_FOUND -> 302;
            case VOLUME_DEFINITION_NOT_FOUND -> 303;
            case VOLUME_NOT_FOUND -> 304;
            case NET_INTERFACE_NOT_FOUND -> 305;
            case STORAGE_POOL_NOT_FOUND -> 310;
            case SNAPSHOT_NOT_FOUND -> 315;
            case RESOURCE_GROUP_NOT_FOUND -> 317;
            case VOLUME_GROUP_NOT_FOUND -> 318;

            case NODE_EXISTS -> 500;
            case RESOURCE_DEFINITION_EXISTS -> 501;
            case RESOURCE_EXISTS -> 502;
            case VOLUME_DEFINITION_EXISTS -> 503;
            case FOREIGN_VOLUME -> 504;
            case NET_INTERFACE_EXISTS -> 505;
            case STORAGE_POOL_EXISTS -> 510;
            case SNAPSHOT_EXISTS -> 516;
            case RESOURCE_GROUP_EXISTS -> 522;
            case VOLUME_GROUP_EXISTS -> 523;

            case LAST_GOOD_COPY -> 991;
            case SPLIT_BRAIN -> 974;
            case STALE_CONTROLLER, IDENTITY_MISMATCH, UNCLAIMED -> 410;

            case UNAUTHENTICATED -> 10001;
            case NOT_ALLOWED -> 412;

            case NOT_ENOUGH_NODES -> 996;
            case POOL_FULL -> 980;
            case NUMBERS_EXHAUSTED -> kind == ObjectKind.VOLUME_DEFINITION ? 801 : 803;

            case NODE_OFFLINE, LINK_LOST, VERSION_MISMATCH, SPEC_NOT_CONFIRMED -> 995;
            case DRIVER_ABSENT -> 989;
            case POOL_UNUSABLE, POOL_DOES_NOT_ZERO -> 990;
            case STORE_FAILED, STORE_LOCKED -> 100;
            case INTERNAL_ERROR -> 999;

            // A newer core may know codes that this bundle was not compiled with.
            default -> code.type() == ErrorType.CONFLICT ? 997 : 998;
        };
    }

    private static int invalidName(ObjectKind kind) {
        return switch (kind) {
            case NODE -> 200;
            case RESOURCE_DEFINITION, RESOURCE -> 202;
            case VOLUME_DEFINITION, VOLUME -> 205;
            case STORAGE_POOL -> 208;
            case NET_INTERFACE -> 209;
            case SNAPSHOT -> 218;
            case RESOURCE_GROUP -> 237;
            case VOLUME_GROUP, CONTROLLER, NODE_CONNECTION, RESOURCE_CONNECTION, PEER_DEVICE -> 234;
        };
    }
}
