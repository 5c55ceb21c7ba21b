package io.heddle.core.plan;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.VolumeSource;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans a resource that is to be there: first what is made already is put into service, then what is missing is made, and only
 * when all that is served as wanted, it is changed ({@link ChangePlan}).
 *
 * <p>A volume that was never in service here and cannot be made is left out, so that it does not keep the others down. One that
 * was in service and is not to be had now holds the whole resource: leaving it out would take it from the kernel.
 */
final class ServicePlan {
    private final ResourceSpec spec;
    private final Map<PoolName, PoolSpec> pools;
    private final ResourceSituation situation;
    private final Ownership ownership;
    private final Optional<ReplicationStatus> running;
    private final QuorumGate quorum;
    private final PathGate paths;
    private final Detachment detachment;
    private final TransportGate transports;

    private final Draft draft = new Draft();
    private final List<VolumeSpec> served = new ArrayList<>();
    private final SortedMap<Integer, String> devices = new TreeMap<>();
    /** Steps that make a new volume ready for its first attach; the file is written before them. */
    private final List<Step> preparation = new ArrayList<>();

    private final List<Integer> metadataToCreate = new ArrayList<>();
    private final List<Step> creation = new ArrayList<>();
    private boolean blocked;

    ServicePlan(ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        this.detachment = new Detachment(spec, situation);
        this.spec = detachment.served();
        this.pools = pools;
        this.situation = situation;
        this.ownership = new Ownership(spec, situation);
        this.running = spec.replicated() ? ownership.running() : Optional.empty();
        Optional<ConfiguredResource> configured = ownership.fileIsOurs() ? ownership.file() : Optional.empty();
        this.quorum = new QuorumGate(
                this.spec,
                situation.kernel().dialect(),
                configured,
                running,
                situation.adjusted(),
                situation.forgottenNodeIds());
        this.paths = new PathGate(this.spec, configured, running, situation.absentAddresses(), quorum);
        this.transports = new TransportGate(configured, running);
    }

    Plan plan() {
        if (admitted() && !detachment.giveUp(running, draft)) {
            spec.volumes().forEach(this::look);
            if (!blocked && serve()) {
                running.ifPresent(status -> new SplitBrainPlan(spec, pools, situation, status, draft).plan());
                new ChangePlan(spec, pools, situation, running, draft).plan();
                detachment.plan(pools, running, draft);
                quorum.awaited().forEach(draft::await);
                takeOver();
            }
            draft.addAll(creation);
        }
        draft.votes(countsAsWanted());
        return draft.plan();
    }

    /** Whether DRBD was told of all votes as they are wanted. */
    private boolean countsAsWanted() {
        return situation.kernel().dialect() != Dialect.DRBD_9
                || !spec.replicated()
                || (situation.adjusted() && situation.fileCurrent().known().orElse(false) && quorum.tellsAll());
    }

    /** Only when nothing else is to be done: DRBD has all other paths then. */
    private void takeOver() {
        paths.held().ifPresent(draft::hold);
        paths.awaited().forEach(draft::await);
        if (!draft.hasSteps() && situation.specConfirmed()) {
            paths.due().ifPresent(peer -> draft.add(new Step.TakeOver(transports.allowed(spec), peer.node())));
        }
    }

    SortedSet<IpAddress> addressesInDoubt() {
        return paths.addressesInDoubt();
    }

    /** What DRBD may be told now, of what is wanted. */
    private ResourceSpec allowed() {
        return transports.allowed(paths.allowed(quorum.allowed()));
    }

    Optional<Step.ConfigureResource> file() {
        if (!spec.replicated() || !admitted()) {
            return Optional.empty();
        }
        spec.volumes().forEach(this::look);
        return blocked || served.isEmpty() ? Optional.empty() : Optional.of(configuration());
    }

    SortedSet<Integer> volumesToProbe() {
        TreeSet<Integer> numbers = new TreeSet<>();
        if (spec.replicated() && admitted()) {
            for (VolumeSpec volume : spec.volumes()) {
                boolean telling = wanted(volume)
                        && ownership
                                .backing(volume)
                                .filter(found -> found.device().isPresent()
                                        && found.stage() != Stage.RESTORED
                                        && !neverInService(volume, found)
                                        && formerSizes(volume).isEmpty())
                                .isPresent();
                if (telling && !attached(volume.number())) {
                    numbers.add(volume.number());
                }
            }
        }
        return numbers;
    }

