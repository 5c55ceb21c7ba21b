package io.heddle.drbd;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ReplicationStatus;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Decides whether a resource's file may be written or removed, by the identity it carries. Changes nothing in the kernel. */
final class Configuration {
    private final ResourceFiles files;
    private final KernelProbe kernel;
    private final Resources resources;
    private final ToolOptions toolOptions;

    Configuration(ResourceFiles files, KernelProbe kernel, Resources resources, ToolOptions toolOptions) {
        this.files = files;
        this.kernel = kernel;
        this.resources = resources;
        this.toolOptions = toolOptions;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#isConfigured}. */
    boolean isCurrent(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        String wanted = text(cluster, resource, devices);
        return files.read(resource.name().value())
                .filter(file -> file.text().equals(wanted))
                .isPresent();
    }

    private String text(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        return ResourceFileWriter.write(
                cluster, resource, devices, kernel.dialect(), kernel.moduleVersion(), toolOptions);
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#configure}. */
    void write(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        String name = resource.name().value();
        Dialect dialect = kernel.dialect();
        ResourceFile wanted = new ResourceFile(text(cluster, resource, devices));
        Optional<ResourceFile> present = files.read(name);
        if (present.isEmpty() || !present.get().isWhole()) {
            present.ifPresent(file -> requireOurs(name, file));
            refuseForeign(resource, devices);
        } else {
            if (present.get().equals(wanted)) {
                return;
            }
            requireIncarnation(name, present.get(), resource.uuid());
            requireDialect(name, present.get(), dialect);
        }
        files.write(name, wanted);
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#removeConfiguration}. */
    void remove(String name, UUID incarnation) {
        Optional<ResourceFile> present = files.read(name);
        if (present.isPresent() && present.get().isWhole()) {
            requireIncarnation(name, present.get(), incarnation);
        } else {
            present.ifPresent(file -> requireOurs(name, file));
        }
        files.remove(name);
    }

    /** Where no file of ours is, somebody else may have a resource of the name: one in the kernel, or one in another file. */
    private void refuseForeign(ResourceSpec resource, Map<Integer, String> devices) {
        String name = resource.name().value();
        Optional<Path> definition = files.foreignDefinition(name);
        if (definition.isPresent()) {
            throw foreign(name, definition.get() + " defines a resource of that name");
        }
        Optional<ReplicationStatus> running = resources.look(name);
        if (running.isPresent() && !isOf(resource, devices, running.get())) {
            throw foreign(name, "DRBD runs a resource of that name with other devices");
        }
    }

    /** Whether a running resource stands on our backing volumes: then its file was lost while it ran. */
    private static boolean isOf(ResourceSpec resource, Map<Integer, String> devices, ReplicationStatus running) {
        for (DeviceStatus device : running.devices()) {
            boolean ours = resource.volumes().stream()
                    .filter(volume -> volume.number() == device.number())
                    .anyMatch(volume -> isOf(volume, devices, device));
            if (!ours) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(VolumeSpec volume, Map<Integer, String> devices, DeviceStatus device) {
        return volume.minor() == device.minor()
                && (device.backingDevice().isEmpty() || device.backingDevice().equals(devices.get(volume.number())));
    }

    /** Throws FOREIGN_VOLUME if the file is of another incarnation, or not Heddle's. */
    static void requireIncarnation(String name, ResourceFile file, UUID incarnation) {
        requireOurs(name, file);
        if (!file.resource().equals(Optional.of(incarnation))) {
            throw foreign(
                    name,
                    "its file is of another incarnation, "
                            + file.resource().map(UUID::toString).orElse("without identity"));
        }
    }

    /** Throws NOT_SUPPORTED if the file was written for the other DRBD: its metadata is of the other format. */
    static void requireDialect(String name, ResourceFile file, Dialect dialect) {
        if (file.dialect() != dialect) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot use resource " + name,
                    "it was made under " + words(file.dialect()) + ", and " + words(dialect) + " is loaded",
                    "load the DRBD module that it was made with");
        }
    }

    private static void requireOurs(String name, ResourceFile file) {
        if (!file.isOurs()) {
            throw foreign(name, "a file that is not Heddle's has its name");
        }
    }

    private static String words(Dialect dialect) {
        return switch (dialect) {
            case DRBD_8_4 -> "DRBD 8.4";
            case DRBD_9 -> "DRBD 9";
            case NONE -> "an unknown DRBD";
        };
    }

    private static HeddleException foreign(String name, String why) {
        return new HeddleException(
                ErrorCode.FOREIGN_VOLUME,
                "cannot configure resource " + name,
                why,
                "remove or rename it by hand if nobody needs it, or give Heddle's resource another name");
    }
}
