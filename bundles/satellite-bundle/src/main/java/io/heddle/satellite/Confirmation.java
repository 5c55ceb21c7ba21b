package io.heddle.satellite;

import io.heddle.core.file.DurableFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Remembers whether a controller has confirmed the spec since this machine booted. Kept with the boot's id, so that a restart
 * of the satellite alone does not lose it.
 */
final class Confirmation {
    private final DurableFile file;
    private final String bootId;
    private volatile boolean confirmed;

    /**
     * @param file where it is kept
     * @param bootId differs with each boot ({@code /proc/sys/kernel/random/boot_id}, random(4))
     */
    Confirmation(Path file, String bootId) {
        this.file = DurableFile.secret(file);
        this.bootId = bootId;
        this.confirmed = this.file
                .read()
                .filter(kept -> new String(kept, StandardCharsets.UTF_8).equals(bootId))
                .isPresent();
    }

    boolean isConfirmed() {
        return confirmed;
    }

    /** True if it was not confirmed before; durable when it returns. */
    boolean confirm() {
        if (confirmed) {
            return false;
        }
        file.replace(bootId.getBytes(StandardCharsets.UTF_8));
        confirmed = true;
        return true;
    }
}