    /** Whether kernel, file and what already runs under the name let this incarnation be served at all. */
    private boolean admitted() {
        if (!spec.replicated()) {
            return true;
        }
        Optional<Problem> refusal = kernelRefusal().or(this::nameRefusal);
        refusal.ifPresent(draft::hold);
        if (refusal.isEmpty() && olderIsThere()) {
            draft.await("an older resource of the name " + spec.name() + " to be gone from this node");
            return false;
        }
        return refusal.isEmpty();
    }

    private Optional<Problem> kernelRefusal() {
        Dialect dialect = situation.kernel().dialect();
        if (dialect == Dialect.NONE) {
            return situation.kernel().problem().or(() -> Optional.of(Holds.noModule(spec.name())));
        }
        if (dialect == Dialect.DRBD_9) {
            return Optional.empty();
        }
        boolean madeUnderNine =
                situation.record().begun().values().stream().anyMatch(made -> made.dialect() == Dialect.DRBD_9);
        if (madeUnderNine) {
            return Optional.of(Holds.tooOld(
                    spec.name(),
                    "it was made under DRBD 9, and DRBD " + situation.kernel().moduleVersion() + " is loaded"));
        }
        boolean diskless = spec.diskless()
                || spec.volumes().stream().anyMatch(volume -> volume.backing().isEmpty())
                || spec.peers().stream().anyMatch(peer -> peer.diskless());
        return diskless || spec.peers().size() > 1
                ? Optional.of(Holds.limitedByOldModule(spec, situation.kernel()))
                : Optional.empty();
    }

    private Optional<Problem> nameRefusal() {
        Optional<Problem> unseenFile = situation.file().unknown();
        if (unseenFile.isPresent()) {
            return unseenFile.map(problem -> Holds.unseen("the resource file of " + spec.name(), problem));
        }
        Optional<Problem> unseenKernel = situation.replication().unknown();
        if (unseenKernel.isPresent()) {
            return unseenKernel.map(problem -> Holds.unseen("what DRBD has of " + spec.name(), problem));
        }
        if (ownership.kernelHasAForeignOne()) {
            return Optional.of(Holds.foreignResource(spec.name()));
        }
        if (ownership.file().isEmpty() || ownership.fileIsOurs() || olderIsThere()) {
            return Optional.empty();
        }
        return ownership.file().map(found -> {
            if (found.resource().isEmpty() || found.cluster().isEmpty()) {
                return Holds.unreadableFile(spec.name());
            }
            return Holds.foreignFile(
                    spec.name(),
                    found.cluster().equals(Optional.of(situation.cluster()))
                            ? "incarnation " + found.resource().get() + " of the name"
                            : "another cluster");
        });
    }

    private boolean olderIsThere() {
        return spec.replacesOlder()
                && ownership
                        .file()
                        .filter(found -> found.cluster().equals(Optional.of(situation.cluster()))
                                && found.resource().isPresent()
                                && !ownership.fileIsOurs())
                        .isPresent();
    }

    /** A tombstone under keep-res goes on being served. */
    private boolean wanted(VolumeSpec volume) {
        return volume.disposition() == Disposition.PRESENT
                || (situation.keep()
                        && knownHere(volume)
                        && ownership.backing(volume).isPresent());
    }

    private void look(VolumeSpec volume) {
        if (!wanted(volume)) {
            return;
        }
        if (volume.backing().isEmpty()) {
            served.add(volume);
            return;
        }
        Backing backing = volume.backing().get();
        PoolSpec pool = pools.get(backing.pool());
        if (pool == null) {
            refuse(volume, Holds.poolUnknown(backing.pool(), volume));
            return;
        }
        Observation<Optional<BackingVolume>> seen = situation.backings().get(volume.number());
        String what = backing.name() + " in storage pool " + backing.pool();
        if (seen == null) {
            refuse(volume, Holds.notLookedAt(what));
        } else if (seen instanceof Observation.Unknown<Optional<BackingVolume>> unknown) {
            refuse(volume, Holds.unseen(what, unknown.problem()));
        } else {
            BackingIdentity identity = ownership.identity(volume).orElseThrow();
            Optional<BackingVolume> found = seen.known().flatMap(volumeFound -> volumeFound);
            if (found.isEmpty()) {
                absent(volume, pool, identity);
            } else if (!found.get().is(identity)) {
                refuse(volume, Holds.foreignVolume(backing, found.get(), identity));
            } else {
                present(volume, pool, identity, found.get());
            }
        }
    }

