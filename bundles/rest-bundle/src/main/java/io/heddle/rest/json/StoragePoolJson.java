package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Node;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.StoragePool;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** A storage pool as REST v1 shows it. */
public final class StoragePoolJson {
    /** Every node has it: where the volumes of diskless resources are listed. */
    public static final PoolName DISKLESS_POOL = new PoolName("DfltDisklessStorPool");

    public static final String DISKLESS_KIND = "DISKLESS";

    /** Property under which REST v1 has what a pool stands on. */
    public static final String BACKING = "StorDriver/StorPoolName";

    private static final Set<DriverKind> THIN = Set.of(DriverKind.LVM_THIN, DriverKind.ZFS_THIN, DriverKind.FILE_THIN);

    private StoragePoolJson() {}

    /** Writes one pool of a node. */
    public static void write(JsonGenerator out, Node node, StoragePool pool, ClusterView view) throws IOException {
        Optional<PoolStatus> status =
                view.status(node.name()).map(known -> known.pools().get(pool.name()));
        Optional<PoolCapacity> capacity =
                status.flatMap(known -> known.capacity().known());
        boolean thin = capacity.map(PoolCapacity::thin).orElse(THIN.contains(pool.kind()));
        boolean snapshots =
                capacity.map(PoolCapacity::snapshots).orElse(thin || pool.kind().equals(DriverKind.ZFS));
        out.writeStartObject();
        out.writeStringField("storage_pool_name", pool.name().value());
        out.writeStringField("node_name", node.name().value());
        out.writeStringField("provider_kind", pool.kind().value());
        JsonBytes.properties(out, properties(pool));
        out.writeObjectFieldStart("static_traits");
        out.writeStringField("Provisioning", thin ? "Thin" : "Fat");
        out.writeStringField("SupportsSnapshots", Boolean.toString(snapshots));
        out.writeEndObject();
        out.writeNumberField(
                "free_capacity", capacity.map(known -> known.free().kib()).orElse(0L));
        out.writeNumberField(
                "total_capacity", capacity.map(known -> known.total().kib()).orElse(0L));
        out.writeStringField("free_space_mgr_name", node.name() + ";" + pool.name());
        out.writeStringField("uuid", pool.uuid().toString());
        writeReports(out, node, pool, status, view);
        out.writeBooleanField("supports_snapshots", snapshots);
        out.writeBooleanField("external_locking", false);
        if (capacity.isPresent()) {
            writeOwnFields(out, capacity.get());
        }
        out.writeEndObject();
    }

    /** Writes the pool that every node is shown to have for its diskless volumes. */
    public static void writeDiskless(JsonGenerator out, Node node) throws IOException {
        out.writeStartObject();
        out.writeStringField("storage_pool_name", DISKLESS_POOL.value());
        out.writeStringField("node_name", node.name().value());
        out.writeStringField("provider_kind", DISKLESS_KIND);
        out.writeObjectFieldStart("static_traits");
        out.writeStringField("SupportsSnapshots", "false");
        out.writeEndObject();
        out.writeNumberField("free_capacity", Long.MAX_VALUE);
        out.writeNumberField("total_capacity", Long.MAX_VALUE);
        out.writeStringField("free_space_mgr_name", node.name() + ";" + DISKLESS_POOL);
        out.writeStringField("uuid", NodeJson.derivedUuid(node.uuid(), DISKLESS_POOL.key()));
        out.writeBooleanField("supports_snapshots", false);
        out.writeBooleanField("external_locking", false);
        out.writeEndObject();
    }

    private static SortedMap<String, String> properties(StoragePool pool) {
        TreeMap<String, String> properties = new TreeMap<>(pool.properties());
        properties.put(BACKING, pool.backing());
        return properties;
    }

    private static void writeReports(
            JsonGenerator out, Node node, StoragePool pool, Optional<PoolStatus> status, ClusterView view)
            throws IOException {
        LinkStatus link = view.link(node.name());
        boolean online = link.state() == LinkStatus.State.ONLINE;
        Optional<Problem> failure = status.flatMap(known -> known.capacity().unknown());
        List<String> warnings = status.flatMap(known -> known.capacity().known())
                .map(PoolCapacity::warnings)
                .orElse(List.of());
        if (online && status.isPresent() && failure.isEmpty() && warnings.isEmpty()) {
            return;
        }
        String where = "storage pool " + pool.name() + " on node " + node.name();
        Instant at = view.status(node.name()).map(known -> known.seenAt()).orElse(link.since());
        out.writeArrayFieldStart("reports");
        if (!online) {
            report(
                    out,
                    ReturnCodes.warning(ErrorCode.NODE_OFFLINE, ObjectKind.STORAGE_POOL),
                    where + ": no link to the satellite, the numbers are from before",
                    link.problem().map(Problem::why).orElse("the satellite was not reached yet"),
                    link.problem().map(Problem::correction).orElse("see 'node list'"),
                    at);
        }
        if (failure.isPresent()) {
            Problem problem = failure.get();
            report(
                    out,
                    ReturnCodes.error(problem.code()),
                    where + ": " + problem.what(),
                    problem.why(),
                    problem.correction(),
                    at);
        }
        for (String warning : warnings) {
            report(
                    out,
                    ReturnCodes.warning(ErrorCode.OBSERVATION_FAILED, ObjectKind.STORAGE_POOL),
                    where + ": " + warning,
                    "",
                    "",
                    at);
        }
        out.writeEndArray();
    }

    private static void report(
            JsonGenerator out, long code, String message, String cause, String correction, Instant at)
            throws IOException {
        out.writeStartObject();
        out.writeNumberField("ret_code", code);
        out.writeStringField("message", message);
        if (!cause.isEmpty()) {
            out.writeStringField("cause", cause);
        }
        if (!correction.isEmpty()) {
            out.writeStringField("correction", correction);
        }
        out.writeStringField("created_at", at.toString());
        out.writeEndObject();
    }

    private static void writeOwnFields(JsonGenerator out, PoolCapacity capacity) throws IOException {
        out.writeNumberField("provisioned_capacity", capacity.provisioned().kib());
        out.writeBooleanField("zeroes_new_volumes", capacity.zeroes());
        if (capacity.dataPercent().isPresent()) {
            out.writeNumberField("data_percent", capacity.dataPercent().getAsDouble());
        }
        if (capacity.metadataPercent().isPresent()) {
            out.writeNumberField("metadata_percent", capacity.metadataPercent().getAsDouble());
        }
    }
}
