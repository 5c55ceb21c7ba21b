package io.heddle.core.driver;

import io.heddle.core.error.Problem;
import io.heddle.core.status.ReplicationStatus;
import java.util.List;

/** Is told what DRBD's stream of events says. Calls come on one thread, in order, and must return soon. */
public interface ReplicationListener {
    /** The first dump is complete: {@code all} is everything that DRBD has. Called again after each restart of the stream. */
    void present(List<ReplicationStatus> all);

    /** A resource is new or has changed. */
    void changed(ReplicationStatus resource);

    /** DRBD does not have the resource any more. */
    void gone(String resource);

    /** The stream ended or cannot be read: what was told is old from now on, until {@link #present} is called again. */
    void unknown(Problem problem);
}
