package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Unclaimed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** A node as REST v1 shows it, with what Heddle knows beyond that in fields of its own. */
public final class NodeJson {
    /** Name of DRBD's driver among the drivers of a node. */
    private static final String DRBD = "DRBD";

    private static final List<DriverKind> KNOWN_KINDS = List.of(
            DriverKind.LVM,
            DriverKind.LVM_THIN,
            DriverKind.ZFS,
            DriverKind.ZFS_THIN,
            DriverKind.FILE,
            DriverKind.FILE_THIN);

    private NodeJson() {}

    /** Writes one node. */
    public static void write(JsonGenerator out, Node node, ClusterView view) throws IOException {
        Optional<NodeStatus> status = view.status(node.name());
        LinkStatus link = view.link(node.name());
        out.writeStartObject();
        out.writeStringField("name", node.name().value());
        out.writeStringField("type", node.type().name());
        List<String> flags = new ArrayList<>();
        if (node.deleting()) {
            flags.add("DELETE");
        }
        if (node.evacuation().isPresent()) {
            flags.add("EVACUATE");
        }
        if (!flags.isEmpty()) {
            JsonBytes.texts(out, "flags", flags);
        }
        JsonBytes.properties(out, properties(node, status));
        out.writeArrayFieldStart("net_interfaces");
        for (NetInterface netInterface : node.netInterfaces().values()) {
            writeInterface(out, node, netInterface);
        }
        out.writeEndArray();
        out.writeStringField("connection_status", connectionStatus(link));
        out.writeStringField("uuid", node.uuid().toString());
        if (status.isPresent()) {
            writeAbilities(out, status.get());
        }
        out.writeStringField("platform", "LINUX");
        writeOwnFields(out, node, status, view);
        out.writeEndObject();
    }

