package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that makes and deletes volumes is killed at random moments. Needs root and loop devices. */
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
            runAndKill(pool, random);
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

    private static void runAndKill(PoolSpec pool, Random random) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CreateAndDelete.class.getName(),
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

    private static int checkAndRecover(FileThinDriver driver, PoolSpec pool) {
        List<BackingVolume> volumes = driver.observe(List.of(pool))
                .get(pool.name())
                .known()
                .orElseThrow()
                .volumes();
        for (BackingVolume volume : volumes) {
            BackingIdentity identity = identity(volume.name().charAt(2) - '0');
            assertTrue(volume.is(identity), volume.toString());
            assertEquals(Optional.empty(), volume.fault(), volume.toString());

            BackingVolume again = driver.activate(pool, identity);

            assertTrue(again.device().isPresent());
            assertTrue(again.size().compareTo(volume.size()) >= 0, volume + " became " + again);
        }
        return volumes.size();
    }
}
