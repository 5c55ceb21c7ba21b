package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Layer;
import io.heddle.core.model.Node;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import io.heddle.core.status.SyncProgress;
import io.heddle.core.status.VolumeStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A resource with its volumes as REST v1 shows it: what is wanted, and what its node's satellite saw last. Where the satellite is
 * not reached nothing is said about the state: unknown is shown as unknown.
 *
 * @param definition its definition
 * @param resource the resource
 * @param node its node; null if that is gone
 * @param status what the satellite saw last; null if nothing
 * @param online whether the satellite is reached now, so that {@code status} is true now
 */
public record ResourceJson(
        ResourceDefinition definition,
        Resource resource,
        @Nullable Node node,
        @Nullable ResourceStatus status,
        boolean online)
        implements JsonPart {

    @Override
    public void write(JsonGenerator out) throws IOException {
        write(out, more -> {});
    }

    /** This resource with the DRBD options that hold for it, which costs too much for long lists. */
    public JsonPart withEffectiveProperties(ClusterState state) {
        return out -> write(out, more -> EffectivePropertiesJson.ofResource(more, state, definition, resource));
    }

    private void write(JsonGenerator out, JsonPart more) throws IOException {
        Optional<ReplicationStatus> replication = replication();
        out.writeStartObject();
        out.writeStringField("name", definition.name().value());
        out.writeStringField("node_name", resource.node().value());
        JsonBytes.properties(out, properties());
        more.write(out);
        JsonBytes.texts(out, "flags", flags());
        out.writeFieldName("layer_object");
        writeLayers(out, replication);
        if (online) {
            out.writeObjectFieldStart("state");
            if (replication.isPresent()) {
                out.writeBooleanField("in_use", replication.get().role() == Role.PRIMARY);
            }
            out.writeEndObject();
        }
        out.writeStringField("uuid", resource.uuid().toString());
        out.writeNumberField("create_timestamp", resource.createdAt().toEpochMilli());
        writeVolumes(out, replication);
        writeOwnFields(out);
        out.writeEndObject();
    }

    /** Writes the array of its volumes. */
    public void writeVolumeArray(JsonGenerator out) throws IOException {
        Optional<ReplicationStatus> replication = replication();
        out.writeStartArray();
        for (Volume volume : resource.volumes().values()) {
            writeVolume(out, volume, replication);
        }
        out.writeEndArray();
    }

    /** One of its volumes, with the DRBD options that hold for it. */
    public JsonPart volume(ClusterState state, Volume volume) {
        VolumeDefinition volumeDefinition = definition.volumeDefinitions().get(volume.number());
        return out -> writeVolume(out, volume, replication(), more -> {
            if (volumeDefinition != null) {
                EffectivePropertiesJson.ofVolume(more, state, definition, resource, volumeDefinition);
            }
        });
    }

    private Optional<ReplicationStatus> replication() {
        return online && status != null ? status.inKernel() : Optional.empty();
    }

    private SortedMap<String, String> properties() {
        TreeMap<String, String> properties = new TreeMap<>(resource.properties());
        String pool = resource.diskless()
                ? StoragePoolJson.DISKLESS_POOL.value()
                : resource.volumes().values().stream()
                        .flatMap(volume -> volume.backing().stream())
                        .map(backing -> backing.pool().value())
                        .findFirst()
                        .orElse("");
        if (!pool.isEmpty()) {
            properties.put("StorPoolName", pool);
        }
        return properties;
    }

    private boolean deleting() {
        return resource.deleting() || definition.deleting();
    }

    private List<String> flags() {
        List<String> flags = new ArrayList<>();
        if (deleting()) {
            flags.add("DELETE");
        }
        if (resource.diskless()) {
            flags.add("DISKLESS");
            flags.add("DRBD_DISKLESS");
        }
        if (resource.tieBreaker()) {
            flags.add("TIE_BREAKER");
        }
        return flags;
    }

    private void writeLayers(JsonGenerator out, Optional<ReplicationStatus> replication) throws IOException {
        if (!definition.replicated()) {
            writeStorageLayer(out);
            return;
        }
        out.writeStartObject();
        out.writeArrayFieldStart("children");
        writeStorageLayer(out);
        out.writeEndArray();
        out.writeStringField("type", Layer.DRBD.name());
        out.writeObjectFieldStart("drbd");
        out.writeFieldName("drbd_resource_definition");
        ResourceDefinitionJson.writeDrbd(out);
        out.writeNumberField("node_id", resource.nodeId());
        out.writeArrayFieldStart("tcp_ports");
        out.writeNumber(resource.port());
        out.writeEndArray();
        out.writeNumberField("peer_slots", peerSlots());
        out.writeNumberField("al_stripes", 1);
        out.writeNumberField("al_size", 32);
        JsonBytes.texts(out, "flags", drbdFlags());
        out.writeArrayFieldStart("drbd_volumes");
        for (Volume volume : resource.volumes().values()) {
            VolumeDefinition volumeDefinition = definition.volumeDefinitions().get(volume.number());
            if (volumeDefinition != null) {
                writeDrbdVolume(out, volume, volumeDefinition, replication);
            }
        }
        out.writeEndArray();
        if (replication.isPresent()) {
            writeConnections(out, replication.get());
            out.writeNumberField("promotion_score", replication.get().promotionScore());
            out.writeBooleanField("may_promote", replication.get().mayPromote());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    private int peerSlots() {
        return resource.volumes().values().stream()
                .flatMap(volume -> volume.backing().stream())
                .mapToInt(Backing::maximumPeers)
                .findFirst()
                .orElse(Numbers.DEFAULT_MAXIMUM_PEERS);
    }

    private List<String> drbdFlags() {
        List<String> flags = new ArrayList<>();
        if (resource.diskless()) {
            flags.add("DISKLESS");
        }
        if (status != null && status.phase() == Phase.READY) {
            flags.add("INITIALIZED");
        }
        return flags;
    }

    private static void writeConnections(JsonGenerator out, ReplicationStatus replication) throws IOException {
        out.writeObjectFieldStart("connections");
        for (ConnectionStatus connection : replication.connections()) {
            out.writeObjectFieldStart(connection.peer());
            out.writeBooleanField("connected", connection.state() == ConnectionState.CONNECTED);
            out.writeStringField("message", connection.state().drbdName());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private void writeStorageLayer(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", Layer.STORAGE.name());
        out.writeObjectFieldStart("storage");
        out.writeArrayFieldStart("storage_volumes");
        for (Volume volume : resource.volumes().values()) {
            writeStorageVolume(out, volume);
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndObject();
    }

    private void writeVolumes(JsonGenerator out, Optional<ReplicationStatus> replication) throws IOException {
        out.writeFieldName("volumes");
        out.writeStartArray();
        for (Volume volume : resource.volumes().values()) {
            writeVolume(out, volume, replication);
        }
        out.writeEndArray();
    }

    private void writeVolume(JsonGenerator out, Volume volume, Optional<ReplicationStatus> replication)
            throws IOException {
        writeVolume(out, volume, replication, more -> {});
    }

    private void writeVolume(JsonGenerator out, Volume volume, Optional<ReplicationStatus> replication, JsonPart more)
            throws IOException {
        Optional<VolumeStatus> seen = seen(volume);
        VolumeDefinition volumeDefinition = definition.volumeDefinitions().get(volume.number());
        out.writeStartObject();
        out.writeNumberField("volume_number", volume.number());
        out.writeStringField(
                "storage_pool_name",
                volume.backing().map(backing -> backing.pool().value()).orElse(StoragePoolJson.DISKLESS_POOL.value()));
        out.writeStringField("provider_kind", kind(volume));
        if (seen.flatMap(VolumeStatus::devicePath).isPresent()) {
            out.writeStringField(
                    "device_path", seen.flatMap(VolumeStatus::devicePath).get());
        }
        out.writeNumberField(
                "allocated_size_kib",
                volume.backing().isEmpty()
                        ? 0
                        : seen.flatMap(VolumeStatus::allocated).map(Bytes::kib).orElse(-1L));
        if (volumeDefinition != null) {
            out.writeNumberField("usable_size_kib", volumeDefinition.size().kib());
        }
        if (deleting() || (volumeDefinition != null && volumeDefinition.deleting())) {
            JsonBytes.texts(out, "flags", List.of("DELETE"));
        }
        if (online) {
            writeVolumeState(out, volume, replication);
        }
        out.writeArrayFieldStart("layer_data_list");
        if (definition.replicated() && volumeDefinition != null) {
            out.writeStartObject();
            out.writeStringField("type", Layer.DRBD.name());
            out.writeFieldName("data");
            writeDrbdVolume(out, volume, volumeDefinition, replication);
            out.writeEndObject();
        }
        out.writeStartObject();
        out.writeStringField("type", Layer.STORAGE.name());
        out.writeFieldName("data");
        writeStorageVolume(out, volume);
        out.writeEndObject();
        out.writeEndArray();
        out.writeStringField("uuid", volume.uuid().toString());
        more.write(out);
        writeReport(out);
        out.writeEndObject();
    }

    private String kind(Volume volume) {
        if (volume.backing().isEmpty()) {
            return StoragePoolJson.DISKLESS_KIND;
        }
        StoragePool pool = node == null
                ? null
                : node.storagePools().get(volume.backing().get().pool());
        return pool == null ? "UNKNOWN" : pool.kind().value();
    }

    private void writeVolumeState(JsonGenerator out, Volume volume, Optional<ReplicationStatus> replication)
            throws IOException {
        out.writeObjectFieldStart("state");
        if (replication.isPresent()) {
            Optional<DeviceStatus> device = replication.get().device(volume.number());
            if (device.isPresent()) {
                out.writeStringField("disk_state", diskState(volume.number(), device.get(), replication.get()));
            }
            out.writeObjectFieldStart("replication_states");
            for (ConnectionStatus connection : replication.get().connections()) {
                for (PeerVolumeStatus peer : connection.volumes()) {
                    if (peer.number() == volume.number()) {
                        writeReplicationState(out, connection, peer);
                    }
                }
            }
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void writeReplicationState(JsonGenerator out, ConnectionStatus connection, PeerVolumeStatus peer)
            throws IOException {
        out.writeObjectFieldStart(connection.peer());
        out.writeStringField("replication_state", peer.replication().drbdName());
        if (peer.donePercent().isPresent()) {
            out.writeNumberField("done_percentage", peer.donePercent().getAsDouble());
        }
        if (peer.progress().isPresent()) {
            writeProgress(out, peer, peer.progress().get());
        }
        out.writeEndObject();
    }

    /** Fields of our own; what is not known is left out. */
    private static void writeProgress(JsonGenerator out, PeerVolumeStatus peer, SyncProgress progress)
            throws IOException {
        out.writeNumberField("out_of_sync_kib", peer.outOfSync().kib());
        if (progress.bytesPerSecond().isPresent()) {
            out.writeNumberField("bytes_per_second", progress.bytesPerSecond().getAsLong());
        }
        if (progress.timeLeft().isPresent()) {
            out.writeNumberField("seconds_left", progress.timeLeft().get().toSeconds());
        }
        if (!peer.resyncSuspended().equals("no")) {
            out.writeStringField("resync_suspended", peer.resyncSuspended());
        }
        if (progress.stalledSince().isPresent()) {
            out.writeStringField("stalled_since", progress.stalledSince().get().toString());
        }
    }

    /** The disk state; while it is being synced, how far that is, as the clients of REST v1 are used to. */
    private static String diskState(int number, DeviceStatus device, ReplicationStatus replication) {
        for (ConnectionStatus connection : replication.connections()) {
            for (PeerVolumeStatus peer : connection.volumes()) {
                if (peer.number() == number
                        && peer.replication() == ReplicationState.SYNC_TARGET
                        && peer.donePercent().isPresent()) {
                    return String.format(
                            Locale.ROOT,
                            "%s(%.2f%%)",
                            ReplicationState.SYNC_TARGET.drbdName(),
                            peer.donePercent().getAsDouble());
                }
            }
        }
        return device.disk().drbdName();
    }

    private Optional<VolumeStatus> seen(Volume volume) {
        return status == null
                ? Optional.empty()
                : status.volumes().stream()
                        .filter(seen -> seen.number() == volume.number())
                        .findFirst();
    }

    private void writeDrbdVolume(
            JsonGenerator out,
            Volume volume,
            VolumeDefinition volumeDefinition,
            Optional<ReplicationStatus> replication)
            throws IOException {
        Optional<VolumeStatus> seen = seen(volume);
        out.writeStartObject();
        out.writeFieldName("drbd_volume_definition");
        ResourceDefinitionJson.writeDrbdVolume(out, volumeDefinition);
        // Known before the device is there: DRBD names it by its minor.
        out.writeStringField(
                "device_path", seen.flatMap(VolumeStatus::devicePath).orElse("/dev/drbd" + volumeDefinition.minor()));
        if (seen.flatMap(VolumeStatus::backingDevice).isPresent()) {
            out.writeStringField(
                    "backing_device", seen.flatMap(VolumeStatus::backingDevice).get());
        }
        out.writeNumberField(
                "allocated_size_kib",
                volume.backing().isEmpty()
                        ? -1
                        : seen.flatMap(VolumeStatus::backingSize)
                                .map(Bytes::kib)
                                .orElse(-1L));
        out.writeNumberField(
                "usable_size_kib",
                replication
                        .flatMap(known -> known.device(volume.number()))
                        .filter(device -> !device.size().isZero())
                        .map(device -> device.size().kib())
                        .orElse(volumeDefinition.size().kib()));
        out.writeEndObject();
    }

    private void writeStorageVolume(JsonGenerator out, Volume volume) throws IOException {
        Optional<VolumeStatus> seen = seen(volume);
        out.writeStartObject();
        out.writeNumberField("volume_number", volume.number());
        if (volume.backing().isEmpty()) {
            out.writeNumberField("allocated_size_kib", 0);
            VolumeDefinition volumeDefinition = definition.volumeDefinitions().get(volume.number());
            out.writeNumberField(
                    "usable_size_kib",
                    volumeDefinition == null ? -1 : volumeDefinition.size().kib());
        } else {
            if (seen.flatMap(VolumeStatus::backingDevice).isPresent()) {
                out.writeStringField(
                        "device_path", seen.flatMap(VolumeStatus::backingDevice).get());
            }
            out.writeNumberField(
                    "allocated_size_kib",
                    seen.flatMap(VolumeStatus::allocated).map(Bytes::kib).orElse(-1L));
            out.writeNumberField(
                    "usable_size_kib",
                    seen.flatMap(VolumeStatus::backingSize).map(Bytes::kib).orElse(-1L));
            out.writeStringField("disk_state", "[]");
        }
        out.writeEndObject();
    }

    /** What stands in the way, where a client of REST v1 looks for it: at the volume. */
    private void writeReport(JsonGenerator out) throws IOException {
        if (status == null || status.problem().isEmpty()) {
            return;
        }
        var problem = status.problem().get();
        out.writeArrayFieldStart("reports");
        out.writeStartObject();
        out.writeNumberField("ret_code", ReturnCodes.error(problem.code()));
        out.writeStringField("message", problem.what());
        out.writeStringField("cause", problem.why());
        out.writeStringField("correction", problem.correction());
        out.writeStringField("created_at", status.since().toString());
        out.writeEndObject();
        out.writeEndArray();
    }

    private void writeOwnFields(JsonGenerator out) throws IOException {
        if (status == null) {
            return;
        }
        out.writeStringField("phase", status.phase().name());
        if (status.problem().isPresent()) {
            out.writeFieldName("problem");
            NodeJson.writeProblem(out, status.problem().get());
        }
        JsonBytes.texts(out, "steps", status.steps());
    }
}