    /** Writes one address of a node. */
    public static void writeInterface(JsonGenerator out, Node node, NetInterface netInterface) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", netInterface.name().value());
        out.writeStringField("address", netInterface.address().value());
        out.writeNumberField("satellite_port", netInterface.linkPort());
        out.writeStringField(
                "satellite_encryption_type", netInterface.encryption() == LinkEncryption.TLS ? "SSL" : "PLAIN");
        out.writeBooleanField("is_active", netInterface.name().equals(node.activeInterface()));
        out.writeStringField(
                "uuid", derivedUuid(node.uuid(), netInterface.name().key()));
        out.writeEndObject();
    }

    /** The identity of a part that has none of its own: the same whenever it is asked for. */
    static String derivedUuid(UUID owner, String part) {
        return UUID.nameUUIDFromBytes((owner + "/" + part).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** REST v1's word for the link; only words that its clients know, since they look them up. */
    static String connectionStatus(LinkStatus link) {
        return switch (link.state()) {
            case ONLINE -> "ONLINE";
            case CONNECTING, NOT_NEEDED -> "UNKNOWN";
            case OFFLINE -> "OFFLINE";
            case UNCLAIMED -> "AUTHENTICATION_ERROR";
            case REFUSED ->
                link.problem().map(Problem::code).orElse(ErrorCode.STALE_CONTROLLER) == ErrorCode.IDENTITY_MISMATCH
                        ? "AUTHENTICATION_ERROR"
                        : "OTHER_CONTROLLER";
            case VERSION_MISMATCH -> "VERSION_MISMATCH";
        };
    }

    private static SortedMap<String, String> properties(Node node, Optional<NodeStatus> status) {
        TreeMap<String, String> properties = new TreeMap<>(node.properties());
        properties.put("CurStltConnName", node.activeInterface().value());
        status.ifPresent(known -> properties.put("NodeUname", known.hostName()));
        return properties;
    }

    private static void writeAbilities(JsonGenerator out, NodeStatus status) throws IOException {
        List<String> kinds = status.drivers().stream().map(DriverStatus::kind).toList();
        out.writeArrayFieldStart("storage_providers");
        out.writeString("DISKLESS");
        for (String kind : kinds) {
            if (!kind.equals(DRBD)) {
                out.writeString(kind);
            }
        }
        out.writeEndArray();
        KernelStatus kernel = status.kernel();
        boolean drbd = kernel.dialect() != Dialect.NONE && kinds.contains(DRBD);
        JsonBytes.texts(out, "resource_layers", drbd ? List.of(DRBD, "STORAGE") : List.of("STORAGE"));
        out.writeObjectFieldStart("unsupported_providers");
        for (DriverKind known : KNOWN_KINDS) {
            if (!kinds.contains(known.value())) {
                JsonBytes.texts(out, known.value(), List.of("no driver for " + known + " runs on this node"));
            }
        }
        out.writeEndObject();
        out.writeObjectFieldStart("unsupported_layers");
        if (!drbd) {
            JsonBytes.texts(
                    out,
                    DRBD,
                    List.of(kernel.problem()
                            .map(NodeJson::sentence)
                            .orElse("no module or no driver for DRBD is there")));
        } else if (kernel.problem().isPresent()) {
            // What is missing of DRBD 9 where the kernel brings 8.4.
            JsonBytes.texts(out, "DRBD9", List.of(sentence(kernel.problem().get())));
        }
        out.writeEndObject();
        out.writeStringField("os_variant", "Linux " + kernel.kernelRelease());
    }

    private static String sentence(Problem problem) {
        return problem.what() + ": " + problem.why() + "; " + problem.correction();
    }

    private static void writeOwnFields(JsonGenerator out, Node node, Optional<NodeStatus> status, ClusterView view)
            throws IOException {
        LinkStatus link = view.link(node.name());
        out.writeStringField("link_state", link.state().name());
        out.writeNumberField("link_since", link.since().toEpochMilli());
        if (link.problem().isPresent()) {
            out.writeFieldName("link_problem");
            writeProblem(out, link.problem().get());
        }
        if (link.fingerprint().isPresent()) {
            out.writeStringField("fingerprint", link.fingerprint().get());
        }
        if (node.pin().isPresent()) {
            out.writeStringField("pinned_fingerprint", node.pin().get());
        }
        out.writeNumberField("create_timestamp", node.createdAt().toEpochMilli());
        if (node.evacuation().isPresent()) {
            out.writeObjectFieldStart("evacuation");
            for (Map.Entry<ResourceName, String> left :
                    view.evacuation(node.name()).entrySet()) {
                out.writeStringField(left.getKey().value(), left.getValue());
            }
            out.writeEndObject();
        }
        if (status.isEmpty()) {
            return;
        }
        NodeStatus known = status.get();
        out.writeStringField("version", known.version());
        out.writeNumberField("seen_timestamp", known.seenAt().toEpochMilli());
        out.writeStringField("kernel_release", known.kernel().kernelRelease());
        out.writeStringField("drbd_version", known.kernel().moduleVersion());
        out.writeStringField("drbd_utils_version", known.kernel().utilsVersion());
        out.writeArrayFieldStart("unclaimed");
        for (Unclaimed unclaimed : known.unclaimed()) {
            out.writeStartObject();
            out.writeStringField("kind", unclaimed.kind());
            out.writeStringField("name", unclaimed.name());
            out.writeStringField("why", unclaimed.why());
            if (unclaimed.identity().isPresent()) {
                out.writeStringField("identity", unclaimed.identity().get().toString());
            }
            out.writeBooleanField("adoptable", unclaimed.former().isPresent());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    static void writeProblem(JsonGenerator out, Problem problem) throws IOException {
        out.writeStartObject();
        out.writeStringField("code", problem.code().name());
        out.writeStringField("what", problem.what());
        out.writeStringField("why", problem.why());
        out.writeStringField("correction", problem.correction());
        out.writeEndObject();
    }
}
