package io.heddle.controller.link;

import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.SpecDelta;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The links from this controller to its satellites. Each link has a queue of its own: a slow satellite delays nobody. No
 * method blocks. What the links find out is told to the {@link LinkListener} they were made with.
 */
public interface SatelliteLinks extends AutoCloseable {
    /**
     * Connects to a satellite, and again for ever with back-off when the link is lost. Called again with other values, it
     * connects anew; with the same values it does nothing.
     *
     * @param node name under which it is registered
     * @param address where it listens
     * @param pin SHA-256 of its public key as pinned; empty: not paired yet, take the key it shows
     */
    void connect(NodeName node, NetInterface address, Optional<String> pin);

    /** Drops the connection, if there is one, and connects at once. */
    void reconnect(NodeName node, Optional<Secret> code, boolean acceptOlder);

    /** Ends the link to a node that is not wanted any more. */
    void disconnect(NodeName node);

    /**
     * Sends a change of the node's spec. If the link is down, nothing is sent: the whole spec follows when it is up. Changes
     * that pile up behind a slow satellite are dropped and replaced by the whole spec.
     *
     * <p>The changes of a node are given in their order, each after it can be seen in {@link LinkListener#spec}. The base is
     * the revision of the node's change before, whatever happened to the cluster in between: the link puts the change over what
     * it sent last, if the base is not higher than that, and sends the whole spec otherwise.
     */
    void send(NodeName node, SpecDelta delta);

    /** Asks for an action; completes exceptionally with NODE_OFFLINE, TIMED_OUT or the satellite's problem. */
    CompletionStage<Void> perform(NodeName node, NodeAction action);

    /** SHA-256 of this controller's public key, lower-case hex. */
    String fingerprint();

    @Override
    void close();
}
