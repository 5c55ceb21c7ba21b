package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes resources in the kernel. Each method looks at what its rule of data safety needs just before it acts. Writes no
 * resource file that stays.
 */
final class Resources {
    private static final Logger LOG = LoggerFactory.getLogger(Resources.class);
    /** In the place of a generation: some that is not the first. */
    private static final String USED = "";

    /** "Sync-pause flag is already set" and "... cleared" (drbdsetup.c, error_messages). */
    private static final String FLAG_IS_SO_ALREADY = "Sync-pause flag is already";

    /** Only a Primary may resize; where there is none, this node is it for that moment. */
    private static final String NEEDS_A_PRIMARY = "(131) Need one Primary node to resize";

    private static final String ALLOW_TWO_PRIMARIES = "allow-two-primaries";
    private static final Pattern NAME = Pattern.compile(" name:(\\S+)");
    private static final Pattern GENERATION = Pattern.compile("(?m)^([0-9A-F]{16}):[0-9A-F]{16}:");
    /** The last bit of a current UUID says whether the node was Primary with it; it is not part of the generation. */
    private static final String JUST_CREATED_AS_PRIMARY = "0000000000000005";

    private final ResourceFiles files;
    private final DrbdTools tools;
    private final KernelProbe kernel;
    private final Metadata metadata;
    private final AdjustedBefore before;
    private final Duration resizing;