    private void absent(VolumeSpec volume, PoolSpec pool, BackingIdentity identity) {
        Backing backing = volume.backing().orElseThrow();
        if (knownHere(volume)) {
            refuse(volume, Holds.volumeMissing(backing, volume.number()));
            return;
        }
        Observation<Bytes> size = situation.backingSizes().get(volume.number());
        if (volume.source().isPresent()) {
            make(volume, new Step.RestoreVolume(pool, volume.number(), snapshot(volume), identity));
            blocked |= running.isEmpty();
        } else if (size instanceof Observation.Known<Bytes> known) {
            make(volume, new Step.CreateVolume(pool, volume.number(), identity, known.value()));
        } else {
            refuse(volume, sizeUnknown(volume, size));
        }
    }

    private void make(VolumeSpec volume, Step step) {
        if (situation.specConfirmed()) {
            noteBegin(volume);
            creation.add(step);
        } else {
            refuse(volume, Holds.specNotConfirmed(StepText.of(step)));
        }
    }

    private SnapshotIdentity snapshot(VolumeSpec volume) {
        VolumeSource source = volume.source().orElseThrow();
        return new SnapshotIdentity(
                new BackingIdentity(source.backing(), situation.cluster(), source.replica()), source.snapshot());
    }

    /**
     * Only of what this node has noted before it was there is it sure that it was made here, so that what is on it is nobody's.
     */
    private void noteBegin(VolumeSpec volume) {
        if (situation.record().begun(volume.uuid()).isEmpty()) {
            creation.add(new Step.RememberVolume(
                    spec.uuid(), volume.uuid(), MadeVolume.settled(Dialect.NONE, volume.size(), false)));
        }
    }

    private void present(VolumeSpec volume, PoolSpec pool, BackingIdentity identity, BackingVolume found) {
        Backing backing = volume.backing().orElseThrow();
        if (found.fault().isPresent()) {
            Problem failed = Holds.volumeFailed(backing, found.fault().get());
            if (!attached(volume.number())) {
                refuse(volume, failed);
                return;
            }
            draft.hold(failed);
        }
        if (found.device().isEmpty()) {
            draft.add(new Step.ActivateVolume(pool, volume.number(), identity));
            blocked |= knownHere(volume);
            return;
        }
        if (found.stage() == Stage.RESTORED) {
            adopt(volume, pool, identity, found.device().get());
            return;
        }
        if (spec.replicated()
                && !attached(volume.number())
                && !formerSizes(volume).isEmpty()) {
            findMetadata(volume, found.device().get());
            return;
        }
        if (spec.replicated() && !attached(volume.number()) && !metadataReady(volume, pool, identity, found)) {
            return;
        }
        if (found.stage() == Stage.NEW) {
            preparation.add(new Step.MarkVolumeReady(pool, volume.number(), identity));
        }
        rememberIfNew(volume);
        served.add(Specs.served(
                volume,
                metadataToCreate.contains(volume.number()) ? volume.size() : sizeToServe(volume, found.size())));
        devices.put(volume.number(), found.device().get());
    }

    /**
     * What was just cloned has the metadata of the replica that it was cloned from, which stays but for whose it is. The order makes
     * sure that it is looked at as any other only when it is this replica's: the clone, tagged restored when it appears; the
     * metadata, on disk when the step ends; the tag goes.
     */
    private void adopt(VolumeSpec volume, PoolSpec pool, BackingIdentity identity, String device) {
        if (attached(volume.number()) || (spec.replicated() && volume.source().isEmpty())) {
            refuse(volume, Holds.notRestoredHere(spec.name(), volume.backing().orElseThrow(), volume.number()));
            return;
        }
        Step adopt = new Step.AdoptMetadata(spec, volume.number(), device);
        if (!situation.specConfirmed()) {
            refuse(volume, Holds.specNotConfirmed(StepText.of(adopt)));
            return;
        }
        if (spec.replicated()) {
            creation.add(adopt);
        }
        creation.add(new Step.MarkVolumeReady(pool, volume.number(), identity));
        // all volumes come up together, as after a power cut
        blocked |= running.isEmpty();
    }

    /**
     * After a power cut in a growth the metadata may lie where the backing volume once ended, where DRBD does not look for it.
     * To move it only serves.
     */
    private void findMetadata(VolumeSpec volume, String device) {
        MadeVolume made = situation.record().made(volume.uuid()).orElseThrow();
        draft.add(new Step.MoveMetadata(spec, volume.number(), device, made.formerSizes()));
        draft.add(new Step.RememberVolume(
                spec.uuid(), volume.uuid(), MadeVolume.settled(made.dialect(), made.size(), true)));
        blocked = true;
    }

    private SortedSet<Bytes> formerSizes(VolumeSpec volume) {
        return situation
                .record()
                .made(volume.uuid())
                .map(MadeVolume::formerSizes)
                .orElse(Ordered.set(null));
    }

