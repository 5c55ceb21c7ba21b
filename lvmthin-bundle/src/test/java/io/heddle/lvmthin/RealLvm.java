package io.heddle.lvmthin;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/**
 * A program that drives the real LVM, on a machine that is there for nothing else; {@link RealLvmTest} boots one and reads what
 * this prints. It prints {@code ok CASE}, or {@code failed CASE} and a stack trace.
 */
public final class RealLvm {
    private static final String DISK = "/dev/ubda";
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final Bytes SIZE = Bytes.ofMib(64);
    private static final PoolSpec THIN = pool("thin", DriverKind.LVM_THIN, "st/thin");
    private static final PoolSpec NOZERO = pool("nozero", DriverKind.LVM_THIN, "st/nozero");
    private static final PoolSpec SMALL = pool("small", DriverKind.LVM_THIN, "st/small");
    private static final PoolSpec THICK = pool("thick", DriverKind.LVM, "st");
    private static final BackingIdentity SURVIVOR = identity("survivor_00000");
    private static final BackingIdentity HALF_MADE = identity("halfmade_00000");

    private final LvmThinDriver driver = new LvmThinDriver();
    private final Map<String, Executable> cases = new TreeMap<>();

    private RealLvm() {}

    /**
     * Runs the cases of one stage: {@code volumes}, {@code pools}, each on a node of its own, or {@code after} the power of the
     * first was cut; or is killed: {@code churn SEED}.
     */
    public static void main(String[] arguments) {
        RealLvm program = new RealLvm();
        switch (arguments[0]) {
            case "volumes" -> program.volumes();
            case "pools" -> program.pools();
            case "after" -> program.after();
            default -> program.churn(Long.parseLong(arguments[1]));
        }
        program.cases.forEach(RealLvm::run);
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

    private void makePools() {
        sh("pvcreate -qq -y " + DISK + " && vgcreate -qq st " + DISK + " && lvcreate -qq -y -L 1G -T st/thin"
                + " && lvcreate -qq -y -L 64M -Zn -T st/nozero && lvcreate -qq -y -L 32M -T st/small"
                + " && lvchange -qq --errorwhenfull y st/small");
    }

    /** What is done to single volumes. */
    private void volumes() {
        makePools();
        cases.put("createsAThinVolumeOnceHoweverOftenItIsAsked", () -> createsOnce(THIN));
        cases.put("createsAThickVolumeOnceHoweverOftenItIsAsked", () -> createsOnce(THICK));
        cases.put("roundsUpToWholeExtents", this::roundsUp);
        cases.put("givesThinVolumesThatReadAsZeros", this::readsZeros);
        cases.put("wipesWhatAnEarlierThickVolumeLeft", this::wipes);
        cases.put("marksReadyOnceAndForAll", this::marksReady);
        cases.put("growsUnderAnOpenDevice", () -> grows(THIN));
        cases.put("refusesToDeactivateOrDeleteAnOpenVolume", () -> refusesOpen(THICK));
        cases.put("keepsThickSnapshotsOfItsVolumes", this::keepsSnapshots);
        cases.put("takesAndDeletesSnapshotsThatAreItsOwn", this::takesSnapshots);
        cases.put("isServedByAnotherVersionOfTheDriver", this::servedByAnother);
        cases.put("zPreparesForThePowerCut", this::prepare);
    }

    /** What concerns pools, whose volume is whose, and drivers that die. */
    private void pools() {
        makePools();
        cases.put("touchesNoForeignVolume", this::touchesNoForeignVolume);
        cases.put("activatesAVolumeWithTheSkipFlag", this::activatesSkipped);
        cases.put("showsWhichPoolsZero", this::showsZeroing);
        cases.put("saysThatAPoolIsFull", this::saysFull);
        cases.put("knowsTheOtherPoolsWhereAGroupIsMissing", this::knowsTheOthers);
        cases.put("knowsAPoolThatIsNotActive", this::knowsInactive);
        cases.put("refusesNamesThatLvmReserves", this::refusesReserved);
        cases.put("survivesBeingKilled", this::survivesKills);
    }

    private void after() {
        cases.put("findsAVolumeInServiceAgainAfterAPowerCut", () -> {
            BackingVolume volume = driver.activate(THIN, SURVIVOR);
            assertEquals(Stage.READY, volume.stage());
            assertArrayEquals(new byte[] {1, 2, 3}, read(device(volume), 4096, 3));
            driver.delete(THIN, SURVIVOR);
        });
        cases.put("findsANewVolumeStillNewAfterAPowerCut", () -> {
            assertEquals(Stage.NEW, driver.create(THIN, HALF_MADE, SIZE).stage());
            driver.delete(THIN, HALF_MADE);
            assertTrue(volume(THIN, HALF_MADE).isEmpty());
        });
    }

    private void createsOnce(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("once_00000");
        BackingVolume first = driver.create(pool, identity, SIZE);
        write(device(first), 4096, new byte[] {1, 2, 3});
        BackingVolume second = driver.create(pool, identity, SIZE);

        assertEquals(first.device(), second.device());
        assertTrue(second.is(identity));
        assertEquals(Stage.NEW, second.stage());
        assertEquals(SIZE, second.size());
        assertEquals(Optional.empty(), second.fault());
        assertArrayEquals(new byte[] {1, 2, 3}, read(device(second), 4096, 3));
        driver.deactivate(pool, identity);
        driver.deactivate(pool, identity);
        assertEquals(Optional.empty(), volume(pool, identity).orElseThrow().device());
        assertArrayEquals(new byte[] {1, 2, 3}, read(device(driver.activate(pool, identity)), 4096, 3));
        driver.delete(pool, identity);
        driver.delete(pool, identity);
        assertTrue(volume(pool, identity).isEmpty());
    }

    private void roundsUp() {
        assertEquals(
                Bytes.ofMib(8), driver.roundUp(THIN, new Bytes(Bytes.ofMib(4).value() + 1)));
        BackingIdentity identity = identity("odd_00000");
        assertEquals(
                Bytes.ofMib(8),
                driver.create(THIN, identity, new Bytes(Bytes.ofMib(4).value() + 1))
                        .size());
        driver.delete(THIN, identity);
    }

    private void readsZeros() throws IOException {
        BackingIdentity identity = identity("zero_00000");
        for (int round = 0; round < 2; round++) {
            String device = device(driver.create(THIN, identity, SIZE));
            assertArrayEquals(new byte[1 << 20], read(device, 0, 1 << 20));
            byte[] noise = new byte[1 << 20];
            Arrays.fill(noise, (byte) 0x5a);
            write(device, 0, noise);
            driver.delete(THIN, identity);
        }
    }

    private void wipes() {
        BackingIdentity identity = identity("wipe_00000");
        sh("mkfs.ext4 -q " + device(driver.create(THICK, identity, SIZE)));
        driver.delete(THICK, identity);

        String device = device(driver.create(THICK, identity, SIZE));

        assertEquals("", sh("blkid -p -o value -s TYPE " + device + " || true"));
        driver.delete(THICK, identity);
    }

    private void touchesNoForeignVolume() throws IOException {
        sh("lvcreate -qq -y -V 64M -T st/thin -n foreign_00000");
        sh("lvcreate -qq -y -L 64M -n thickone_00000 --addtag heddle_cluster_" + CLUSTER + " --addtag heddle_volume_"
                + new UUID(9, 9) + " st");
        write("/dev/st/foreign_00000", 0, new byte[] {7, 7, 7});
        write("/dev/st/thickone_00000", 0, new byte[] {8, 8, 8});
        String before = sh("lvs --noheadings -o lv_name,lv_size,lv_tags,lv_active,lv_uuid st");
        Map<BackingIdentity, PoolSpec> foreign =
                Map.of(identity("foreign_00000"), THIN, identity("thickone_00000"), THICK);
        foreign.forEach((identity, pool) -> {
            for (Executable call : List.<Executable>of(
                    () -> driver.create(pool, identity, Bytes.ofMib(128)),
                    () -> driver.activate(pool, identity),
                    () -> driver.deactivate(pool, identity),
                    () -> driver.markReady(pool, identity),
                    () -> driver.grow(pool, identity, Bytes.ofMib(128)),
                    () -> driver.delete(pool, identity))) {
                assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
            }
        });
        assertEquals(before, sh("lvs --noheadings -o lv_name,lv_size,lv_tags,lv_active,lv_uuid st"));
        assertArrayEquals(new byte[] {7, 7, 7}, read("/dev/st/foreign_00000", 0, 3));
        assertArrayEquals(new byte[] {8, 8, 8}, read("/dev/st/thickone_00000", 0, 3));
        Lvm lvm = new Lvm(new ExecCommandRunner(), new DeviceFilter(new ExecCommandRunner(), Path.of("/etc/lvm")));
        assertTrue(lvm.remove("st", identity("foreign_00000")).succeeded());
        assertTrue(lvm.deactivate("st", identity("thickone_00000")).succeeded());
        assertEquals(before, sh("lvs --noheadings -o lv_name,lv_size,lv_tags,lv_active,lv_uuid st"));
        sh("lvremove -qq -y st/foreign_00000 st/thickone_00000");
    }

    private void marksReady() {
        BackingIdentity identity = identity("ready_00000");
        driver.create(THIN, identity, SIZE);
        driver.markReady(THIN, identity);
        driver.markReady(THIN, identity);

        assertEquals(Stage.READY, volume(THIN, identity).orElseThrow().stage());
        assertTrue(volume(THIN, identity).orElseThrow().is(identity));
        driver.delete(THIN, identity);
    }

    private void grows(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("grow_00000");
        String device = device(driver.create(pool, identity, SIZE));
        write(device, SIZE.value() - 4096, new byte[] {7});
        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            assertEquals(
                    Bytes.ofMib(128),
                    driver.grow(pool, identity, Bytes.ofMib(128)).size());
            assertTrue(open.isOpen());
        }
        assertEquals(
                Bytes.ofMib(128), driver.grow(pool, identity, Bytes.ofMib(128)).size());
        assertEquals(
                Bytes.ofMib(128), driver.grow(pool, identity, Bytes.ofMib(4)).size());
        assertArrayEquals(new byte[] {7}, read(device, SIZE.value() - 4096, 1));
        write(device, Bytes.ofMib(128).value() - 4096, new byte[] {9});
        driver.deactivate(pool, identity);
        assertEquals(
                Bytes.ofMib(132), driver.grow(pool, identity, Bytes.ofMib(132)).size());
        driver.delete(pool, identity);
    }

