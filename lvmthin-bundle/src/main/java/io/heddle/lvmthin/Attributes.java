package io.heddle.lvmthin;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Map;
import java.util.Optional;

/**
 * The ten letters of {@code lv_attr} (lvs(8), NOTES).
 *
 * @param letters the letters as lvs prints them
 */
record Attributes(String letters) {
    private static final int LENGTH = 10;
    private static final int TYPE = 0;
    private static final int STATE = 4;
    private static final int OPEN = 5;
    private static final int ZERO = 7;
    private static final int HEALTH = 8;

    private static final char ORIGIN = 'o';
    private static final char ORIGIN_WITH_MERGING_SNAPSHOT = 'O';
    private static final char THIN_POOL = 't';
    private static final char ACTIVE = 'a';
    private static final char SUSPENDED = 's';
    private static final char CHECK_NEEDED = 'c';
    private static final char SUSPENDED_CHECK_NEEDED = 'C';
    private static final char IS_OPEN = 'o';
    private static final char ZEROES = 'z';
    private static final char OUT_OF_DATA = 'D';
    private static final char METADATA_READ_ONLY = 'M';
    private static final char FAILED = 'F';
    private static final char PARTIAL = 'p';
    private static final String MIRRORED_TYPES = "mMrR";

    private static final Map<Character, String> SICK_STATES = Map.of(
            SUSPENDED,
            "its device is suspended, and whoever reads or writes it waits: dmsetup resume lets it go on",
            'I',
            "it is a snapshot that has run full and is of no use any more",
            'S',
            "it is a snapshot that has run full and is suspended",
            'm',
            "merging its snapshot has failed",
            'M',
            "merging its snapshot has failed, and it is suspended",
            'd',
            "its device is there without a table: deactivate and activate it",
            'i',
            "its device is there with a table that is not in use: deactivate and activate it",
            CHECK_NEEDED,
            "its metadata must be checked: deactivate it and run lvconvert --repair",
            SUSPENDED_CHECK_NEEDED,
            "its metadata must be checked, and it is suspended: run lvconvert --repair",
            'X',
            "LVM cannot say in which state it is");

    private static final Map<Character, String> SICK_HEALTH = Map.of(
            PARTIAL,
            "a physical volume that it needs is missing: bring the disk back, then vgextend --restoremissing",
            'X',
            "LVM cannot say how healthy it is",
            FAILED,
            "its thin pool has failed and does no more I/O: see dmesg, then lvconvert --repair",
            OUT_OF_DATA,
            "it has no data space left, and writes to new places wait or fail: lvextend it",
            METADATA_READ_ONLY,
            "its metadata is full or damaged, and it takes no more changes: lvextend --poolmetadatasize, or lvconvert --repair",
            'E',
            "its cache reports an error");

    /** What a mirrored or RAID volume lives with: it is not a reason to keep it out of service. */
    private static final Map<Character, String> BEARABLE = Map.of(
            PARTIAL,
            "one of the disks under its mirror is missing: bring it back, or lvconvert --repair",
            'r',
            "a disk under its mirror had a write error: lvchange --refresh it, or replace the disk",
            'm',
            "the copies under its mirror differ: lvchange --syncaction repair");

    Attributes {
        if (letters.length() < LENGTH) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot read the attributes of a logical volume",
                    "'" + letters + "' has fewer than " + LENGTH + " letters",
                    "run lvs by hand; LVM 2.03 or newer is needed");
        }
    }

    boolean isActive() {
        char state = letters.charAt(STATE);
        return state == ACTIVE || state == SUSPENDED || state == CHECK_NEEDED || state == SUSPENDED_CHECK_NEEDED;
    }

    boolean isOpen() {
        return letters.charAt(OPEN) == IS_OPEN;
    }

    /** Whether it is a thin pool, and no volume to store something in. */
    boolean isPool() {
        return letters.charAt(TYPE) == THIN_POOL;
    }

    /** Whether it has thick snapshots. Removing it would remove them, and lvremove --yes asks nobody. */
    boolean isOrigin() {
        return letters.charAt(TYPE) == ORIGIN || letters.charAt(TYPE) == ORIGIN_WITH_MERGING_SNAPSHOT;
    }

    /** Whether blocks that a thin pool hands out are zeroed first. */
    boolean zeroes() {
        return letters.charAt(ZERO) == ZEROES;
    }

    private boolean isBearable() {
        return MIRRORED_TYPES.indexOf(letters.charAt(TYPE)) >= 0 && BEARABLE.containsKey(letters.charAt(HEALTH));
    }

    /** What needs a look while it goes on working, as half a sentence with what to do; empty if nothing does. */
    Optional<String> warning() {
        return isBearable() ? Optional.ofNullable(BEARABLE.get(letters.charAt(HEALTH))) : Optional.empty();
    }

    /** Why it cannot be relied on, as half a sentence with what to do; empty if it can. */
    Optional<String> fault() {
        return Optional.ofNullable(isBearable() ? null : SICK_HEALTH.get(letters.charAt(HEALTH)))
                .or(() -> Optional.ofNullable(SICK_STATES.get(letters.charAt(STATE))));
    }
}
