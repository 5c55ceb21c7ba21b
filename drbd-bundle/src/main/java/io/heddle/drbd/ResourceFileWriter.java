package io.heddle.drbd;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.OptionSection;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.KernelStatus.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Writes the text of a resource file (drbd.conf(5)). Pure: the same spec gives the same text. It knows the two dialects, and
 * says what the older one cannot have; it does not know where files lie.
 */
final class ResourceFileWriter {
    /**
     * Stands where drbdadm wants the backing device of another node, which this node does not know; drbdadm uses it there
     * only to tell a peer with a disk from one without.
     */
    private static final String DISK_OF_A_PEER = "/dev/disk-of-the-peer";

    private static final Pattern OPTION_NAME = Pattern.compile("[a-z0-9]+(?:-[a-z0-9]+)*");
    private static final Pattern PLAIN_VALUE = Pattern.compile("[A-Za-z0-9_.+-]+");
    private static final Pattern QUOTABLE_VALUE = Pattern.compile("[^\"\\\\\\p{Cntrl}]{1,255}");

    private final UUID cluster;
    private final ResourceSpec resource;
    private final Map<Integer, String> devices;
    private final StringBuilder text = new StringBuilder();
    private int depth;

    private ResourceFileWriter(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        this.cluster = cluster;
        this.resource = resource;
        this.devices = devices;
    }

    /**
     * The file's text; volumes that are tombstones are left out.
     *
     * @param devices backing device of each diskful volume by number
     * @param moduleVersion of the loaded DRBD: what it does not know is left out
     * @param knownToTools whether the installed drbdadm knows an option: it would refuse the whole file
     * @throws HeddleException NOT_SUPPORTED if the dialect cannot have such a resource, BACKING_VOLUME_MISSING if a device is
     *     not among {@code devices}, INVALID_PROPERTY if an option could not stand in the file
     */
    static String write(
            UUID cluster,
            ResourceSpec resource,
            Map<Integer, String> devices,
            Dialect dialect,
            String moduleVersion,
            Predicate<DrbdOption> knownToTools) {
        ResourceFileWriter writer = new ResourceFileWriter(cluster, resource, devices);
        switch (dialect) {
            case DRBD_9 -> writer.nine(new Drbd9Options(moduleVersion, knownToTools));
            case DRBD_8_4 -> writer.eight();
            case NONE ->
                throw new HeddleException(
                        ErrorCode.MODULE_ABSENT,
                        "cannot write the file of resource " + resource.name(),
                        "no usable DRBD module is loaded, and the file differs between DRBD 8.4 and 9",
                        "load the module: modprobe drbd");
        }
        return writer.text.toString();
    }

    private void nine(Drbd9Options known) {
        identity(ResourceFile.DIALECT_9);
        block("resource " + quoted(resource.name().value()), () -> {
            options("options", known.known(OptionSection.RESOURCE, resource.resourceOptions()));
            sharedSecret(new TreeMap<>());
            handlers(resource.handlers());
            block("on " + quoted(resource.node().value()), () -> {
                line("node-id " + resource.nodeId());
                presentVolumes()
                        .forEach(volume -> volume(volume, known.known(OptionSection.DISK, volume.diskOptions())));
            });
            for (PeerSpec peer : resource.peers()) {
                block("on " + quoted(peer.node().value()), () -> {
                    line("node-id " + peer.nodeId());
                    presentVolumes().forEach(volume -> volumeOfPeer(peer, volume));
                });
            }
            resource.peers().forEach(peer -> connection(peer, known));
        });
        leftOut("DRBD here", known.leftOut());
        line(ResourceFile.END, "");
    }

