package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;

/** Ranges of the numbers that DRBD and TCP know. */
public final class Numbers {
    /** Highest node id of DRBD 9 (drbd_limits.h, DRBD_NODE_ID_MAX). */
    public static final int MAXIMUM_NODE_ID = 31;
    /** Highest device minor (Linux MINORBITS is 20). */
    public static final int MAXIMUM_MINOR = (1 << 20) - 1;
    /** Highest volume number (DRBD_VOLUME_MAX). */
    public static final int MAXIMUM_VOLUME_NUMBER = 65534;
    /** Bitmap slots kept in the metadata unless asked otherwise. */
    public static final int DEFAULT_MAXIMUM_PEERS = 7;

    private Numbers() {}

    /** Refuses what is no TCP port with INVALID_INPUT. */
    public static int checkPort(int port) {
        return check("TCP port", port, 1, 65535);
    }

    /** Refuses a number outside of {@code low} to {@code high} with INVALID_INPUT; returns it otherwise. */
    public static int check(String noun, int number, int low, int high) {
        if (number < low || number > high) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    number + " cannot be a " + noun,
                    "a " + noun + " is between " + low + " and " + high,
                    "give a number in that range");
        }
        return number;
    }
}