    /** Works with the given rooms; {@code resizing} is how long a device may take to have its new size. */
    Resources(
            ResourceFiles files,
            DrbdTools tools,
            KernelProbe kernel,
            Metadata metadata,
            AdjustedBefore before,
            Duration resizing) {
        this.files = files;
        this.tools = tools;
        this.kernel = kernel;
        this.metadata = metadata;
        this.before = before;
        this.resizing = resizing;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#adjust}. */
    void adjust(ResourceSpec resource) {
        adjust(resource, false);
    }

    /** The same by a command in any case, where something was changed just now. */
    void adjustAgain(ResourceSpec resource) {
        adjust(resource, true);
    }

    private void adjust(ResourceSpec resource, boolean again) {
        Dialect dialect = kernel.dialect();
        ResourceFile file = ownFile(resource, dialect);
        requireMetadata(file);
        String name = resource.name().value();
        List<ResourceFile.LocalVolume> toGrow = file.volumes().stream()
                .filter(volume -> growing(resource, volume).isPresent())
                .toList();
        if (!again && dialect == Dialect.DRBD_9 && toGrow.isEmpty() && before.isAsAdjusted(name, file)) {
            return;
        }
        CommandResult result = toGrow.isEmpty()
                ? tools.drbdadm(files.path(name), "adjust", name)
                : adjustWithoutResize(resource, file, dialect);
        if (!result.succeeded()) {
            HeddleException failure = Failure.exception(result, "cannot bring up resource " + name);
            takeDownIfUseless(name, failure);
            throw failure;
        }
        if (dialect == Dialect.DRBD_8_4 && resource.peers().isEmpty()) {
            disconnectNobody(name, file);
        }
        if (dialect == Dialect.DRBD_9 && toGrow.isEmpty()) {
            before.adjusted(name, file);
        }
    }

    private void disconnectNobody(String name, ResourceFile file) {
        List<String> addresses = Nobody84.addresses(
                file.volumes().isEmpty() ? 0 : file.volumes().get(0).minor());
        CommandResult result = tools.drbdsetup("disconnect", addresses.get(0), addresses.get(1));
        if (!result.succeeded() && !result.errorOutput().contains(Failure.UNKNOWN_CONNECTION)) {
            throw Failure.exception(result, "cannot leave resource " + name + " without a peer");
        }
    }

    private void requireMetadata(ResourceFile file) {
        for (ResourceFile.LocalVolume volume : file.volumes()) {
            boolean toBeAttached = kernel.deviceSize(volume.minor())
                    .filter(size -> !size.isZero())
                    .isEmpty();
            if (toBeAttached) {
                volume.device().ifPresent(metadata::requireAtEnd);
            }
        }
    }

    /** The present size of a device that the file has larger; empty for any other. One that it has smaller is refused. */
    private Optional<Bytes> growing(ResourceSpec resource, ResourceFile.LocalVolume volume) {
        Optional<Bytes> present = kernel.deviceSize(volume.minor()).filter(size -> !size.isZero());
        if (present.isEmpty() || volume.size().isEmpty()) {
            return Optional.empty();
        }
        Bytes wanted = volume.size().get();
        refuseToShrink(resource, volume.number(), present.get(), wanted);
        return present.filter(size -> wanted.compareTo(size) > 0);
    }

    /**
     * drbdadm adjust resizes without a word when the file says another size than the kernel, smaller too, even under a mounted
     * device; but growing waits for {@link #resize}, when all replicas have grown. No file has a size that stays right: what the
     * kernel was given becomes another when a peer connects, which brings the least of both, or when another node resizes. An
     * adjust then grows the device to whatever the smallest backing volume holds, or takes back a growth that has just been made
     * (both seen with 8.4.11 and 9.2.18). So where a dry run says that nothing but sizes would change, nothing is run, and what
     * concerns peers only is done without a look at disks, which drbdadm can do for DRBD 9.
     *
     * <p>Whatever else is to change is done with a file that has the sizes which the kernel had just before.
     */
    private CommandResult adjustWithoutResize(ResourceSpec resource, ResourceFile file, Dialect dialect) {
        String name = resource.name().value();
        CommandResult planned = tools.drbdadmQuery(files.path(name), "-d", "adjust", name);
        if (planned.succeeded()) {
            DryRun dryRun = DryRun.of(planned);
            if (dryRun.changesSizesAtMost()) {
                return planned;
            }
            if (dialect == Dialect.DRBD_9 && dryRun.leavesDisksAlone()) {
                return tools.drbdadm(files.path(name), "adjust", "--skip-disk", name);
            }
        }
        ResourceFile withoutResize = keepSizes(resource, file);
        if (withoutResize.equals(file)) {
            return tools.drbdadm(files.path(name), "adjust", name);
        }
        Path variant = files.writeTemporary(name, withoutResize);
        try {
            return tools.drbdadm(variant, "adjust", name);
        } finally {
            files.removeTemporary(variant);
        }
    }

    /** The file with the size that the kernel has for each volume that is to grow; a smaller one is refused. */
    private ResourceFile keepSizes(ResourceSpec resource, ResourceFile file) {
        ResourceFile kept = file;
        Map<Integer, Bytes> asked = sizesAskedFor(resource.name().value());
        for (ResourceFile.LocalVolume volume : file.volumes()) {
            Optional<Bytes> present = growing(resource, volume);
            if (present.isPresent()) {
                Bytes inKernel = Optional.ofNullable(asked.get(volume.minor()))
                        .filter(size -> size.compareTo(present.get()) > 0)
                        .orElse(present.get());
                kept = kept.withSize(volume.number(), inKernel);
            }
        }
        return kept;
    }

    /**
     * The sizes that the kernel was given for devices. After an interrupted growth such a size is larger than the device, until its
     * peers are seen; to give it the device's size then would have them refuse each other.
     */
    private Map<Integer, Bytes> sizesAskedFor(String name) {
        CommandResult show = tools.drbdsetupQuery("show", name);
        if (!show.succeeded()) {
            throw show.failure(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell the sizes that DRBD was given for resource " + name,
                    "it is looked at again");
        }
        return SizesAskedFor.of(show);
    }

    private static void refuseToShrink(ResourceSpec resource, int number, Bytes present, Bytes wanted) {
        if (wanted.compareTo(present) < 0) {
            throw new HeddleException(
                    ErrorCode.SHRINK_REFUSED,
                    "cannot make volume " + number + " of resource " + resource.name() + " " + wanted.value()
                            + " bytes",
                    "its device has " + present.value() + " bytes, and what lies behind the end would be lost",
                    "set the volume's size to at least that");
        }
    }

    /**
     * A failed adjust leaves half of a resource in the kernel, which would hold its minors and ports. It is taken down again
     * if it serves nobody: no disk, no connection, not Primary.
     */
    private void takeDownIfUseless(String name, HeddleException failure) {
        try {
            Optional<ReplicationStatus> status = look(name);
            boolean useless = status.isPresent()
                    && status.get().role() != Role.PRIMARY
                    && status.get().devices().stream().allMatch(device -> device.disk() == DiskState.DISKLESS)
                    && status.get().connections().stream()
                            .allMatch(connection -> connection.state() == ConnectionState.STAND_ALONE);
            if (useless) {
                down(name);
            }
        } catch (HeddleException e) {
            LOG.warn(
                    "resource {} may be half in the kernel: {}",
                    name,
                    e.problem().text());
            failure.addSuppressed(e);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#down}. */
    void down(String name) {
        CommandResult result = tools.drbdsetup("down", name);
        if (!result.succeeded() && !result.errorOutput().contains(Failure.NO_SUCH_RESOURCE)) {
            throw Failure.exception(result, "cannot take down resource " + name);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#skipInitialSync}. */
    void skipInitialSync(ResourceSpec resource, int number) {
        Dialect dialect = kernel.dialect();
        ownFile(resource, dialect);
        if (wasUsed(resource, number, dialect)) {
            return;
        }
        if (dialect == Dialect.DRBD_8_4 && resource.peers().isEmpty()) {
            forceSecondaryUpToDate(resource, dialect); // 8.4 clears bitmaps towards a connected peer only
            return;
        }
        newCurrentUuid(resource, number, dialect, "--clear-bitmap");
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#startInitialSync}. */
    void startInitialSync(ResourceSpec resource, int number) {
        Dialect dialect = kernel.dialect();
        ownFile(resource, dialect);
        if (wasUsed(resource, number, dialect)) {
            return;
        }
        if (dialect == Dialect.DRBD_9) {
            newCurrentUuid(resource, number, dialect, "--force-resync");
            return;
        }
        forceSecondaryUpToDate(resource, dialect);
    }

    private void newCurrentUuid(ResourceSpec resource, int number, Dialect dialect, String option) {
        String name = resource.name().value();
        CommandResult result = tools.drbdadm(files.path(name), "new-current-uuid", option, name + "/" + number);
        // Another node may have done it a moment ago: then it is as wanted, and DRBD refuses to do it again.
        if (!result.succeeded() && !wasUsed(resource, number, dialect)) {
            throw Failure.exception(
                    result, "cannot give volume " + number + " of resource " + name + " its first content");
        }
    }

    /** DRBD 8.4 has no other way than to be Primary by force for a moment, and that is of all volumes. */
    private void forceSecondaryUpToDate(ResourceSpec resource, Dialect dialect) {
        String name = resource.name().value();
        ReplicationStatus status = look(name).orElseThrow(() -> notInKernel(name));
        for (ResourceFile.LocalVolume volume : ownFile(resource, dialect).volumes()) {
            boolean upToDate = status.device(volume.number())
                    .filter(device -> device.disk() == DiskState.UP_TO_DATE)
                    .isPresent();
            if (!upToDate && wasUsed(resource, volume.number(), dialect)) {
                throw new HeddleException(
                        ErrorCode.PROMOTION_REFUSED,
                        "cannot start the first sync of resource " + name,
                        "its volume " + volume.number() + " has held data and is not UpToDate, and DRBD 8.4 can only"
                                + " force all volumes at once",
                        "wait until that volume is UpToDate");
            }
        }
        CommandResult primary = tools.drbdadm(files.path(name), "primary", "--force", name);
        if (!primary.succeeded()) {
            throw Failure.exception(primary, "cannot start the first sync of resource " + name);
        }
        demote(resource);
    }

    /** Whether the volume's metadata here was in use before: then nothing may declare its content anew. */
    private boolean wasUsed(ResourceSpec resource, int number, Dialect dialect) {
        String name = resource.name().value();
        ResourceFile.LocalVolume volume = ownFile(resource, dialect).volumes().stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.VOLUME_NOT_FOUND,
                        "cannot look at volume " + number + " of resource " + name,
                        "its file has no such volume",
                        "nothing to do: the file is written first"));
        String generation = resource.peers().isEmpty() && dialect == Dialect.DRBD_9
                ? generationWithoutPeers(resource, volume)
                : generation(name, number);
        return !generation.equals(Metadata.JUST_CREATED) && !generation.equals(JUST_CREATED_AS_PRIMARY);
    }

    private String generation(String name, int number) {
        CommandResult result = tools.drbdadmQuery(files.path(name), "get-gi", name + "/" + number);
        Matcher matcher = GENERATION.matcher(result.output());
        if (!result.succeeded() || !matcher.find()) {
            throw result.failure(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell whether volume " + number + " of resource " + name + " was used before",
                    "it is looked at again");
        }
        return matcher.group(1);
    }

    /**
     * DRBD 9 tells generations towards a peer only, and drbdmeta reads no attached disk. A disk that was never used is
     * Inconsistent, so that nobody can have it open: it is detached for the look.
     */
    private String generationWithoutPeers(ResourceSpec resource, ResourceFile.LocalVolume volume) {
        String name = resource.name().value();
        Optional<DiskState> disk =
                look(name).flatMap(status -> status.device(volume.number())).map(DeviceStatus::disk);
        if (disk.isEmpty() || volume.device().isEmpty()) {
            throw notInKernel(name);
        }
        if (disk.get() != DiskState.INCONSISTENT) {
            return USED;
        }
        CommandResult detached = tools.drbdsetup("detach", Integer.toString(volume.minor()));
        if (!detached.succeeded()) {
            throw Failure.exception(detached, "cannot look at the metadata of resource " + name);
        }
        try {
            return metadata.generation(
                            volume.minor(), MetadataFormat.V09, volume.device().get(), resource.nodeId())
                    .orElseThrow(() -> notInKernel(name));
        } finally {
            adjustAgain(resource);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#resize}. */
    void resize(ResourceSpec resource, int number, Bytes net) {
        String name = resource.name().value();
        int minor = volume(resource, number).minor();
        ownFile(resource, kernel.dialect());
        Bytes present = kernel.deviceSize(minor).filter(size -> !size.isZero()).orElseThrow(() -> notInKernel(name));
        refuseToShrink(resource, number, present, net);
        if (present.equals(net)) {
            return;
        }
        CommandResult result = resize(minor, net);
        if (result.errorOutput().contains(NEEDS_A_PRIMARY)) {
            promote(resource, false);
            try {
                result = resize(minor, net);
            } finally {
                demote(resource);
            }
        }
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot resize volume " + number + " of resource " + name);
        }
        awaitSize(result, minor, net);
    }

    private CommandResult resize(int minor, Bytes net) {
        return tools.drbdsetup("resize", Integer.toString(minor), "--size=" + net.kib() + "k");
    }

    /** DRBD answers 0 and changes nothing while a replica has not grown; on 8.4 the peer's word takes a moment. */
    private void awaitSize(CommandResult resize, int minor, Bytes net) {
        long deadline = System.nanoTime() + resizing.toNanos();
        Bytes present = kernel.deviceSize(minor).orElse(Bytes.ZERO);
        while (present.compareTo(net) < 0 && System.nanoTime() < deadline) {
            try {
                TimeUnit.MILLISECONDS.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new HeddleException(
                        ErrorCode.SHUTTING_DOWN,
                        "the resize of DRBD device " + minor + " was not waited for",
                        "the program is being stopped",
                        "nothing to do: it is looked at again at the next start",
                        e);
            }
            present = kernel.deviceSize(minor).orElse(Bytes.ZERO);
        }
        if (present.compareTo(net) < 0) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "DRBD device " + minor + " did not grow to " + net.value() + " bytes",
                    resize.explanation() + ", but the device has " + present.value()
                            + " bytes: a replica has not grown, or is not connected",
                    "see that all replicas are online and their pools have room; it is tried again");
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#forgetPeer}. */
    void forgetPeer(ResourceSpec resource, int nodeId) {
        if (kernel.dialect() == Dialect.DRBD_8_4) {
            return; // its metadata has one slot, for whoever the peer is
        }
        String name = resource.name().value();
        CommandResult result = tools.drbdsetup("forget-peer", name, Integer.toString(nodeId));
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot free the slot of node id " + nodeId + " in resource " + name);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#pauseSync}. */
    void pauseSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        sync("pause-sync", resource, peer, volumeNumber);
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#resumeSync}. */
    void resumeSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        sync("resume-sync", resource, peer, volumeNumber);
    }

    private void sync(String command, ResourceSpec resource, NodeName peer, int volumeNumber) {
        String name = resource.name().value();
        Dialect dialect = kernel.dialect();
        ownFile(resource, dialect);
        String object = connection(name, peer, dialect) + "/" + volumeNumber;
        CommandResult result = tools.drbdadm(files.path(name), command, object);
        if (!result.succeeded() && !result.errorOutput().contains(FLAG_IS_SO_ALREADY)) {
            throw Failure.exception(result, "cannot " + command + " " + object);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#reconnect}. */
    void reconnect(ResourceSpec resource, NodeName peer) {
        String name = resource.name().value();
        Dialect dialect = kernel.dialect();
        ownFile(resource, dialect);
        String object = connection(name, peer, dialect);
        CommandResult away = tools.drbdadm(files.path(name), "disconnect", object);
        if (!away.succeeded()) {
            throw Failure.exception(away, "cannot take the connection " + object + " away");
        }
        CommandResult again = tools.drbdadm(files.path(name), "connect", object);
        if (!again.succeeded()) {
            throw Failure.exception(again, "cannot make the connection " + object + " again");
        }
    }

    /** As drbdadm names a connection; DRBD 8.4 has one, which needs no name. */
    private static String connection(String name, NodeName peer, Dialect dialect) {
        return dialect == Dialect.DRBD_8_4 ? name : name + ":" + peer;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#promote}. */
    void promote(ResourceSpec resource, boolean peerIsDead) {
        String name = resource.name().value();
        Dialect dialect = kernel.dialect();
        ownFile(resource, dialect);
        boolean guarded = dialect == Dialect.DRBD_8_4
                && !peerIsDead
                && mayBecomePrimary84(resource, look(name).orElseThrow(() -> notInKernel(name)));
        CommandResult result = tools.drbdadm(files.path(name), "primary", name);
        if (!result.succeeded()) {
            throw Failure.exception(result, cannotPromote(resource));
        }
        if (guarded) {
            demoteIfAlone(resource);
        }
    }

    /**
     * DRBD 8.4 has no quorum: a node that is cut off would become Primary beside the one that is in use. A connection may be
     * broken and not known to be yet: DRBD asks the peer then, waits for a moment, and goes on without it when it is not
     * connected any more (drbd_nl.c, drbd_set_role, SS_TWO_PRIMARIES). So who is seen as Primary is not even asked.
     *
     * @return whether it is made Primary by this; false where it is already
     */
    private static boolean mayBecomePrimary84(ResourceSpec resource, ReplicationStatus status) {
        if (status.role() == Role.PRIMARY) {
            return false;
        }
        if (!seesItsPeer(resource, status)) {
            throw peerUnseen(resource, "is not connected");
        }
        for (PeerSpec peer : resource.peers()) {
            boolean inUse = status.connections().stream().anyMatch(connection -> connection.peerRole() == Role.PRIMARY);
            if (inUse && !"yes".equals(peer.netOptions().get(ALLOW_TWO_PRIMARIES))) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        cannotPromote(resource),
                        "it is Primary on node " + peer.node(),
                        "end what uses it there, and demote it there first");
            }
        }
        return true;
    }

    private static boolean seesItsPeer(ResourceSpec resource, ReplicationStatus status) {
        return resource.peers().isEmpty()
                || status.connections().stream()
                        .anyMatch(connection -> connection.state() == ConnectionState.CONNECTED);
    }

    /** The peer went out of sight while this node became Primary, so that it may not have been asked. Nobody uses it here yet. */
    private void demoteIfAlone(ResourceSpec resource) {
        String name = resource.name().value();
        if (!seesItsPeer(resource, look(name).orElseThrow(() -> notInKernel(name)))) {
            demote(resource);
            throw peerUnseen(resource, "went out of sight just now");
        }
    }

    private static HeddleException peerUnseen(ResourceSpec resource, String how) {
        return new HeddleException(
                ErrorCode.PROMOTION_REFUSED,
                cannotPromote(resource),
                "its peer " + resource.peers().get(0).node() + " " + how
                        + ", and DRBD 8.4 has no quorum: if it is in use there, the two copies would diverge",
                "bring the peer back; only if you know that it does not run, promote with --peer-is-dead");
    }

    private static String cannotPromote(ResourceSpec resource) {
        return "cannot make resource " + resource.name() + " Primary on node " + resource.node();
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#demote}. */
    void demote(ResourceSpec resource) {
        String name = resource.name().value();
        CommandResult result = tools.drbdadm(files.path(name), "secondary", name);
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot make resource " + name + " Secondary on node " + resource.node());
        }
    }

    /**
     * The kernel's view of one resource; empty if it does not have it.
     *
     * @throws HeddleException OBSERVATION_FAILED, OUTPUT_UNREADABLE
     */
    Optional<ReplicationStatus> look(String name) {
        CommandResult result = tools.eventsNow(name);
        if (!result.succeeded() && result.errorOutput().contains(Failure.NO_SUCH_RESOURCE)) {
            return Optional.empty();
        }
        return Optional.ofNullable(
                seen("resource " + name, Set.of(name), result).get(name));
    }

    /**
     * The kernel's view of several resources, with one command; those that it does not have are left out.
     *
     * @throws HeddleException OBSERVATION_FAILED, OUTPUT_UNREADABLE
     */
    Map<String, ReplicationStatus> look(Set<String> names) {
        if (names.size() == 1) {
            String name = names.iterator().next();
            return look(name).map(status -> Map.of(name, status)).orElse(Map.of());
        }
        return seen("resources " + String.join(", ", names), names, tools.eventsNow());
    }

    private static Map<String, ReplicationStatus> seen(String what, Set<String> names, CommandResult result) {
        if (!result.succeeded()) {
            throw result.failure(
                    ErrorCode.OBSERVATION_FAILED, "cannot look at " + what + " in the kernel", "it is looked at again");
        }
        KernelState state = new KernelState(resource -> Optional.empty());
        try {
            for (String line : result.output().lines().toList()) {
                Matcher name = NAME.matcher(line);
                if (name.find() && names.contains(name.group(1))) {
                    state.apply(Events2Parser.parse(line)
                            .orElseThrow(() -> new IllegalArgumentException("'" + line + "' cannot be read")));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot look at " + what + " in the kernel",
                    e.getMessage(),
                    "report the line with the versions of DRBD and drbd-utils",
                    e);
        }
        Map<String, ReplicationStatus> seen = new TreeMap<>();
        names.forEach(name -> state.resource(name).ifPresent(status -> seen.put(name, status)));
        return seen;
    }

    /** The resource's file, which must be whole, of this incarnation and of the loaded DRBD's dialect. */
    ResourceFile ownFile(ResourceSpec resource, Dialect dialect) {
        String name = resource.name().value();
        ResourceFile file = files.read(name)
                .filter(ResourceFile::isWhole)
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.FILE_FAILED,
                        "cannot work on resource " + name,
                        files.path(name) + " is not there or not whole",
                        "nothing to do: it is written first"));
        Configuration.requireIncarnation(name, file, resource.uuid());
        Configuration.requireDialect(name, file, dialect);
        return file;
    }

    private static VolumeSpec volume(ResourceSpec resource, int number) {
        return resource.volumes().stream()
                .filter(volume -> volume.number() == number)
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.VOLUME_NOT_FOUND,
                        "cannot work on volume " + number + " of resource " + resource.name(),
                        "the specification has no such volume",
                        "nothing to do: the next specification decides"));
    }

    static HeddleException notInKernel(String name) {
        return new HeddleException(
                ErrorCode.OBSERVATION_FAILED,
                "cannot work on resource " + name,
                "DRBD does not have it, or its disk is not attached",
                "it is brought up first; see its state");
    }
}