    private void refusesOpen(PoolSpec pool) throws IOException {
        BackingIdentity identity = identity("open_00000");
        String device = device(driver.create(pool, identity, SIZE));
        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.deactivate(pool, identity)));
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(pool, identity)));
            assertTrue(open.isOpen());
        }
        assertEquals(Optional.of(device), volume(pool, identity).orElseThrow().device());
        driver.delete(pool, identity);
    }

    private void activatesSkipped() {
        BackingIdentity identity = identity("skip_00000");
        driver.create(THIN, identity, SIZE);
        sh("lvchange -qq --setactivationskip y st/skip_00000 && lvchange -qq -an st/skip_00000");

        assertTrue(driver.activate(THIN, identity).device().isPresent());
        driver.delete(THIN, identity);
    }

    private void keepsSnapshots() {
        BackingIdentity identity = identity("origin_00000");
        driver.create(THICK, identity, SIZE);
        sh("lvcreate -qq -y -s -L 8M -n precious st/origin_00000");

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THICK, identity)));
        Lvm lvm = new Lvm(new ExecCommandRunner(), new DeviceFilter(new ExecCommandRunner(), Path.of("/etc/lvm")));
        assertTrue(lvm.remove("st", identity).succeeded());
        sh("lvs st/precious st/origin_00000 && lvremove -qq -y st/precious");
        driver.delete(THICK, identity);
        assertTrue(volume(THICK, identity).isEmpty());
    }

    private void takesSnapshots() throws IOException {
        BackingIdentity identity = identity("taken_00000");
        String device = device(driver.create(THIN, identity, SIZE));
        write(device, 4096, new byte[] {1, 2, 3});
        SnapshotIdentity first = new SnapshotIdentity(identity, new UUID(1L << 32, 1));
        SnapshotIdentity second = new SnapshotIdentity(identity, new UUID(2L << 32, 2));

        driver.prepareSnapshot(THIN, first);
        long begin = System.nanoTime();
        driver.takeSnapshot(THIN, first);
        System.out.println("# a snapshot was taken in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
        write(device, 4096, new byte[] {7, 8, 9});
        driver.takeSnapshot(THIN, first);
        driver.takeSnapshot(THIN, second);

        sh("lvchange -ay -K st/" + first.name());
        assertArrayEquals(new byte[] {1, 2, 3}, read("/dev/st/" + first.name(), 4096, 3));
        sh("lvchange -an st/" + first.name());
        assertEquals(
                2,
                known(THIN).volumes().stream()
                        .filter(volume -> volume.stage() == Stage.TAKEN)
                        .count());
        restores(first);
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                refusal(() -> driver.deleteSnapshot(THIN, new SnapshotIdentity(identity, new UUID(1L << 32, 5)))));
        driver.deleteSnapshot(THIN, first);
        driver.deleteSnapshot(THIN, first);
        driver.delete(THIN, identity);
        driver.deleteSnapshot(THIN, second);
        assertTrue(known(THIN).volumes().stream().noneMatch(volume -> volume.stage() == Stage.TAKEN));
    }

    private void restores(SnapshotIdentity snapshot) throws IOException {
        BackingIdentity clone = identity("clone_00000");
        assertEquals(
                ErrorCode.SNAPSHOT_NOT_FOUND,
                refusal(() ->
                        driver.restore(THIN, new SnapshotIdentity(snapshot.origin(), new UUID(9L << 32, 9)), clone)));
        for (int i = 0; i < 2; i++) {
            BackingVolume made = driver.restore(THIN, snapshot, clone);

            assertTrue(made.is(clone), made.toString());
            assertEquals(Stage.RESTORED, made.stage());
            assertArrayEquals(new byte[] {1, 2, 3}, read(device(made), 4096, 3));
        }
        driver.markReady(THIN, clone);
        driver.markReady(THIN, clone);
        assertEquals(Stage.READY, driver.restore(THIN, snapshot, clone).stage());
        write(device(volume(THIN, clone).orElseThrow()), 4096, new byte[] {4, 4, 4});
        driver.deactivate(THIN, clone);
        BackingVolume back = driver.activate(THIN, clone);
        assertArrayEquals(new byte[] {4, 4, 4}, read(device(back), 4096, 3));
        sh("lvchange -ay -K st/" + snapshot.name());
        assertArrayEquals(new byte[] {1, 2, 3}, read("/dev/st/" + snapshot.name(), 4096, 3));
        sh("lvchange -an st/" + snapshot.name());
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                refusal(() -> driver.restore(
                        THIN, snapshot, new BackingIdentity(clone.name(), clone.cluster(), new UUID(5, 5)))));
        driver.delete(THIN, clone);
    }

    private void showsZeroing() {
        assertTrue(known(THIN).capacity().zeroes());
        assertFalse(known(NOZERO).capacity().zeroes());
        assertEquals("zero", sh("lvs --noheadings -o zero st/thin"));
        assertEquals("", sh("lvs --noheadings -o zero st/nozero"));
    }

    private void saysFull() throws IOException {
        BackingIdentity identity = identity("full_00000");
        String device = device(driver.create(SMALL, identity, SIZE));
        assertThrows(IOException.class, () -> {
            for (int mib = 0; mib < 64; mib++) {
                write(device, mib * Bytes.MIB, new byte[(int) Bytes.MIB]);
            }
        });

        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(SMALL, identity("late_00000"), SIZE)));
        PoolObservation seen = known(SMALL);
        assertEquals(Bytes.ZERO, seen.capacity().free());
        assertFalse(seen.capacity().warnings().isEmpty());
        driver.delete(SMALL, identity);
        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(THICK, identity, Bytes.ofMib(1 << 20))));
        assertTrue(volume(THICK, identity).isEmpty());
    }

    private void knowsTheOthers() {
        PoolSpec gone = pool("gone", DriverKind.LVM_THIN, "nosuch/thin");
        Map<PoolName, Observation<PoolObservation>> seen = driver.observe(List.of(gone, THIN, THICK));

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                seen.get(gone.name()).unknown().orElseThrow().code());
        assertTrue(seen.get(THIN.name()).known().isPresent());
        assertTrue(seen.get(THICK.name()).known().isPresent());
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(gone, SURVIVOR, SIZE)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.delete(gone, SURVIVOR)));
    }

    private void knowsInactive() {
        sh("lvchange -qq -an st/nozero");

        assertTrue(known(NOZERO).capacity().warnings().toString().contains("not active"));
        BackingIdentity identity = identity("wakes_00000");
        driver.create(NOZERO, identity, SIZE);
        assertTrue(known(NOZERO).capacity().dataPercent().isPresent());
        driver.delete(NOZERO, identity);
    }

    private void refusesReserved() {
        for (String name : List.of("snapshot1_00000", "x_tdata_00000", "pvmove_00000")) {
            assertEquals(ErrorCode.INVALID_NAME, refusal(() -> driver.create(THIN, identity(name), SIZE)), name);
        }
    }

    private void servedByAnother() {
        BackingIdentity identity = identity("swap_00000");
        Optional<String> device = driver.create(THIN, identity, SIZE).device();
        LvmThinDriver newer = new LvmThinDriver();

        assertEquals(device, newer.create(THIN, identity, SIZE).device());
        newer.delete(THIN, identity);
        assertTrue(volume(THIN, identity).isEmpty());
    }

    private void churn(long seed) {
        Random random = new Random(seed);
        System.out.println("running");
        while (true) {
            BackingIdentity identity = identity("churn" + random.nextInt(3) + "_00000");
            switch (random.nextInt(4)) {
                case 0, 1 -> driver.create(THIN, identity, Bytes.ofMib(4));
                case 2 -> {
                    driver.create(THIN, identity, Bytes.ofMib(4));
                    driver.markReady(THIN, identity);
                    driver.grow(THIN, identity, Bytes.ofMib(16));
                }
                default -> driver.delete(THIN, identity);
            }
            System.out.println("done");
        }
    }

    private void survivesKills() throws Exception {
        Random random = new Random(4711);
        int found = 0;
        for (int kill = 0; kill < 3; kill++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RealLvm.class.getName(),
                            "churn",
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
            for (BackingVolume volume : known(THIN).volumes()) {
                assertTrue(volume.is(identity(volume.name())), volume.toString());
                assertTrue(
                        driver.activate(THIN, identity(volume.name())).device().isPresent());
                found++;
            }
        }
        System.out.println("# killed 3 times, " + found + " volumes found and activated");
        for (int number = 0; number < 3; number++) {
            driver.delete(THIN, identity("churn" + number + "_00000"));
        }
        assertEquals(List.of(), known(THIN).volumes());
    }

    private void prepare() throws IOException {
        write(device(driver.create(THIN, SURVIVOR, SIZE)), 4096, new byte[] {1, 2, 3});
        driver.markReady(THIN, SURVIVOR);
        driver.create(THIN, HALF_MADE, SIZE);
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
