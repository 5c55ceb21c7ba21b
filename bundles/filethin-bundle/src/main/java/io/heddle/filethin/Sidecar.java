package io.heddle.filethin;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import java.util.Objects;
import java.util.UUID;

/**
 * What lies beside a data file and says whose it is. It is written before the data file is made and removed after it, so
 * that there is no moment at which a file of ours has none: a data file without a valid one is somebody else's.
 *
 * @param file name of the data file, so that a sidecar that was copied to another name counts for nothing
 * @param cluster cluster that the volume belongs to
 * @param volume replica that it is of
 * @param stage how far its making has come
 * @param size size that the data file was last given; a file that is shorter was either not finished ({@link Stage#NEW}) or
 *     truncated by somebody
 */
record Sidecar(String file, UUID cluster, UUID volume, Stage stage, Bytes size) {
    Sidecar {
        Objects.requireNonNull(file);
        Objects.requireNonNull(cluster);
        Objects.requireNonNull(volume);
        Objects.requireNonNull(stage);
        Objects.requireNonNull(size);
    }

    static Sidecar fresh(BackingIdentity identity, Bytes size) {
        return new Sidecar(identity.name(), identity.cluster(), identity.volume(), Stage.NEW, size);
    }

    static Sidecar restored(BackingIdentity identity, Bytes size) {
        return new Sidecar(identity.name(), identity.cluster(), identity.volume(), Stage.RESTORED, size);
    }

    Sidecar ready() {
        return new Sidecar(file, cluster, volume, Stage.READY, size);
    }

    Sidecar grownTo(Bytes larger) {
        return new Sidecar(file, cluster, volume, stage, larger);
    }
}