    private void eight() {
        refuseWhatEightCannot();
        identity(ResourceFile.DIALECT_8_4);
        PeerSpec peer = resource.peers().isEmpty()
                ? Nobody84.peer(firstMinor())
                : resource.peers().get(0);
        PathSpec path = peer.paths().get(0);
        Drbd84Options options = new Drbd84Options();
        SortedMap<String, String> resourceOptions = options.resource(resource.resourceOptions());
        SortedMap<String, String> net = options.net(peer.netOptions());
        SortedMap<String, String> handlers = options.handlers(resource.handlers());
        block("resource " + quoted(resource.name().value()), () -> {
            options("options", resourceOptions);
            sharedSecret(net);
            handlers(handlers);
            block("on " + quoted(resource.node().value()), () -> {
                line("address " + address(path.local(), path.localPort()));
                for (VolumeSpec volume : presentVolumes()) {
                    SortedMap<String, String> disk = new TreeMap<>(options.diskOfConnection(peer, volume.number()));
                    disk.putAll(options.disk(volume.diskOptions()));
                    volume(volume, disk);
                }
            });
            block("on " + quoted(peer.node().value()), () -> {
                line("address " + address(path.remote(), path.remotePort()));
                presentVolumes().forEach(volume -> volumeOfPeer(peer, volume));
            });
        });
        leftOut("DRBD 8.4", options.leftOut());
        line(ResourceFile.END, "");
    }

    private void leftOut(String who, SortedSet<String> options) {
        if (!options.isEmpty()) {
            line("# " + who + " does not know, so left out: " + String.join(", ", options), "");
        }
    }

    private void refuseWhatEightCannot() {
        boolean diskless = resource.diskless()
                || presentVolumes().stream().anyMatch(volume -> volume.backing().isEmpty())
                || resource.peers().stream().anyMatch(PeerSpec::diskless);
        if (diskless) {
            throw unsupported("DRBD 8.4 has no diskless replicas");
        }
        if (resource.peers().size() > 1) {
            throw unsupported("DRBD 8.4 replicates between two nodes, and this resource has "
                    + (resource.peers().size() + 1));
        }
    }

    private int firstMinor() {
        List<VolumeSpec> volumes = presentVolumes();
        return volumes.isEmpty() ? 0 : volumes.get(0).minor();
    }

    private HeddleException unsupported(String why) {
        return new HeddleException(
                ErrorCode.NOT_SUPPORTED,
                "cannot have resource " + resource.name() + " on node " + resource.node(),
                why,
                "load a DRBD 9 module (9.1 or newer) on all of its nodes, or keep it at two replicas with disks");
    }

    private void identity(String dialect) {
        line(ResourceFile.FIRST_LINE, "");
        line(ResourceFile.CLUSTER + cluster, "");
        line(ResourceFile.DEFINITION + resource.definition(), "");
        line(ResourceFile.RESOURCE + resource.uuid(), "");
        line(ResourceFile.DIALECT + dialect, "");
    }

    /** Peers of one resource all prove the same secret to each other, so it stands once, beside {@code others}. */
    private void sharedSecret(SortedMap<String, String> others) {
        block("net", () -> {
            if (!others.containsKey("cram-hmac-alg")) {
                line("cram-hmac-alg sha256");
            }
            String secret = resource.sharedSecret().value();
            if (!QUOTABLE_VALUE.matcher(secret).matches()) {
                throw invalid("shared-secret", "(secret)");
            }
            line("shared-secret " + quoted(secret));
            others.forEach(this::option);
        });
    }

    private void volume(VolumeSpec volume, SortedMap<String, String> diskOptions) {
        block("volume " + volume.number(), () -> {
            line("device minor " + volume.minor());
            if (volume.backing().isEmpty()) {
                line("disk none");
                return;
            }
            String device = devices.get(volume.number());
            if (device == null) {
                throw new HeddleException(
                        ErrorCode.BACKING_VOLUME_MISSING,
                        "cannot write the file of resource " + resource.name(),
                        "volume " + volume.number() + " has no backing device at the moment",
                        "see why its storage pool does not have it");
            }
            if (!device.startsWith("/") || !QUOTABLE_VALUE.matcher(device).matches()) {
                throw invalid("disk", device);
            }
            line("disk " + quoted(device));
            line("meta-disk internal");
            block("disk", () -> {
                // Replicas in pools with different units would otherwise differ in size, and the device with them.
                line("size " + sizeInKib(volume.size()));
                diskOptions.forEach(this::option);
            });
        });
    }