    /** Whether a volume that is not attached has metadata, or is to get it now; refuses it otherwise. */
    private boolean metadataReady(VolumeSpec volume, PoolSpec pool, BackingIdentity identity, BackingVolume found) {
        Backing backing = volume.backing().orElseThrow();
        if (neverInService(volume, found)) {
            return metadataToBeMade(volume, pool, identity, found);
        }
        Observation<MetadataState> seen = situation.metadata().get(volume.number());
        String what = "the DRBD metadata on " + backing.name();
        if (seen == null) {
            refuse(volume, Holds.notLookedAt(what));
            return false;
        }
        if (seen instanceof Observation.Unknown<MetadataState> unknown) {
            refuse(volume, Holds.unseen(what, unknown.problem()));
            return false;
        }
        if (seen.known().filter(state -> state == MetadataState.PRESENT).isEmpty()) {
            refuse(volume, Holds.metadataMissing(spec.name(), backing, volume.number()));
            return false;
        }
        return true;
    }

    /**
     * Whether a volume was never attached: both its pool and this node's own record say so. What is on it was left by an earlier
     * user of the space then, or is the work of a create-md that nobody saw end, and is not even looked at: a volume that reuses
     * space may well hold whole metadata of another resource.
     *
     * <p>The order of the steps makes that sure wherever the process or the power goes: the note that the volume is begun; the
     * volume, tagged new when it appears; the metadata, on disk when the step ends; the tag goes; the note that it is in
     * service; the first attach. Up to the third, and between the third and the fourth, the metadata is made again, on a volume
     * that was never up. From the fourth on it is never made again, and that it is whole is sure.
     */
    private boolean neverInService(VolumeSpec volume, BackingVolume found) {
        return found.stage() == Stage.NEW
                && situation.record().made(volume.uuid()).isEmpty();
    }

    private boolean metadataToBeMade(VolumeSpec volume, PoolSpec pool, BackingIdentity identity, BackingVolume found) {
        if (situation.record().begun(volume.uuid()).isEmpty()) {
            refuse(volume, Holds.notMadeHere(spec.name(), volume.backing().orElseThrow(), volume.number()));
            return false;
        }
        if (!situation.specConfirmed()) {
            refuse(volume, Holds.specNotConfirmed("create the DRBD metadata of volume " + volume.number()));
            return false;
        }
        return growBeforeFirstUse(volume, pool, identity, found);
    }

    /** Before there is metadata a volume may still get the size that was asked for meanwhile. */
    private boolean growBeforeFirstUse(
            VolumeSpec volume, PoolSpec pool, BackingIdentity identity, BackingVolume found) {
        Observation<Bytes> size = situation.backingSizes().get(volume.number());
        if (!(size instanceof Observation.Known<Bytes> needed)) {
            refuse(volume, sizeUnknown(volume, size));
            return false;
        }
        if (found.size().compareTo(needed.value()) < 0) {
            preparation.add(new Step.GrowVolume(pool, volume.number(), identity, needed.value()));
        }
        metadataToCreate.add(volume.number());
        return true;
    }

    private Problem sizeUnknown(VolumeSpec volume, @Nullable Observation<Bytes> size) {
        Backing backing = volume.backing().orElseThrow();
        return size instanceof Observation.Unknown<Bytes> unknown
                ? Holds.sizeUnknown(backing, unknown.problem())
                : Holds.notLookedAt("what size " + backing.name() + " needs");
    }

    private void rememberIfNew(VolumeSpec volume) {
        Dialect now = dialect();
        Optional<MadeVolume> made = situation.record().made(volume.uuid());
        if (made.filter(known -> known.dialect() == now).isEmpty()) {
            Bytes size = metadataToCreate.contains(volume.number()) ? volume.size() : sizeInUse(volume);
            preparation.add(new Step.RememberVolume(spec.uuid(), volume.uuid(), MadeVolume.settled(now, size, true)));
        }
    }

    private Dialect dialect() {
        return spec.replicated() ? situation.kernel().dialect() : Dialect.NONE;
    }

    /** The size that the device has, or had last. */
    private Bytes sizeInUse(VolumeSpec volume) {
        return device(volume.number())
                .map(DeviceStatus::size)
                .filter(size -> !size.isZero())
                .or(() -> Optional.ofNullable(situation.sizesInMetadata().get(volume.number())))
                .or(() -> situation.record().begun(volume.uuid()).map(MadeVolume::size))
                .orElse(volume.size());
    }

