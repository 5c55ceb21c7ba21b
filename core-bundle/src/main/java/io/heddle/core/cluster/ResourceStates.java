package io.heddle.core.cluster;

import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The words for the state of a resource that every door shows alike. Pure. */
public final class ResourceStates {
    /** What is not known, because the node's satellite is out of reach or has not looked yet. */
    public static final String UNKNOWN = "Unknown";

    private ResourceStates() {}

    /** The status of a resource if it is to be believed: of this incarnation, from a satellite that is online. */
    public static Optional<ResourceStatus> current(ClusterView view, Resource resource) {
        if (view.link(resource.node()).state() != LinkStatus.State.ONLINE) {
            return Optional.empty();
        }
        return view.status(resource.node()).map(status -> status.resources().get(resource.uuid()));
    }

    /**
     * State of one volume: DRBD's disk state, {@code SplitBrain(UpToDate)} where DRBD said that it has diverged from a peer,
     * {@code SyncTarget(12.50%)} while it syncs, {@code TieBreaker}, the satellite's
     * phase before DRBD has it, DELETING, or Unknown.
     */
    public static String volume(
            ResourceDefinition definition, Resource resource, int number, Optional<ResourceStatus> status) {
        if (definition.deleting() || resource.deleting()) {
            return "DELETING";
        }
        if (status.isEmpty()) {
            return UNKNOWN;
        }
        if (!definition.replicated()) {
            return status.get().phase() == ResourceStatus.Phase.READY ? "Created" : phase(status.get());
        }
        Optional<ReplicationStatus> replication = status.get().inKernel();
        Optional<DeviceStatus> device = replication.flatMap(found -> found.device(number));
        if (device.isEmpty()) {
            return status.get().replication().unknown().isPresent() ? UNKNOWN : phase(status.get());
        }
        DiskState disk = device.get().disk();
        if (disk == DiskState.DISKLESS && resource.diskless()) {
            return resource.tieBreaker() ? "TieBreaker" : "Diskless";
        }
        return replication.get().connections().stream()
                .flatMap(connection -> connection.volumes().stream())
                .filter(volume -> volume.number() == number && isTarget(volume))
                .findFirst()
                .map(ResourceStates::progress)
                .orElseGet(() -> hasDiverged(status.get()) ? "SplitBrain(" + disk.drbdName() + ")" : disk.drbdName());
    }

    private static boolean hasDiverged(ResourceStatus status) {
        return status.cutOffs().stream().anyMatch(CutOff::splitBrain);
    }

    private static boolean isTarget(PeerVolumeStatus volume) {
        return volume.replication() == ReplicationState.SYNC_TARGET
                || volume.replication() == ReplicationState.PAUSED_SYNC_T;
    }

    private static String progress(PeerVolumeStatus volume) {
        String name = volume.replication().drbdName();
        return volume.donePercent().isPresent()
                ? String.format(
                        Locale.ROOT, "%s(%.2f%%)", name, volume.donePercent().getAsDouble())
                : name;
    }

    private static String phase(ResourceStatus status) {
        return switch (status.phase()) {
            case PENDING, WORKING -> "Creating";
            case READY -> "Ready";
            case HELD -> "Held";
            case FAILED -> "Failed";
            case REMOVED -> "Removed";
        };
    }

    /** {@code InUse} if Primary or open, {@code Unused}, or Unknown. */
    public static String usage(Optional<ResourceStatus> status) {
        if (status.isEmpty() || status.get().replication().unknown().isPresent()) {
            return UNKNOWN;
        }
        return status.get().inKernel().filter(ReplicationStatus::inUse).isPresent() ? "InUse" : "Unused";
    }

    /** {@code Ok} if every connection stands, otherwise each that does not: {@code Connecting(pve2)}. */
    public static String connections(Optional<ResourceStatus> status) {
        if (status.isEmpty()) {
            return UNKNOWN;
        }
        List<ConnectionStatus> broken = status.get().inKernel().map(ReplicationStatus::connections).stream()
                .flatMap(List::stream)
                .filter(connection -> connection.state() != ConnectionState.CONNECTED)
                .toList();
        if (broken.isEmpty()) {
            return "Ok";
        }
        return String.join(
                ",",
                broken.stream()
                        .map(connection -> connection.state().drbdName() + "(" + connection.peer()
                                + (saidSplitBrain(status.get(), connection) ? ", split brain)" : ")"))
                        .toList());
    }

    private static boolean saidSplitBrain(ResourceStatus status, ConnectionStatus connection) {
        return status.cutOffs().stream()
                .anyMatch(cutOff -> cutOff.splitBrain() && cutOff.peer().equals(connection.peer()));
    }
}
