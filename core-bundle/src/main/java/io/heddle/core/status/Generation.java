package io.heddle.core.status;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * DRBD's data generation of a volume towards one peer (drbdsetup get-gi): two replicas with the same current one have the same
 * content, but for what their bitmaps say.
 *
 * @param current current UUID, 16 upper-case hex digits. Its lowest bit only says whether the node was Primary with it, and is
 *     always 0 here
 * @param bitmap UUID of the last content that the peer is known to have as well, zeros if nothing was written since
 */
public record Generation(String current, String bitmap) {
    private static final Pattern UUID = Pattern.compile("[0-9A-F]{16}");

    public Generation {
        current = withoutPrimaryBit(current);
        bitmap = withoutPrimaryBit(bitmap);
    }

    private static String withoutPrimaryBit(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        if (!UUID.matcher(upper).matches()) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "'" + text + "' is no data generation of DRBD",
                    "a generation has 16 hex digits",
                    "report it with the versions of DRBD and drbd-utils");
        }
        long value = Long.parseUnsignedLong(upper, 16) & ~1L;
        return String.format(Locale.ROOT, "%016X", value);
    }

    /** Whether this side has changes that the peer is not known to have. */
    public boolean hasChanges() {
        return Long.parseUnsignedLong(bitmap, 16) != 0;
    }
}