    /**
     * The size in use, but once there is room here the one that it is to grow to. After a power cut in a resize a peer may have
     * that one already, and it refuses whoever comes with less for good, while DRBD itself keeps to the size in the metadata
     * until it has seen that all have room (seen with 9.2.18). The driver gives it to DRBD only with an attach or a resize.
     */
    private Bytes sizeToServe(VolumeSpec volume, Bytes backing) {
        Bytes inUse = sizeInUse(volume);
        boolean hasRoom = Optional.ofNullable(situation.backingSizes().get(volume.number()))
                .flatMap(size -> size.known())
                .filter(needed -> backing.compareTo(needed) >= 0)
                .isPresent();
        return spec.replicated() && hasRoom && inUse.compareTo(volume.size()) < 0 ? volume.size() : inUse;
    }

    private void refuse(VolumeSpec volume, Problem problem) {
        draft.hold(detached(volume) ? Holds.diskFailed(spec, volume, Optional.of(problem)) : problem);
        blocked |= knownHere(volume);
    }

    /** Whether it was, or is, in service on this node. A tie-breaker that is to get a disk has had none. */
    private boolean knownHere(VolumeSpec volume) {
        return situation.record().made(volume.uuid()).isPresent()
                || device(volume.number()).filter(device -> !device.client()).isPresent();
    }

    private Optional<DeviceStatus> device(int number) {
        return running.flatMap(status -> status.device(number));
    }

    /** Whether DRBD runs it without the disk that it had. */
    private boolean detached(VolumeSpec volume) {
        return knownHere(volume)
                && device(volume.number())
                        .filter(device -> !device.client()
                                && (device.disk() == DiskState.DISKLESS || device.disk() == DiskState.FAILED))
                        .isPresent();
    }

    private boolean attached(int number) {
        return device(number)
                .filter(device -> device.disk() != DiskState.DISKLESS
                        || !device.backingDevice().isEmpty())
                .isPresent();
    }

    private Step.ConfigureResource configuration() {
        return new Step.ConfigureResource(Specs.withVolumes(allowed(), served), devices);
    }

    /** Plans what brings the resource into service; true if it is there already. */
    private boolean serve() {
        if (!spec.replicated()) {
            draft.addAll(preparation);
            return preparation.isEmpty();
        }
        if (served.isEmpty()) {
            return nothingToServe();
        }
        if (situation.fileCurrent() instanceof Observation.Unknown<Boolean> unknown) {
            draft.hold(unknown.problem());
            return false;
        }
        boolean current = situation.fileCurrent().known().orElse(false);
        if (!current) {
            draft.add(configuration());
        }
        ResourceSpec resource = Specs.withVolumes(allowed(), served);
        preparation.stream().filter(step -> step instanceof Step.GrowVolume).forEach(draft::add);
        // noted before: what is asked for may change before it is in service, and the metadata then lies at another
        // place
        served.stream()
                .filter(volume -> metadataToCreate.contains(volume.number()))
                .forEach(volume -> {
                    draft.add(new Step.RememberVolume(
                            spec.uuid(), volume.uuid(), MadeVolume.settled(dialect(), volume.size(), false)));
                    draft.add(new Step.CreateMetadata(resource, volume.number(), devices.get(volume.number())));
                });
        preparation.stream().filter(step -> !(step instanceof Step.GrowVolume)).forEach(draft::add);
        boolean runs = current && preparation.isEmpty() && situation.adjusted() && kernelHasWhatIsServed();
        if (!current || !metadataToCreate.isEmpty() || !situation.adjusted() || !kernelHasWhatIsServed()) {
            draft.add(new Step.AdjustResource(resource));
        }
        return runs;
    }

    /** DRBD has no resource without a volume: the last tombstone takes it out of the kernel. */
    private boolean nothingToServe() {
        if (running.isEmpty() && !ownership.fileIsOurs()) {
            return true;
        }
        if (spec.volumes().isEmpty() || spec.volumes().stream().anyMatch(this::wanted)) {
            return false;
        }
        if (!situation.specConfirmed()) {
            draft.hold(Holds.specNotConfirmed("take " + spec.name() + " down with its last volume"));
            return false;
        }
        if (running.isPresent()) {
            draft.add(new Step.DownResource(spec.name()));
        }
        if (ownership.fileIsOurs()) {
            draft.add(new Step.RemoveConfiguration(spec.name(), spec.uuid()));
        }
        return false;
    }

    private boolean kernelHasWhatIsServed() {
        Set<Integer> wanted = served.stream().map(VolumeSpec::number).collect(Collectors.toSet());
        return running.filter(status -> status.devices().stream()
                        .map(DeviceStatus::number)
                        .collect(Collectors.toSet())
                        .equals(wanted))
                .isPresent();
    }
}
