package io.heddle.core.link;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * A message between controller and satellite: one JSON object in one WebSocket text message. The controller dials; it sends
 * {@link Hello} and waits for {@link Welcome} or {@link Refused} before anything else.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "message")
@JsonSubTypes({
    @JsonSubTypes.Type(value = LinkMessage.Hello.class, name = "hello"),
    @JsonSubTypes.Type(value = LinkMessage.Welcome.class, name = "welcome"),
    @JsonSubTypes.Type(value = LinkMessage.Refused.class, name = "refused"),
    @JsonSubTypes.Type(value = LinkMessage.FullSpec.class, name = "full-spec"),
    @JsonSubTypes.Type(value = LinkMessage.Delta.class, name = "delta"),
    @JsonSubTypes.Type(value = LinkMessage.NeedFullSpec.class, name = "need-full-spec"),
    @JsonSubTypes.Type(value = LinkMessage.SpecStored.class, name = "spec-stored"),
    @JsonSubTypes.Type(value = LinkMessage.FullStatus.class, name = "full-status"),
    @JsonSubTypes.Type(value = LinkMessage.StatusChange.class, name = "status-change"),
    @JsonSubTypes.Type(value = LinkMessage.ActionRequest.class, name = "action-request"),
    @JsonSubTypes.Type(value = LinkMessage.ActionResult.class, name = "action-result"),
    @JsonSubTypes.Type(value = LinkMessage.Ping.class, name = "ping"),
    @JsonSubTypes.Type(value = LinkMessage.Pong.class, name = "pong")
})
public sealed interface LinkMessage {
    /** Version of the protocol; the sides must agree on it. */
    int PROTOCOL = 1;

    /** Longest message in bytes; a longer one ends the link with FRAME_TOO_LARGE. Holds the spec of some 10,000 resources. */
    int MAXIMUM_BYTES = 64 * 1024 * 1024;

    /**
     * The controller's first message.
     *
     * @param protocol {@link #PROTOCOL} of the sender
     * @param version version of Heddle
     * @param clusterId the cluster
     * @param node the name under which the satellite is registered
     * @param specVersion epoch, instance and present revision of the controller
     * @param code one-time code, if the administrator gave one
     * @param acceptOlder root's wish that a newer epoch seen before is forgotten
     */
    record Hello(
            int protocol,
            String version,
            UUID clusterId,
            NodeName node,
            SpecVersion specVersion,
            Optional<Secret> code,
            boolean acceptOlder)
            implements LinkMessage {
        public Hello {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(clusterId, "clusterId");
            Objects.requireNonNull(node, "node");
            Objects.requireNonNull(specVersion, "specVersion");
            Objects.requireNonNull(specVersion.instance(), "specVersion.instance");
        }
    }

    /**
     * The satellite's answer to a {@link Hello} it accepts.
     *
     * @param protocol {@link #PROTOCOL} of the sender
     * @param version version of Heddle
     * @param hostName what {@code uname -n} prints
     * @param held version of the spec it holds; empty if it has none
     */
    record Welcome(int protocol, String version, String hostName, Optional<SpecVersion> held) implements LinkMessage {
        public Welcome {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(hostName, "hostName");
        }
    }

    /**
     * The satellite's answer to what it does not accept; it closes the link after it.
     *
     * @param problem why
     */
    record Refused(Problem problem) implements LinkMessage {
        public Refused {
            Objects.requireNonNull(problem, "problem");
        }
    }

    /**
     * The whole wish for the node.
     *
     * @param spec what it is to look like
     */
    record FullSpec(NodeSpec spec) implements LinkMessage {
        public FullSpec {
            Objects.requireNonNull(spec, "spec");
        }
    }

    /**
     * A change of the wish.
     *
     * @param delta the change
     */
    record Delta(SpecDelta delta) implements LinkMessage {
        public Delta {
            Objects.requireNonNull(delta, "delta");
        }
    }

    /**
     * The satellite's revision is not the base of a delta, or it has no spec.
     *
     * @param why for the log
     */
    record NeedFullSpec(String why) implements LinkMessage {}

    /**
     * The satellite has the wish on its own disk.
     *
     * @param version up to which version
     */
    record SpecStored(SpecVersion version) implements LinkMessage {
        public SpecStored {
            Objects.requireNonNull(version, "version");
        }
    }

    /**
     * All that the satellite sees.
     *
     * @param status what it sees
     */
    record FullStatus(NodeStatus status) implements LinkMessage {
        public FullStatus {
            Objects.requireNonNull(status, "status");
        }
    }

    /**
     * What has changed since.
     *
     * @param delta the change
     */
    record StatusChange(StatusDelta delta) implements LinkMessage {
        public StatusChange {
            Objects.requireNonNull(delta, "delta");
        }
    }

    /**
     * Something to do once, on an administrator's explicit word.
     *
     * @param id number of the request on this link
     * @param action what
     */
    record ActionRequest(long id, NodeAction action) implements LinkMessage {
        public ActionRequest {
            Objects.requireNonNull(action, "action");
        }
    }

    /**
     * How an action ended.
     *
     * @param id number of the request
     * @param problem empty if it was done
     */
    record ActionResult(long id, Optional<Problem> problem) implements LinkMessage {}

    /**
     * Asks for a {@link Pong}; either side may send it.
     *
     * @param nonce comes back
     */
    record Ping(long nonce) implements LinkMessage {}

    /**
     * Answers a {@link Ping}.
     *
     * @param nonce the ping's
     */
    record Pong(long nonce) implements LinkMessage {}
}
