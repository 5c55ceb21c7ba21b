package io.heddle.filethin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which file is meant, whatever its name is now. A loop device is matched by this and never by a path: the kernel cuts long
 * paths, marks deleted ones with a suffix, and keeps the path of a file that was renamed away (loop(4), losetup(8)).
 *
 * @param major major number of the device that holds the file
 * @param minor its minor number
 * @param inode number of the file on it
 */
record FileIdentity(long major, long minor, long inode) {
    static FileIdentity of(Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        return of(((Number) attributes.get("dev")).longValue(), ((Number) attributes.get("ino")).longValue());
    }

    /** From a device number as stat(2) returns it; the two numbers are woven into each other (makedev(3)). */
    static FileIdentity of(long device, long inode) {
        return new FileIdentity(
                (device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L),
                (device & 0xff) | (device >>> 12 & 0xffffff00L),
                inode);
    }
}
