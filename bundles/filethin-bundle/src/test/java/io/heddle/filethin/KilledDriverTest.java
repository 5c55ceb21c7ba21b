package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that makes and deletes volumes, or snapshots of one, is killed at random moments. Needs root and loop devices. */
@Tag("loop")
class KilledDriverTest {
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final int KILLS = Integer.getInteger("heddle.kills", 12);
    private static final long SEED = Long.getLong("heddle.seed", 4711);

    @TempDir
    Path temporary;

    @BeforeAll
    static void needsLoopDevices() {
        LoopMachine.require();
    }

    @AfterEach
    void leaveNothing() throws IOException {
        LoopMachine.detachBelow(temporary.toRealPath());
    }

    /** The process that is killed while it takes snapshots and deletes them. */
    static final class TakeAndDelete {
        public static void main(String[] arguments) {
            PoolSpec pool = LoopMachine.pool(new DriverKind(arguments[0]), Path.of(arguments[1]));
            Random random = new Random(Long.parseLong(arguments[2]));
            FileThinDriver driver = new FileThinDriver();
            driver.create(pool, identity(0), Bytes.ofMib(4));
            driver.markReady(pool, identity(0));
            System.out.println("running");
            while (true) {
                SnapshotIdentity snapshot = snapshot(random.nextInt(4));
                if (random.nextBoolean()) {
                    driver.takeSnapshot(pool, snapshot);
                } else {
                    driver.deleteSnapshot(pool, snapshot);
                }
            }
        }
    }

    private static SnapshotIdentity snapshot(int number) {
        return new SnapshotIdentity(identity(0), new UUID((number + 1L) << 32, number));
    }

    @Test
    void leavesSnapshotsThatAreWholeOrGo() throws Exception {
        try (ReflinkDisk disk = ReflinkDisk.make(temporary.toRealPath(), "mkfs.xfs", "-q", "-m", "reflink=1")) {
            Random random = new Random(SEED);
            PoolSpec pool = LoopMachine.pool(DriverKind.FILE_THIN, disk.path());
            FileThinDriver driver = new FileThinDriver();
            int left = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                runAndKill(TakeAndDelete.class, pool, random);
                if (kill % 2 == 0) {
                    disk.cutPower();
                }
                for (BackingVolume found : seen(driver, pool)) {
                    assertEquals(Bytes.ofMib(4), found.size(), found.toString());
                    assertEquals(Optional.empty(), found.fault(), found.toString());
                    assertEquals(found.is(identity(0)) ? Stage.READY : Stage.TAKEN, found.stage(), found.toString());
                    left += found.stage() == Stage.TAKEN ? 1 : 0;
                }
                driver.takeSnapshot(pool, snapshot(kill % 4));
            }
            for (int number = 0; number < 4; number++) {
                driver.deleteSnapshot(pool, snapshot(number));
            }
            System.out.println("killed " + KILLS + " times and cut the power after each second one (seed " + SEED
                    + "), " + left + " snapshots found whole");
            assertEquals(
                    Set.of("db0_00000", "db0_00000.heddle.json"),
                    Set.of(disk.path().toFile().list()));
        }
    }

    /** The process that is killed. */
    static final class CreateAndDelete {
        public static void main(String[] arguments) {
            PoolSpec pool = LoopMachine.pool(new DriverKind(arguments[0]), Path.of(arguments[1]));
            Random random = new Random(Long.parseLong(arguments[2]));
            FileThinDriver driver = new FileThinDriver();
            System.out.println("running");
            while (true) {
                BackingIdentity identity = identity(random.nextInt(4));
                switch (random.nextInt(5)) {
                    case 0, 1 -> driver.create(pool, identity, Bytes.ofMib(1 + random.nextInt(4)));
                    case 2 -> {
                        driver.create(pool, identity, Bytes.ofMib(1));
                        driver.markReady(pool, identity);
                    }
                    case 3 -> {
                        driver.create(pool, identity, Bytes.ofMib(1));
                        driver.grow(pool, identity, Bytes.ofMib(5));
                    }
                    default -> driver.delete(pool, identity);
                }
            }
        }
    }

    private static BackingIdentity identity(int number) {
        return new BackingIdentity("db" + number + "_00000", CLUSTER, new UUID(7, number));
    }

    @Test
    void leavesNothingThatIsNotOursAndWholeAgainOrGone() throws Exception {
        Path directory = temporary.toRealPath();
        Random random = new Random(SEED);
        int left = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            PoolSpec pool = LoopMachine.pool(kill % 2 == 0 ? DriverKind.FILE_THIN : DriverKind.FILE, directory);
            runAndKill(CreateAndDelete.class, pool, random);
            left += checkAndRecover(new FileThinDriver(), pool);
        }
        FileThinDriver driver = new FileThinDriver();
        PoolSpec pool = LoopMachine.pool(DriverKind.FILE_THIN, directory);
        for (int number = 0; number < 4; number++) {
            driver.delete(pool, identity(number));
        }

        System.out.println("killed " + KILLS + " times (seed " + SEED + "), " + left + " volumes found and recovered");
        assertEquals(List.of(), List.of(directory.toFile().list()));
        assertEquals(List.of(), LoopMachine.devicesBelow(directory));
    }

    private static void runAndKill(Class<?> program, PoolSpec pool, Random random) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName(),
                        pool.kind().value(),
                        pool.backing(),
                        Long.toString(random.nextLong()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("running", output.readLine());
            // The moment is drawn and not waited for: any is right.
            boolean ended = process.waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS);
            assertTrue(!ended, () -> "the process ended by itself with exit code " + process.exitValue());
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static List<BackingVolume> seen(FileThinDriver driver, PoolSpec pool) {
        Observation<PoolObservation> seen = driver.observe(List.of(pool)).get(pool.name());
        return seen.known()
                .orElseThrow(() -> new AssertionError(seen.unknown().toString()))
                .volumes();
    }

    private static int checkAndRecover(FileThinDriver driver, PoolSpec pool) {
        List<BackingVolume> volumes = seen(driver, pool);
        for (BackingVolume volume : volumes) {
            BackingIdentity identity = identity(volume.name().charAt(2) - '0');
            assertTrue(volume.is(identity), volume.toString());
            if (volume.fault()
                    .filter(fault -> fault.endsWith("only its sidecar is there"))
                    .isPresent()) {
                // a deletion that was broken off between its two files: the satellite asks for it again
                driver.delete(pool, identity);
                assertTrue(seen(driver, pool).stream().noneMatch(left -> left.is(identity)), volume.toString());
                continue;
            }
            assertEquals(Optional.empty(), volume.fault(), volume.toString());

            BackingVolume again = driver.activate(pool, identity);

            assertTrue(again.device().isPresent());
            assertTrue(again.size().compareTo(volume.size()) >= 0, volume + " became " + again);
        }
        return volumes.size();
    }
}
