package io.heddle.zfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SafetySnapshot;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/**
 * A program that drives the real ZFS, on a machine that is there for nothing else; {@link RealZfsTest} boots one and reads what
 * this prints. It prints {@code ok CASE}, or {@code failed CASE} and a stack trace.
 */
public final class RealZfs {
    private static final String DISK = "/dev/ubda";
    private static final String SICK_DISK = "/dev/ubdc";
    private static final int CHURNED = 3;
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final Bytes SIZE = Bytes.ofMib(64);
    private static final PoolSpec THIN = pool("thin", DriverKind.ZFS_THIN, "tank/thin");
    private static final PoolSpec THICK = pool("thick", DriverKind.ZFS, "tank/thick");
    private static final PoolSpec SICK = pool("sick", DriverKind.ZFS_THIN, "sick");
    private static final BackingIdentity SURVIVOR = identity("survivor_00000");
    private static final BackingIdentity HALF_MADE = identity("halfmade_00000");

    private final ZfsDriver driver = new ZfsDriver();
    private final Map<String, Executable> cases = new TreeMap<>();

    private RealZfs() {}

    /**
     * Runs the cases of one stage: {@code volumes}; {@code after} the power was cut; {@code audit} after it was cut below {@code
     * churn POOL SEED}, which is killed.
     */
    public static void main(String[] arguments) {
        RealZfs program = new RealZfs();
        switch (arguments[0]) {
            case "volumes" -> program.volumes();
            case "after" -> program.after();
            case "audit" -> program.audit();
            case "sick" -> program.cases.put("tellsOfASuspendedZpoolAndDoesNotWaitForIt", program::suspended);
            default -> program.churn(arguments[1].equals("thin") ? THIN : THICK, Long.parseLong(arguments[2]));
        }
        program.cases.forEach(RealZfs::run);
        System.out.println("end");
    }

