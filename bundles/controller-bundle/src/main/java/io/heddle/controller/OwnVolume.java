package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards the volume that the controller's own state lies on: it is not deleted by the controller that lives from it. Which one
 * that is the kernel tells, where the state's file system lies on a DRBD device, also through partitions, LVM or encryption. In
 * a virtual machine, which sees a disk of another kind, an administrator has to say it.
 */
final class OwnVolume {
    /** Says of a definition that the controller lives on it, or against the kernel's word that it does not. */
    static final String PROPERTY = "Heddle/ControllerVolume";

    private static final Logger LOG = LoggerFactory.getLogger(OwnVolume.class);
    /** The kernel's number for DRBD (include/linux/major.h has it as reserved; drbd registers it). */
    private static final int DRBD_MAJOR = 147;

    private final Set<Integer> minors;

    /**
     * Guards what has one of these devices.
     *
     * @param minors what {@link #minors} found
     */
    OwnVolume(Set<Integer> minors) {
        this.minors = Set.copyOf(minors);
    }

    /**
     * Minors of the DRBD devices that a directory's file system lies on; none where it lies on others, or where that cannot be
     * seen.
     *
     * @param directory the directory, which exists
     * @param sysfs where sysfs is mounted
     */
    static Set<Integer> minors(Path directory, Path sysfs) {
        try {
            return minors((Long) Files.getAttribute(directory, "unix:dev"), sysfs.resolve("dev/block"));
        } catch (IOException | UnsupportedOperationException unseen) {
            LOG.warn("Which device {} lies on cannot be seen: {}", directory, unseen.toString());
            return Set.of();
        }
    }

    /** Takes a device number apart as the C library does (sys/sysmacros.h). */
    static Set<Integer> minors(long device, Path blockDevices) throws IOException {
        long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
        long minor = (device & 0xff) | ((device >>> 12) & ~0xffL);
        TreeSet<Integer> found = new TreeSet<>();
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(major + ":" + minor));
        while (!open.isEmpty()) {
            String number = open.pop();
            if (!seen.add(number)) {
                continue;
            }
            String[] parts = number.split(":", 2);
            if (Integer.parseInt(parts[0]) == DRBD_MAJOR) {
                found.add(Integer.parseInt(parts[1]));
            } else {
                below(blockDevices.resolve(number)).forEach(open::push);
            }
        }
        return found;
    }

    /** Numbers of the devices that one is made of. */
    private static List<String> below(Path device) throws IOException {
        if (!Files.exists(device)) {
            return List.of();
        }
        Path real = device.toRealPath();
        if (Files.exists(real.resolve("partition"))) {
            return List.of(number(real.resolveSibling("dev")));
        }
        if (!Files.isDirectory(real.resolve("slaves"))) {
            return List.of();
        }
        try (Stream<Path> slaves = Files.list(real.resolve("slaves"))) {
            List<Path> links = slaves.toList();
            List<String> numbers = new ArrayList<>();
            for (Path link : links) {
                numbers.add(number(link.resolve("dev")));
            }
            return numbers;
        }
    }

    private static String number(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    /** Says in the log where the state lies, if Heddle manages it. */
    void tell(ClusterState state) {
        state.resourceDefinitions().values().stream()
                .filter(this::isOf)
                .forEach(definition -> LOG.info(
                        "The controller's state lies on {}, which it does not delete while it is there",
                        definition.name()));
    }

    /** Whether the controller lives on a definition's volumes. */
    boolean isOf(ResourceDefinition definition) {
        return Optional.ofNullable(definition.properties().get(PROPERTY))
                .map(Boolean::parseBoolean)
                .orElseGet(() -> definition.volumeDefinitions().values().stream()
                        .anyMatch(volume -> minors.contains(volume.minor())));
    }

    /** @throws HeddleException IN_USE if the controller lives on it */
    void refuseToDelete(ResourceDefinition definition, String what) {
        if (isOf(definition)) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot delete " + what,
                    "the controller's own state lies on " + definition.name(),
                    "move the controller's state directory elsewhere first and start it from there; if it does not lie there, say"
                            + " so: heddle resource-definition set-property " + definition.name() + " " + PROPERTY
                            + " false");
        }
    }

    /** @throws HeddleException IN_USE if the controller lives on it and this is the last replica with a disk */
    void refuseToDeleteLast(ResourceDefinition definition, Resource leaving) {
        boolean others = definition.resources().values().stream()
                .anyMatch(resource -> !resource.node().equals(leaving.node()) && resource.keepsDisk());
        if (!others && !leaving.diskless()) {
            refuseToDelete(definition, "the last replica of " + definition.name() + ", on node " + leaving.node());
        }
    }
}
