package io.heddle.core.spec;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The same resource on another node, as this node sees it. Where this node's resource is present, a peer whose own is a
 * tombstone stays listed until its satellite has confirmed the removal or the node is lost: cut off before, it could not see
 * that other copies are good, and would keep its own for ever. Where this node's resource is a tombstone, a peer whose own is
 * one as well is not listed: it is no copy that stays.
 *
 * @param node its node, named as {@code uname -n} prints it there
 * @param nodeId its node id
 * @param diskless whether it has no disk
 * @param volumes numbers, minors and whether each has a disk, for the peer's section of the .res file
 * @param paths ways to it, the preferred first; at least one
 * @param netOptions DRBD net options of the connection by name, in DRBD's unit
 * @param peerDeviceOptions DRBD peer-device options of the connection
 * @param leaving whether its own resource is a tombstone; nothing waits for it
 * @param detaching whether it gives its disk up: it has one yet, and is no copy that stays
 * @param answer what was decided about a split brain with it; empty if nothing was
 * @param takesOver whether this node may take the connection from paths that are not among {@code paths} any more to one of
 *     them: the peer has them as well
 */
public record PeerSpec(
        NodeName node,
        int nodeId,
        boolean diskless,
        List<PeerVolumeSpec> volumes,
        List<PathSpec> paths,
        SortedMap<String, String> netOptions,
        SortedMap<String, String> peerDeviceOptions,
        boolean leaving,
        boolean detaching,
        Optional<SplitBrainAnswer> answer,
        boolean takesOver) {
    /** Net option that, set to {@code no}, takes a peer without a disk out of the count of votes. */
    public static final String COUNTED = "allow-remote-read";

    public PeerSpec {
        volumes = List.copyOf(volumes);
        paths = List.copyOf(paths);
        netOptions = Ordered.map(netOptions);
        peerDeviceOptions = Ordered.map(peerDeviceOptions);
    }

    /** The same with other net options. */
    public PeerSpec withNetOptions(SortedMap<String, String> changed) {
        return new PeerSpec(
                node,
                nodeId,
                diskless,
                volumes,
                paths,
                changed,
                peerDeviceOptions,
                leaving,
                detaching,
                answer,
                takesOver);
    }

    /**
     * Whether it has no disk and a node with a disk counts it among those that decide between two halves: DRBD leaves out one
     * that it may not read from (drbd_state.c, __calc_quorum_with_disk); it never does.
     */
    public boolean isTieBreaker() {
        return diskless && !"no".equals(netOptions.get(COUNTED));
    }

    /** The same with or without a say between two halves. */
    public PeerSpec asTieBreaker(boolean some) {
        return withNetOptions(some ? Ordered.without(netOptions, COUNTED) : Ordered.with(netOptions, COUNTED, "no"));
    }

    /** Its net options that DRBD takes for a new connection only. */
    public SortedMap<String, String> fixedOptions() {
        TreeMap<String, String> fixed = new TreeMap<>(netOptions);
        fixed.keySet().removeIf(name -> !isFixed(name));
        return Ordered.map(fixed);
    }

    private static boolean isFixed(String name) {
        return DrbdOptionCatalogue.find(OptionSection.NET.prefix() + name)
                .filter(option -> option.change() == DrbdOption.Change.NEW_CONNECTION)
                .isPresent();
    }

    /** The same with other {@link #fixedOptions}. */
    public PeerSpec withFixedOptions(SortedMap<String, String> fixed) {
        TreeMap<String, String> options = new TreeMap<>(netOptions);
        options.keySet().removeIf(PeerSpec::isFixed);
        options.putAll(fixed);
        return withNetOptions(options);
    }

    /** The same over other paths. */
    public PeerSpec withPaths(List<PathSpec> changed) {
        return new PeerSpec(
                node,
                nodeId,
                diskless,
                volumes,
                changed,
                netOptions,
                peerDeviceOptions,
                leaving,
                detaching,
                answer,
                takesOver);
    }

    /** The same with the word that the connection may be taken over. */
    public PeerSpec takingOver() {
        return new PeerSpec(
                node,
                nodeId,
                diskless,
                volumes,
                paths,
                netOptions,
                peerDeviceOptions,
                leaving,
                detaching,
                answer,
                true);
    }

    /** The same peer without a disk. */
    public PeerSpec withoutDisk() {
        return withDisk(false);
    }

    /** The same peer with a disk. */
    public PeerSpec withDisk() {
        return withDisk(true);
    }

    private PeerSpec withDisk(boolean some) {
        List<PeerVolumeSpec> changed = volumes.stream()
                .map(volume -> new PeerVolumeSpec(volume.number(), volume.minor(), !some))
                .toList();
        return new PeerSpec(
                node,
                nodeId,
                !some,
                changed,
                paths,
                netOptions,
                peerDeviceOptions,
                leaving,
                detaching,
                answer,
                takesOver);
    }

    /** A peer that keeps its disk if it has one, and whose connection stays where it is. */
    public PeerSpec(
            NodeName node,
            int nodeId,
            boolean diskless,
            List<PeerVolumeSpec> volumes,
            List<PathSpec> paths,
            SortedMap<String, String> netOptions,
            SortedMap<String, String> peerDeviceOptions,
            boolean leaving,
            Optional<SplitBrainAnswer> answer) {
        this(node, nodeId, diskless, volumes, paths, netOptions, peerDeviceOptions, leaving, false, answer, false);
    }

    /** A peer that stays. */
    public PeerSpec(
            NodeName node,
            int nodeId,
            boolean diskless,
            List<PeerVolumeSpec> volumes,
            List<PathSpec> paths,
            SortedMap<String, String> netOptions,
            SortedMap<String, String> peerDeviceOptions) {
        this(node, nodeId, diskless, volumes, paths, netOptions, peerDeviceOptions, false);
    }

    /** A peer with which nothing had to be decided. */
    public PeerSpec(
            NodeName node,
            int nodeId,
            boolean diskless,
            List<PeerVolumeSpec> volumes,
            List<PathSpec> paths,
            SortedMap<String, String> netOptions,
            SortedMap<String, String> peerDeviceOptions,
            boolean leaving) {
        this(node, nodeId, diskless, volumes, paths, netOptions, peerDeviceOptions, leaving, Optional.empty());
    }
}