    private static void run(String name, Executable test) {
        long begin = System.nanoTime();
        try {
            test.execute();
            System.out.println("ok " + name);
        } catch (Throwable failure) {
            System.out.println("failed " + name);
            failure.printStackTrace(System.out);
        }
        System.out.println("# " + name + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    }

    private void volumes() {
        sh("zpool create -f -m none tank " + DISK + " && zfs create tank/thin && zfs create tank/thick");
        cases.put("createsAThinVolumeOnceHoweverOftenItIsAsked", () -> createsOnce(THIN));
        cases.put("createsAThickVolumeOnceHoweverOftenItIsAsked", () -> createsOnce(THICK));
        cases.put("finishesWhatZfsMadeWithoutItsProperties", this::finishes);
        cases.put("givesVolumesThatReadAsZeros", this::readsZeros);
        cases.put("marksReadyOnceAndForAll", this::marksReady);
        cases.put("growsUnderAnOpenDevice", () -> {
            grows(THIN);
            grows(THICK);
        });
        cases.put("refusesToDeactivateOrDeleteAnOpenVolume", this::refusesOpen);
        cases.put("touchesNoForeignVolume", this::touchesNoForeignVolume);
        cases.put("leavesWhatSomebodyTookASnapshotOf", this::leavesForeignSnapshots);
        cases.put("keepsWhatASplitBrainGaveUpWhenTheVolumeGoes", this::keepsSnapshots);
        cases.put("restoresSnapshotsThatMayGoThenWithTheirOrigin", this::restoresSnapshots);
        cases.put("takesASnapshotOnceHoweverOftenItIsAskedAndDeletesIt", () -> {
            takesOnce(THIN);
            takesOnce(THICK);
        });
        cases.put("takesSnapshotsOfSeveralVolumesInOneTransaction", this::takesSeveralTogether);
        cases.put("touchesNoForeignSnapshot", this::touchesNoForeignSnapshot);
        cases.put("letsASnapshotGoAsSoonAsNobodyNeedsIt", this::letsASnapshotGo);
        cases.put("tellsTheLargestThickVolumeThatFits", this::saysFull);
        cases.put("heedsAQuotaOfItsDataset", this::heedsAQuota);
        cases.put("survivesBeingKilled", this::survivesKills);
        cases.put("zPreparesForThePowerCut", this::prepare);
    }

    private void after() {
        cases.put("findsAVolumeInServiceAgainAfterAPowerCut", () -> {
            BackingVolume volume = driver.activate(THIN, SURVIVOR);
            assertEquals(Stage.READY, volume.stage());
            assertArrayEquals(new byte[] {1, 2, 3}, read(device(volume), 4096, 3));
            driver.delete(THIN, SURVIVOR);
        });
        cases.put("aFindsASnapshotAgainAfterAPowerCut", () -> {
            driver.takeSnapshot(THIN, taken(SURVIVOR, 0));
            assertArrayEquals(new byte[] {1, 2, 3}, kept(THIN, taken(SURVIVOR, 0)));
            driver.deleteSnapshot(THIN, taken(SURVIVOR, 0));
            assertEquals("", snapshots(THIN));
        });
        cases.put("findsANewVolumeStillNewAfterAPowerCut", () -> {
            assertEquals(Stage.NEW, driver.create(THICK, HALF_MADE, SIZE).stage());
            driver.delete(THICK, HALF_MADE);
            assertTrue(volume(THICK, HALF_MADE).isEmpty());
        });
    }

    private void createsOnce(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("once_00000");
        BackingVolume first = driver.create(pool, identity, SIZE);
        write(device(first), 4096, new byte[] {1, 2, 3});
        BackingVolume second = driver.create(pool, identity, SIZE);

        assertEquals(Optional.of("/dev/zvol/" + pool.backing() + "/once_00000"), second.device());
        assertEquals(first.device(), second.device());
        assertTrue(second.is(identity));
        assertEquals(Stage.NEW, second.stage());
        assertEquals(SIZE, second.size());
        assertEquals(Optional.empty(), second.fault());
        assertArrayEquals(new byte[] {1, 2, 3}, read(device(second), 4096, 3));
        assertEquals(List.of(), known(pool).capacity().warnings());
        driver.deactivate(pool, identity);
        driver.deactivate(pool, identity);
        assertEquals(Optional.empty(), volume(pool, identity).orElseThrow().device());
        assertArrayEquals(new byte[] {1, 2, 3}, read(device(driver.activate(pool, identity)), 4096, 3));
        driver.delete(pool, identity);
        driver.delete(pool, identity);
        assertTrue(volume(pool, identity).isEmpty());
    }

    /** What a power cut between the two transactions of zfs create leaves. */
    private void finishes() {
        for (PoolSpec pool : List.of(THIN, THICK)) {
            BackingIdentity identity = identity("broken_00000");
            sh("zfs create -s -V 64M -b 16k " + pool.backing() + "/" + Unfinished.name(identity));
            BackingVolume left = volume(pool, identity).orElseThrow();
            assertTrue(left.is(identity) && left.stage() == Stage.NEW, left.toString());

            assertTrue(driver.activate(pool, identity).device().isPresent());
            assertEquals(List.of(), known(pool).capacity().warnings());
            assertEquals(1, known(pool).volumes().size());

            driver.delete(pool, identity);
            sh("zfs create -s -V 64M -b 16k " + pool.backing() + "/" + Unfinished.name(identity));
            driver.delete(pool, identity);
            assertEquals(List.of(), known(pool).volumes());
        }
    }

    private void readsZeros() throws IOException {
        BackingIdentity identity = identity("zero_00000");
        for (int round = 0; round < 2; round++) {
            String device = device(driver.create(THICK, identity, SIZE));
            assertArrayEquals(new byte[1 << 20], read(device, 0, 1 << 20));
            byte[] noise = new byte[1 << 20];
            Arrays.fill(noise, (byte) 0x5a);
            write(device, 0, noise);
            driver.delete(THICK, identity);
        }
    }

    private void marksReady() {
        BackingIdentity identity = identity("ready_00000");
        driver.create(THIN, identity, SIZE);
        driver.markReady(THIN, identity);
        driver.markReady(THIN, identity);
        assertEquals(Stage.READY, driver.activate(THIN, identity).stage());
        driver.delete(THIN, identity);
    }

    private void grows(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("grow_00000");
        String device = device(driver.create(pool, identity, SIZE));
        write(device, 4096, new byte[] {4, 5, 6});
        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            assertEquals(SIZE.value(), open.size());
            BackingVolume grown = driver.grow(pool, identity, new Bytes(2 * SIZE.value() - 1));
            assertEquals(new Bytes(2 * SIZE.value()), grown.size());
            assertEquals(grown, driver.grow(pool, identity, SIZE));
        }
        assertArrayEquals(new byte[] {4, 5, 6}, read(device, 4096, 3));
        assertArrayEquals(new byte[4096], read(device, 2 * SIZE.value() - 4096, 4096));
        assertEquals(List.of(), known(pool).capacity().warnings());
        driver.delete(pool, identity);
    }

