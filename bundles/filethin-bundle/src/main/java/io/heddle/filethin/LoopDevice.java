package io.heddle.filethin;

import java.util.Optional;

/**
 * A loop device that is attached to a file.
 *
 * @param name its node, {@code /dev/loop7}
 * @param file the file behind it; empty where losetup could not say
 * @param path path of that file as the kernel remembers it
 * @param autoclear whether it goes when its last user closes it: somebody detached it while it was open
 * @param readOnly whether it refuses writes
 * @param whole whether it shows the file from its first byte to its last
 */
record LoopDevice(
        String name, Optional<FileIdentity> file, String path, boolean autoclear, boolean readOnly, boolean whole) {
    static final String DELETED = " (deleted)";

    /** Whether it can be the block device of a volume. */
    boolean serves() {
        return whole && !readOnly;
    }

    /** Whether its file has no name any more: its bytes go with it. */
    boolean holdsADeletedFile() {
        return path.endsWith(DELETED);
    }

    /** The path that the file had when it was attached. */
    String pathBeforeDeletion() {
        return holdsADeletedFile() ? path.substring(0, path.length() - DELETED.length()) : path;
    }
}
