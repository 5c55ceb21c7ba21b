package io.heddle.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the units promise, and must not. */
class UnitsIT {
    private static final Path CONTROLLER = Repository.SOURCES.resolve("systemd/heddle-controller.service");
    private static final Path SATELLITE = Repository.SOURCES.resolve("systemd/heddle-satellite.service");
    private static final String PATH = "lib/systemd/system/";

    // Directives for which systemd makes a mount, network or other namespace; see "Sandboxing" in systemd.exec(5).
    private static final List<String> NAMESPACES = List.of(
            "PrivateTmp",
            "PrivateDevices",
            "PrivateNetwork",
            "PrivateUsers",
            "PrivateMounts",
            "PrivateIPC",
            "ProtectSystem",
            "ProtectHome",
            "ProtectHostname",
            "ProtectClock",
            "ProtectKernelTunables",
            "ProtectKernelModules",
            "ProtectKernelLogs",
            "ProtectControlGroups",
            "ProtectProc",
            "ProcSubset",
            "ReadOnlyPaths",
            "ReadWritePaths",
            "InaccessiblePaths",
            "NoExecPaths",
            "ExecPaths",
            "TemporaryFileSystem",
            "BindPaths",
            "BindReadOnlyPaths",
            "RootDirectory",
            "RootImage",
            "DynamicUser",
            "RemoveIPC");

    @Test
    void noDirectiveStopsTheStartInAnUnprivilegedContainerOrTheCompilerOfTheJvm() throws IOException {
        for (Path unit : List.of(CONTROLLER, SATELLITE)) {
            for (String line : directives(unit)) {
                String name = line.split("=", 2)[0];
                assertFalse(NAMESPACES.contains(name), unit + ": " + line);
                assertFalse(name.equals("MemoryDenyWriteExecute"), unit + ": " + line);
            }
        }
    }

    @Test
    void bothAreUpWhenTheySaySoAndBeforeWhoeverUsesVolumes() throws IOException {
        for (Path unit : List.of(CONTROLLER, SATELLITE)) {
            List<String> lines = directives(unit);
            assertTrue(lines.containsAll(List.of("Type=notify", "NotifyAccess=all")), unit.toString());
            String before = String.join(
                    " ",
                    lines.stream().filter(line -> line.startsWith("Before=")).toList());
            assertTrue(before.contains("pvedaemon.service") && before.contains("libvirtd.service"), before);
        }
    }

    @Test
    void theControllerHasNoPrivileges() throws IOException {
        List<String> lines = directives(CONTROLLER);

        assertTrue(lines.containsAll(List.of("User=heddle", "NoNewPrivileges=yes", "CapabilityBoundingSet=")));
    }

    @Test
    void nothingOfAVolumeEndsWithTheSatellite() throws IOException {
        List<String> lines = directives(SATELLITE);

        assertTrue(lines.contains("KillMode=process"));
        assertFalse(lines.stream().anyMatch(line -> line.startsWith("ExecStop")));
    }

    @Test
    void systemdFindsNoFault(@TempDir Path root) throws IOException {
        assumeTrue(Program.isThere("dpkg-deb"), "there is no dpkg-deb on this machine");
        assumeTrue(Program.isThere("systemd-analyze"), "there is no systemd-analyze on this machine");
        PackageContentIT.unpackAll(root);
        // Units of others, to which ours only have an order, and programs of others are not in there.
        Files.createDirectories(root.resolve("sbin"));
        Path modprobe = Files.writeString(root.resolve("sbin/modprobe"), "#!/bin/sh\n");
        assertTrue(modprobe.toFile().setExecutable(true));
        Files.createSymbolicLink(root.resolve("usr/lib"), Path.of("../lib"));
        copyUnitsOfTheMachine(root.resolve("lib/systemd/system"));

        for (String unit : List.of("heddle-controller.service", "heddle-satellite.service")) {
            String found = Program.output(
                    "systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "--root=" + root, PATH + unit);
            assertEquals("", found);
        }
    }

    /** systemd complains where the targets that every unit hangs on are missing. */
    private static void copyUnitsOfTheMachine(Path folder) throws IOException {
        try (Stream<Path> targets = Files.list(Path.of("/lib/systemd/system"))) {
            for (Path target : targets.filter(file -> file.toString().endsWith(".target")
                            || file.toString().endsWith(".slice"))
                    .toList()) {
                Files.copy(target, folder.resolve(target.getFileName()));
            }
        }
    }

    /** The lines of a unit that say something. */
    private static List<String> directives(Path unit) throws IOException {
        return Files.readAllLines(unit).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("["))
                .toList();
    }
}