    private void refusesOpen() throws IOException {
        BackingIdentity identity = identity("open_00000");
        String device = device(driver.create(THIN, identity, SIZE));
        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.deactivate(THIN, identity)));
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, identity)));
            assertEquals(SIZE.value(), open.size());
        }
        assertEquals(Optional.of(device), volume(THIN, identity).orElseThrow().device());
        driver.delete(THIN, identity);
        assertFalse(Files.isSymbolicLink(Path.of(device)));
    }

    private void touchesNoForeignVolume() throws IOException {
        BackingIdentity identity = identity("foreign_00000");
        sh("zfs create -s -V 64M -o volmode=dev tank/thin/foreign_00000");
        sh("zfs set heddle:cluster=" + CLUSTER + " heddle:volume=" + identity.volume() + " tank/thin");
        String before = sh("zfs get -Hp -o property,value,source guid,volsize,volmode tank/thin/foreign_00000");
        for (Executable call : List.<Executable>of(
                () -> driver.create(THIN, identity, SIZE),
                () -> driver.activate(THIN, identity),
                () -> driver.deactivate(THIN, identity),
                () -> driver.markReady(THIN, identity),
                () -> driver.grow(THIN, identity, new Bytes(2 * SIZE.value())),
                () -> driver.snapshot(THIN, identity, "kept"),
                () -> driver.delete(THIN, identity))) {
            assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
        }
        assertEquals(before, sh("zfs get -Hp -o property,value,source guid,volsize,volmode tank/thin/foreign_00000"));
        assertEquals(Optional.empty(), volume(THIN, identity).orElseThrow().volume());
        sh(
                "zfs inherit heddle:cluster tank/thin; zfs inherit heddle:volume tank/thin; zfs destroy tank/thin/foreign_00000");

        BackingIdentity sent = identity("sent_00000");
        driver.create(THIN, sent, SIZE);
        sh(
                "zfs snapshot tank/thin/sent_00000@s && zfs send -p tank/thin/sent_00000@s | zfs receive tank/thick/sent_00000");
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.delete(THICK, sent)));
        sh("zfs destroy -r tank/thick/sent_00000; zfs destroy tank/thin/sent_00000@s");
        driver.delete(THIN, sent);
    }

    private void leavesForeignSnapshots() {
        BackingIdentity identity = identity("daily_00000");
        driver.create(THIN, identity, SIZE);
        sh("zfs snapshot tank/thin/daily_00000@daily");
        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, identity)));
        sh("zfs destroy tank/thin/daily_00000@daily");
        driver.delete(THIN, identity);
    }

    private void keepsSnapshots() throws IOException {
        for (PoolSpec pool : List.of(THIN, THICK)) {
            BackingIdentity identity = identity("split_00000");
            String name = SafetySnapshot.name(identity.name(), new UUID(7L << 32, 7));
            String later = SafetySnapshot.name(identity.name(), new UUID(9L << 32, 9));
            String device = device(driver.create(pool, identity, SIZE));
            write(device, 4096, new byte[] {7, 8, 9});
            driver.snapshot(pool, identity, name);
            driver.snapshot(pool, identity, name);
            write(device, 4096, new byte[] {1, 1, 1});
            driver.snapshot(pool, identity, later);
            assertEquals(Stage.NEW, volume(pool, identity).orElseThrow().stage());

            driver.delete(pool, identity);

            assertTrue(volume(pool, identity).isEmpty());
            assertEquals(2, known(pool).volumes().size());
            assertTrue(known(pool).volumes().stream().allMatch(kept -> kept.stage() == Stage.SNAPSHOT));
            for (String kept : List.of(name, later)) {
                String dataset = pool.backing() + "/" + kept;
                sh("zfs set volmode=dev " + dataset);
                String found = new ZvolDevices(
                                new ExecCommandRunner(), Path.of("/"), Duration.ofSeconds(3), Duration.ofMinutes(1))
                        .await(dataset, SIZE);
                assertArrayEquals(
                        kept.equals(name) ? new byte[] {7, 8, 9} : new byte[] {1, 1, 1}, read(found, 4096, 3));
            }
            sh("zfs destroy -r " + pool.backing() + "/" + later + "; zfs destroy -r " + pool.backing() + "/" + name);
        }
    }

    /** The same for each process of this test, and another for each number. */
    private static SnapshotIdentity taken(BackingIdentity origin, int number) {
        return new SnapshotIdentity(origin, new UUID((number + 1L) << 32, number));
    }

    private static String snapshot(PoolSpec pool, SnapshotIdentity snapshot) {
        return pool.backing() + "/" + snapshot.origin().name() + "@" + snapshot.name();
    }

    private static String snapshots(PoolSpec pool) {
        return sh("zfs list -H -t snapshot -o name -r " + pool.backing());
    }

    /** The bytes that this test writes, as a snapshot has them. */
    private static byte[] kept(PoolSpec pool, SnapshotIdentity snapshot) throws IOException {
        String look = pool.backing() + "/look";
        sh("zfs clone -o volmode=dev " + snapshot(pool, snapshot) + " " + look);
        try {
            return read(
                    new ZvolDevices(new ExecCommandRunner(), Path.of("/"), Duration.ofSeconds(3), Duration.ofMinutes(1))
                            .await(look, SIZE),
                    4096,
                    3);
        } finally {
            sh("for i in $(seq 50); do zfs destroy " + look + " && exit 0; sleep 0.2; done; exit 1");
        }
    }

    private void takesOnce(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("keep_00000");
        SnapshotIdentity first = taken(identity, 0);
        SnapshotIdentity second = taken(identity, 1);
        String device = device(driver.create(pool, identity, SIZE));
        driver.markReady(pool, identity);
        write(device, 4096, new byte[] {1, 1, 1});
        driver.prepareSnapshot(pool, first);
        assertEquals("", snapshots(pool));

        driver.takeSnapshot(pool, first);
        write(device, 4096, new byte[] {2, 2, 2});
        driver.takeSnapshot(pool, first);
        driver.prepareSnapshot(pool, first);
        driver.takeSnapshots(pool, List.of(first, second));

        assertArrayEquals(new byte[] {1, 1, 1}, kept(pool, first));
        assertArrayEquals(new byte[] {2, 2, 2}, kept(pool, second));
        assertEquals(1, known(pool).volumes().size());
        assertTrue(known(pool).capacity().snapshots());
        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(pool, identity)));
        assertEquals(
                Set.of(first.name(), second.name()), known(pool).snapshots().keySet());
        assertTrue(known(pool).snapshots().get(first.name()).value() > 0, "a block of it was overwritten");
        driver.deleteSnapshot(pool, first);
        driver.deleteSnapshot(pool, first);
        assertEquals(snapshot(pool, second), snapshots(pool));
        driver.deleteSnapshot(pool, second);
        assertArrayEquals(new byte[] {2, 2, 2}, read(device, 4096, 3));
        driver.delete(pool, identity);
        driver.deleteSnapshot(pool, second);
        assertEquals(List.of(), known(pool).volumes());
    }

    private void takesSeveralTogether() {
        List<SnapshotIdentity> snapshots = new ArrayList<>();
        for (int number = 0; number < 3; number++) {
            BackingIdentity identity = identity("many" + number + "_00000");
            driver.create(THIN, identity, SIZE);
            snapshots.add(taken(identity, number % 2));
        }

        driver.takeSnapshots(THIN, snapshots);

        assertEquals(
                1,
                sh("zfs get -H -p -o value createtxg $(zfs list -H -t snapshot -o name -r tank/thin)")
                        .lines()
                        .distinct()
                        .count());
        snapshots.forEach(snapshot -> {
            driver.prepareSnapshot(THIN, snapshot);
            driver.deleteSnapshot(THIN, snapshot);
            driver.delete(THIN, snapshot.origin());
        });
        assertEquals("", snapshots(THIN));
    }

    private void touchesNoForeignSnapshot() {
        BackingIdentity identity = identity("others_00000");
        SnapshotIdentity snapshot = taken(identity, 0);
        SnapshotIdentity ofTheSameName =
                new SnapshotIdentity(identity, new UUID(snapshot.snapshot().getMostSignificantBits(), 77));
        String name = snapshot(THIN, snapshot);
        driver.create(THIN, identity, SIZE);
        String marks = "heddle:cluster=" + CLUSTER + " heddle:snapshot=" + snapshot.snapshot();
        for (String disguise : List.of("", "zfs set " + marks + " tank/thin/others_00000 && ")) {
            sh(disguise + "zfs snapshot " + name);
            foreignSnapshot(snapshot, name);
            sh("zfs destroy " + name);
        }
        sh("zfs inherit heddle:snapshot tank/thin/others_00000");

        driver.takeSnapshot(THIN, ofTheSameName);
        foreignSnapshot(snapshot, name);
        sh("zfs snapshot tank/thin/others_00000@daily");
        driver.deleteSnapshot(THIN, ofTheSameName);
        assertEquals("tank/thin/others_00000@daily", snapshots(THIN));
        sh("zfs destroy tank/thin/others_00000@daily");
        driver.delete(THIN, identity);
    }

    private void foreignSnapshot(SnapshotIdentity wanted, String name) {
        String before = sh("zfs get -Hp -o value guid " + name);
        for (Executable call : List.<Executable>of(
                () -> driver.prepareSnapshot(THIN, wanted),
                () -> driver.takeSnapshot(THIN, wanted),
                () -> driver.deleteSnapshot(THIN, wanted))) {
            assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
        }
        assertEquals(before, sh("zfs get -Hp -o value guid " + name));
    }

    private void letsASnapshotGo() {
        BackingIdentity identity = identity("held_00000");
        SnapshotIdentity held = taken(identity, 0);
        SnapshotIdentity cloned = taken(identity, 1);
        driver.create(THIN, identity, SIZE);
        driver.takeSnapshots(THIN, List.of(held, cloned));
        sh("zfs hold backup " + snapshot(THIN, held) + " && zfs clone -o volmode=none " + snapshot(THIN, cloned)
                + " tank/thin/somebodys");

        for (SnapshotIdentity each : List.of(held, cloned, held, cloned)) {
            driver.deleteSnapshot(THIN, each);
        }

        assertEquals(snapshot(THIN, held) + "\n" + snapshot(THIN, cloned), snapshots(THIN));
        sh("zfs release backup " + snapshot(THIN, held) + " && zfs destroy tank/thin/somebodys");
        assertEquals("", snapshots(THIN));
        driver.delete(THIN, identity);
    }

    private void saysFull() {
        BackingIdentity identity = identity("large_00000");
        Bytes free = known(THICK).capacity().free();
        assertEquals(
                ErrorCode.POOL_FULL, refusal(() -> driver.create(THICK, identity, new Bytes(free.value() / 16 * 17))));
        assertEquals(List.of(), known(THICK).volumes());

        assertEquals(free, driver.create(THICK, identity, free).size());
        assertTrue(known(THICK).capacity().warnings().stream().anyMatch(warning -> warning.contains("full")));
        assertEquals(
                ErrorCode.POOL_FULL, refusal(() -> driver.grow(THICK, identity, new Bytes(free.value() / 16 * 17))));
        driver.delete(THICK, identity);
    }

    private void heedsAQuota() {
        BackingIdentity identity = identity("quota_00000");
        sh("zfs set quota=256M tank/thick");
        Bytes free = known(THICK).capacity().free();
        assertTrue(
                known(THICK).capacity().total().value() <= 256 << 20,
                known(THICK).toString());
        assertTrue(free.value() < 256 << 20 && free.value() > 240 << 20, free.toString());
        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(THICK, identity, Bytes.ofMib(256))));
        driver.create(THICK, identity, free);
        assertTrue(known(THICK).capacity().warnings().stream().anyMatch(warning -> warning.contains("quota")));
        driver.delete(THICK, identity);
        sh("zfs set quota=none tank/thick");
    }

    private void restoresSnapshots() throws IOException {
        for (PoolSpec pool : List.of(THIN, THICK)) {
            BackingIdentity origin = identity("origin_00000");
            BackingIdentity clone = identity("clone_00000");
            BackingIdentity later = identity("later_00000");
            SnapshotIdentity first = new SnapshotIdentity(origin, new UUID(1L << 32, 1));
            SnapshotIdentity second = new SnapshotIdentity(origin, new UUID(2L << 32, 2));
            String device = device(driver.create(pool, origin, SIZE));
            write(device, 4096, new byte[] {1, 2, 3});
            driver.takeSnapshot(pool, first);
            write(device, 4096, new byte[] {7, 8, 9});
            driver.takeSnapshot(pool, second);

            for (int i = 0; i < 2; i++) {
                BackingVolume made = driver.restore(pool, first, clone);
                assertTrue(made.is(clone), made.toString());
                assertEquals(Stage.RESTORED, made.stage());
                assertArrayEquals(new byte[] {1, 2, 3}, read(device(made), 4096, 3));
            }
            driver.markReady(pool, clone);
            assertEquals(Stage.READY, volume(pool, clone).orElseThrow().stage());
            driver.restore(pool, second, later);
            for (SnapshotIdentity each : List.of(first, second, first)) {
                driver.deleteSnapshot(pool, each);
            }
            driver.delete(pool, origin);
            assertTrue(volume(pool, origin).isEmpty());
            assertArrayEquals(
                    new byte[] {1, 2, 3}, read(device(volume(pool, clone).orElseThrow()), 4096, 3));
            driver.delete(pool, later);
            driver.delete(pool, clone);
            assertEquals("", sh("zfs list -H -o name -t snapshot -r tank/" + pool.name()));
        }
    }

    /** Makes, grows, marks, takes snapshots and deletes until it is killed, or its node is. */
    private void churn(PoolSpec pool, long seed) {
        Random random = new Random(seed);
        System.out.println("running");
        for (int step = 0; step < 10_000; step++) {
            BackingIdentity identity = identity("churn" + random.nextInt(CHURNED) + "_00000");
            Optional<BackingVolume> found = volume(pool, identity);
            if (found.isEmpty()) {
                driver.create(pool, identity, SIZE);
                driver.takeSnapshot(pool, taken(identity, 0));
            } else if (found.get().device().isEmpty()) {
                driver.activate(pool, identity);
            } else {
                switch (random.nextInt(7)) {
                    case 0 -> driver.markReady(pool, identity);
                    case 4, 5 -> driver.takeSnapshot(pool, taken(identity, random.nextInt(2)));
                    case 6 -> driver.deleteSnapshot(pool, taken(identity, random.nextInt(2)));
                    case 1 -> driver.grow(pool, identity, new Bytes(SIZE.value() * (1 + random.nextInt(3))));
                    case 2 -> driver.snapshot(pool, identity, "kept" + random.nextInt(2) + "_" + identity.name());
                    default -> {
                        driver.deleteSnapshot(pool, taken(identity, 0));
                        driver.deleteSnapshot(pool, taken(identity, 1));
                        driver.delete(pool, identity);
                    }
                }
            }
            System.out.println("done");
        }
    }

    private void survivesKills() throws Exception {
        Random random = new Random(4711);
        for (int kill = 0; kill < 3; kill++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RealZfs.class.getName(),
                            "churn",
                            kill % 2 == 0 ? "thin" : "thick",
                            Long.toString(random.nextLong()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                assertEquals("running", output.readLine());
                for (int steps = 1 + random.nextInt(4); steps > 0; steps--) {
                    assertEquals("done", output.readLine());
                }
                // The moment is drawn and not waited for: any is right.
                assertFalse(process.waitFor(random.nextInt(2000), TimeUnit.MILLISECONDS), "it ended by itself");
            } finally {
                process.destroyForcibly().waitFor();
            }
            auditChurned();
        }
    }

    private void audit() {
        cases.put("findsAllItsVolumesAfterAPowerCut", this::auditChurned);
    }

    /** All that is there is ours or kept, works, has what it is to have, and goes. */
    private void auditChurned() {
        int found = 0;
        int taken = 0;
        for (PoolSpec pool : List.of(THIN, THICK)) {
            for (BackingVolume volume : known(pool).volumes()) {
                found++;
                if (volume.stage() == Stage.SNAPSHOT) {
                    continue;
                }
                BackingIdentity identity = identity(volume.name());
                assertTrue(volume.is(identity), volume.toString());
                assertTrue(driver.activate(pool, identity).device().isPresent());
                driver.grow(pool, identity, SIZE);
            }
            assertTrue(
                    known(pool).capacity().warnings().stream().noneMatch(warning -> warning.contains("reserv")),
                    known(pool).capacity().warnings().toString());
            for (int number = 0; number < CHURNED; number++) {
                BackingIdentity churned = identity("churn" + number + "_00000");
                if (volume(pool, churned).isPresent()) {
                    taken += sh("zfs list -H -d 1 -t snapshot -o name " + pool.backing() + "/" + churned.name()
                                            + " | grep -c _snap_ || true")
                                    .equals("0")
                            ? 0
                            : 1;
                    driver.takeSnapshot(pool, taken(churned, 0));
                }
                driver.deleteSnapshot(pool, taken(churned, 0));
                driver.deleteSnapshot(pool, taken(churned, 1));
                for (int kept = 0; kept < 2; kept++) {
                    BackingIdentity identity = identity("churn" + number + "_00000");
                    if (volume(pool, identity).isPresent()) {
                        driver.snapshot(pool, identity, "kept" + kept + "_" + identity.name());
                    }
                }
                driver.delete(pool, identity("churn" + number + "_00000"));
            }
            assertTrue(
                    known(pool).volumes().stream().allMatch(volume -> volume.stage() == Stage.SNAPSHOT),
                    known(pool).volumes().toString());
            sh("for each in $(zfs list -H -d 1 -t volume -o name " + pool.backing()
                    + "); do zfs destroy -R $each || true; done");
            assertEquals(List.of(), known(pool).volumes());
        }
        System.out.println("# " + found + " volumes found, " + taken + " with snapshots");
    }

    /** A disk that fails below a zpool: its I/O is suspended then, and zfs would wait for ever. */
    private void suspended() {
        sh("dmsetup create sickdisk --table \"0 $(blockdev --getsz " + SICK_DISK + ") linear " + SICK_DISK + " 0\""
                + " && dmsetup mknodes && zpool create -f -m none sick /dev/mapper/sickdisk");
        BackingIdentity identity = identity("sick_00000");
        String device = device(driver.create(SICK, identity, SIZE));
        sh("dmsetup suspend --noflush sickdisk && dmsetup load sickdisk --table \"0 $(blockdev --getsz " + SICK_DISK
                + ") error\" && dmsetup resume sickdisk");
        sh("(dd if=/dev/urandom of=" + device + " bs=1M count=8 oflag=direct >/dev/null 2>&1; zpool sync sick) "
                + "</dev/null >/dev/null 2>&1 & for i in $(seq 600); do [ $(zpool list -H -o health sick) = SUSPENDED ]"
                + " && exit 0; sleep 0.1; done; exit 1");
        long begin = System.nanoTime();

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                driver.observe(List.of(SICK))
                        .get(SICK.name())
                        .unknown()
                        .orElseThrow()
                        .code());
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.activate(SICK, identity)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(SICK, identity("more_00000"), SIZE)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.delete(SICK, identity)));
        assertTrue(known(THIN).volumes().isEmpty(), "the other zpool is seen");
        assertTrue(Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 60, "it waited");

        sh("dmsetup suspend --noflush sickdisk && dmsetup load sickdisk --table \"0 $(blockdev --getsz " + SICK_DISK
                + ") linear " + SICK_DISK + " 0\" && dmsetup resume sickdisk && zpool clear sick");
        assertTrue(driver.activate(SICK, identity).is(identity));
    }

    private void prepare() throws IOException {
        write(device(driver.create(THIN, SURVIVOR, SIZE)), 4096, new byte[] {1, 2, 3});
        driver.markReady(THIN, SURVIVOR);
        driver.takeSnapshot(THIN, taken(SURVIVOR, 0));
        driver.create(THICK, HALF_MADE, SIZE);
    }

    private PoolObservation known(PoolSpec pool) {
        Observation<PoolObservation> seen = driver.observe(List.of(pool)).get(pool.name());
        return seen.known().orElseThrow(() -> seen.unknown().orElseThrow().exception());
    }

    private Optional<BackingVolume> volume(PoolSpec pool, BackingIdentity identity) {
        return known(pool).volumes().stream()
                .filter(volume -> volume.name().equals(identity.name()))
                .findFirst();
    }

    private static String device(BackingVolume volume) {
        return volume.device().orElseThrow();
    }

    private static ErrorCode refusal(Executable call) {
        return assertThrows(HeddleException.class, call).code();
    }

    private static PoolSpec pool(String name, DriverKind kind, String backing) {
        return new PoolSpec(new PoolName(name), new UUID(0, 1), kind, backing, new TreeMap<>());
    }

    /** The identity of a volume follows from its name, so that every process of this test knows it. */
    private static BackingIdentity identity(String name) {
        return new BackingIdentity(name, CLUSTER, UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] read(String device, long position, int length) throws IOException {
        try (InputStream bytes = Files.newInputStream(Path.of(device))) {
            bytes.skipNBytes(position);
            return bytes.readNBytes(length);
        }
    }

    private static void write(String device, long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
            channel.force(true);
        }
    }

    private static String sh(String script) {
        CommandResult result = new ExecCommandRunner().run(Command.query(Duration.ofMinutes(3), "bash", "-c", script));
        assertTrue(result.succeeded(), result.explanation());
        return result.output().strip();
    }
}
