package io.heddle.core.status;

import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import java.util.Optional;
import java.util.SortedSet;

/**
 * What the node's kernel and tools can do for replication.
 *
 * @param dialect which DRBD is loaded
 * @param moduleVersion version of the loaded module, empty text if none is loaded
 * @param utilsVersion version of drbd-utils, empty text if absent
 * @param kernelRelease {@code uname -r}
 * @param problem why replication is not to be had or limited; empty if all is well
 * @param transports transports that DRBD can be asked for there, such as {@code tcp}; empty if that is not known
 */
public record KernelStatus(
        Dialect dialect,
        String moduleVersion,
        String utilsVersion,
        String kernelRelease,
        Optional<Problem> problem,
        SortedSet<String> transports) {
    public KernelStatus {
        transports = Ordered.set(transports);
    }

    /** One of which it is not known what transports there are. */
    public KernelStatus(
            Dialect dialect,
            String moduleVersion,
            String utilsVersion,
            String kernelRelease,
            Optional<Problem> problem) {
        this(dialect, moduleVersion, utilsVersion, kernelRelease, problem, Ordered.set(null));
    }

    /** Version of the module if it is one to work with; empty text otherwise. */
    public String usableVersion() {
        return dialect == Dialect.NONE ? "" : moduleVersion;
    }

    /** Families of DRBD that differ in what they can do and how they are spoken to. */
    public enum Dialect {
        /** No module is loaded, or no driver is there. */
        NONE,
        /** In-tree 8.4: two diskful replicas, no quorum, explicit promotion. */
        DRBD_8_4,
        /** 9.1 or newer. */
        DRBD_9
    }
}
