package io.heddle.satellite.link;

import io.heddle.core.link.NodeAction;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * What the link's server needs of the satellite; the satellite's reconciler answers. The server has checked who speaks
 * before it calls anything here. Calls come one after the other.
 */
public interface ControllerEnd {
    /** Version of the spec on this node's own disk; empty if there is none. */
    Optional<SpecVersion> held();

    /**
     * Takes the whole spec; returns when it is on disk.
     *
     * @throws io.heddle.core.error.HeddleException STALE_CONTROLLER if {@link SpecVersion#accepts} says no, IDENTITY_MISMATCH if
     *     it is of another cluster or node, FILE_FAILED
     */
    void take(NodeSpec spec);

    /**
     * Takes a change; returns when it is on disk.
     *
     * @return false if it does not build on the spec held, so that the whole is needed
     * @throws io.heddle.core.error.HeddleException STALE_CONTROLLER, FILE_FAILED
     */
    boolean take(SpecDelta delta);

    /**
     * Root's wish, passed on by the controller that root named: forget that a newer epoch was seen. Durable when it returns.
     */
    void acceptOlder();

    /** All that is seen now. */
    NodeStatus status();

    /** Calls {@code listener} with what changes, in order, from the moment of the call on, until closed. */
    AutoCloseable follow(Consumer<StatusDelta> listener);

    /** Carries an action out; completes exceptionally with a HeddleException. */
    CompletionStage<Void> perform(NodeAction action);
}