    private void volumeOfPeer(PeerSpec peer, VolumeSpec here) {
        PeerVolumeSpec there = peer.volumes().stream()
                .filter(volume -> volume.number() == here.number())
                .findFirst()
                .orElse(new PeerVolumeSpec(here.number(), here.minor(), peer.diskless()));
        block("volume " + there.number(), () -> {
            line("device minor " + there.minor());
            if (there.diskless()) {
                line("disk none");
            } else {
                line("disk " + quoted(DISK_OF_A_PEER));
                line("meta-disk internal");
            }
        });
    }

    private void connection(PeerSpec peer, Drbd9Options known) {
        block("connection", () -> {
            options("net", known.known(OptionSection.NET, peer.netOptions()));
            options("disk", known.known(OptionSection.PEER_DEVICE, peer.peerDeviceOptions()));
            for (VolumeSpec here : presentVolumes()) {
                peer.volumes().stream()
                        .filter(there -> there.number() == here.number())
                        .map(there -> known.known(OptionSection.PEER_DEVICE, there.peerDeviceOptions()))
                        .filter(own -> !own.isEmpty())
                        .forEach(own -> block("volume " + here.number(), () -> options("disk", own)));
            }
            for (PathSpec path : peer.paths()) {
                block("path", () -> {
                    line("host " + quoted(resource.node().value()) + " address "
                            + address(path.local(), path.localPort()));
                    line("host " + quoted(peer.node().value()) + " address "
                            + address(path.remote(), path.remotePort()));
                });
            }
        });
    }

    private List<VolumeSpec> presentVolumes() {
        List<VolumeSpec> present = new ArrayList<>();
        for (VolumeSpec volume : resource.volumes()) {
            if (volume.disposition() == Disposition.PRESENT) {
                present.add(volume);
            }
        }
        return present;
    }

    private void options(String section, SortedMap<String, String> options) {
        if (!options.isEmpty()) {
            block(section, () -> options.forEach((BiConsumer<String, String>) this::option));
        }
    }

    /** Commands: always in quotes, so that nothing in them ends a word. */
    private void handlers(SortedMap<String, String> handlers) {
        if (!handlers.isEmpty()) {
            block(
                    "handlers",
                    () -> handlers.forEach((name, command) -> {
                        if (!OPTION_NAME.matcher(name).matches()
                                || !QUOTABLE_VALUE.matcher(command).matches()) {
                            throw invalid(name, command);
                        }
                        line(name + " " + quoted(command));
                    }));
        }
    }

    private void option(String name, String value) {
        if (!OPTION_NAME.matcher(name).matches()
                || !QUOTABLE_VALUE.matcher(value).matches()) {
            throw invalid(name, value);
        }
        line(name + " " + (PLAIN_VALUE.matcher(value).matches() ? value : quoted(value)));
    }

    private HeddleException invalid(String name, String value) {
        return new HeddleException(
                ErrorCode.INVALID_PROPERTY,
                "cannot write '" + name + "' into the file of resource " + resource.name(),
                "its value '" + value + "' has a quote, a backslash or a control character, or is empty or too long",
                "give it another value");
    }

    private static String address(IpAddress address, int port) {
        return address.isV6() ? "ipv6 [" + address + "]:" + port : "ipv4 " + address + ":" + port;
    }

    private static String sizeInKib(Bytes size) {
        return size.kib() + "k";
    }

    private static String quoted(String value) {
        return "\"" + value + "\"";
    }

    private void block(String head, Runnable content) {
        line(head, " {");
        depth++;
        content.run();
        depth--;
        line("}", "");
    }

    private void line(String statement) {
        line(statement, ";");
    }

    private void line(String statement, String end) {
        text.append("    ".repeat(depth)).append(statement).append(end).append('\n');
    }
}
