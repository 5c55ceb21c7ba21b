package io.heddle.lvmthin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
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
import io.heddle.core.status.PoolCapacity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LvmThinDriverTest {
    private static final Duration SETTLING = Duration.ofMillis(300);
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final BackingIdentity DB1 =
            new BackingIdentity("db1_00000", CLUSTER, UUID.fromString("22222222-2222-4222-8222-222222222222"));
    private static final BackingIdentity DB2 =
            new BackingIdentity("db2-x_00000", CLUSTER, UUID.fromString("33333333-3333-4333-8333-333333333333"));
    private static final BackingIdentity TH1 =
            new BackingIdentity("th1_00000", CLUSTER, UUID.fromString("44444444-4444-4444-8444-444444444444"));
    private static final String REMOVAL =
            "lvremove --config devices{global_filter=[\"r|^/dev/drbd|\",\"r|^/dev/zd[0-9]|\",\"r|^/dev/zvol/|\"]} --yes"
                    + " --select lv_tags={\"heddle_cluster_11111111-1111-4111-8111-111111111111\""
                    + " && \"heddle_volume_33333333-3333-4333-8333-333333333333\"} && lv_attr!~\"^[oO]\""
                    + " st/db2-x_00000";
    private static final PoolSpec THIN = pool("thin", DriverKind.LVM_THIN, "st/thin");
    private static final PoolSpec THICK = pool("thick", DriverKind.LVM, "st");

    private final ScriptedRunner runner = new ScriptedRunner()
            .answer("lvmconfig", command -> Recorded.result("lvmconfig-unset", command))
            .answer("pvs ", command -> devices(command, 5, ""));
    private final LvmThinDriver driver = new LvmThinDriver(runner, Path.of("/nosuch"), device -> true, SETTLING);

    private static CommandResult devices(Command command, int exit, String output) {
        return new CommandResult(command, exit, output, "", Duration.ZERO);
    }

    private static PoolSpec pool(String name, DriverKind kind, String backing) {
        return new PoolSpec(new PoolName(name), new UUID(0, 1), kind, backing, new TreeMap<>());
    }

    private void recorded(String program, String recording) {
        runner.answer(program + " ", command -> Recorded.result(recording, command));
    }

    private Map<PoolName, Observation<PoolObservation>> observe(PoolSpec... pools) {
        return driver.observe(List.of(pools));
    }

    private PoolObservation known(PoolSpec pool) {
        return observe(pool).get(pool.name()).known().orElseThrow();
    }

    private ErrorCode unknown(PoolSpec pool) {
        return observe(pool).get(pool.name()).unknown().orElseThrow().code();
    }

    /** DB2 alone, which nobody has open: its line of the recording of all. */
    private static CommandResult closed(Command command) {
        CommandResult all = Recorded.result("lvs-mixed", command);
        String cut = all.output()
                .lines()
                .filter(line -> !line.contains("\"lv_name\"") || line.contains("\"" + DB2.name() + "\""))
                .map(line -> line.endsWith("},") ? line.substring(0, line.length() - 1) : line)
                .collect(Collectors.joining("\n"));
        return new CommandResult(command, 0, cut, "", Duration.ZERO);
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    private List<String> changes() {
        return runner.ran.stream()
                .filter(command -> !command.startsWith("lvs") && !command.startsWith("vgs"))
                .filter(command -> !command.startsWith("lvmconfig") && !command.startsWith("pvs"))
                .toList();
    }

    @Test
    void looksAtAllPoolsOfAGroupWithOneCommand() {
        recorded("lvs", "lvs-mixed");

        Map<PoolName, Observation<PoolObservation>> seen =
                observe(THIN, pool("nozero", DriverKind.LVM_THIN, "st/nozero"), THICK);

        assertEquals(3, seen.size());
        assertTrue(seen.values().stream().allMatch(pool -> pool.known().isPresent()), seen.toString());
        assertEquals(
                1,
                runner.ran.stream().filter(command -> command.startsWith("lvs")).count());
        assertEquals(
                List.of("lvmconfig", "lvs", "pvs"),
                runner.ran.stream().map(command -> command.split(" ", 2)[0]).toList());
    }

    private void knowsTheDevices() {
        recorded("lvs", "lvs-mixed");
        runner.answer(
                "pvs ",
                command -> devices(
                        command,
                        0,
                        "{\"report\":[{\"pv\":[{\"vg_name\":\"st\", \"pv_name\":\"/dev/vdb\"},"
                                + "{\"vg_name\":\"other\", \"pv_name\":\"/dev/vdd\"},"
                                + "{\"vg_name\":\"st\", \"pv_name\":\"/dev/vdc1\"}]}]}"));
        observe(THIN);
        runner.ran.clear();
    }

    /** LVM would read the labels of all disks, and hang with one of another VG. */
    @Test
    void opensNoOtherDiskThanThoseOfTheGroupThatItWorksOn() {
        knowsTheDevices();
        recorded("lvcreate", "lvcreate-pool-full");

        observe(THIN);
        assertThrows(HeddleException.class, () -> driver.create(THIN, DB1, Bytes.ofMib(8)));

        List<String> ran = runner.ran.stream()
                .filter(command -> command.startsWith("lv") && !command.startsWith("lvmconfig"))
                .toList();
        assertTrue(ran.size() >= 2, runner.ran.toString());
        assertTrue(
                ran.stream().allMatch(command -> command.contains(" --devices /dev/vdb,/dev/vdc1 --config ")),
                ran.toString());
    }

    /** With a device left out that the VG was extended to, LVM would take that one for missing from then on. */
    @Test
    void leavesNoDiskOutWhereLvmWouldWriteTheDescriptionWithoutIt() {
        knowsTheDevices();
        runner.answer("lvs ", LvmThinDriverTest::closed);
        recorded("lvchange", "lvchange-activate-snap-skip");
        recorded("lvremove", "lvremove");

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.activate(THIN, DB2)));
        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.delete(THIN, DB2)));

        assertEquals(2, changes().size(), changes().toString());
        assertTrue(changes().get(0).startsWith("lvchange --config "), changes().toString());
        assertEquals(REMOVAL, changes().get(1));
    }

    @Test
    void looksEverywhereAgainWhereTheGroupHasOtherDisksNow() {
        knowsTheDevices();
        runner.answer(
                "lvs --devices ",
                command -> new CommandResult(
                        command,
                        0,
                        Recorded.result("lvs-mixed").output(),
                        "  WARNING: Couldn't find device with uuid S3aZsR-fXBl-f70Z-hHqq-ejIc-ZNZ8-QgmFpf.\n",
                        Duration.ZERO));

        assertTrue(observe(THIN).get(THIN.name()).known().isPresent());

        assertEquals(
                List.of("lvs --devices", "lvs --config", "pvs --config"),
                runner.ran.stream()
                        .filter(command -> !command.startsWith("lvmconfig"))
                        .map(command -> command.replaceFirst("^(\\S+ \\S+) .*", "$1"))
                        .toList());
    }

    @Test
    void readsTheCapacityOfAThinPool() {
        recorded("lvs", "lvs-mixed");

        assertEquals(
                new PoolCapacity(
                        Bytes.ofMib(200),
                        Bytes.ofMib(170),
                        Bytes.ofMib(100 + 1024 + 100 + 100),
                        Bytes.ofMib(4),
                        true,
                        true,
                        true,
                        OptionalDouble.of(15.00),
                        OptionalDouble.of(11.43),
                        List.of()),
                known(THIN).capacity());
    }

    @Test
    void readsTheCapacityOfAVolumeGroup() {
        recorded("lvs", "lvs-mixed");

        PoolCapacity capacity = known(THICK).capacity();

        assertEquals(new Bytes(4290772992L), capacity.total());
        assertEquals(new Bytes(3829399552L), capacity.free());
        assertEquals(Bytes.ofMib(128), capacity.provisioned());
        assertFalse(capacity.thin() || capacity.zeroes() || capacity.snapshots());
        assertEquals(10.75, capacity.dataPercent().orElseThrow(), 0.01);
        assertEquals(List.of(), capacity.warnings());
    }

    @Test
    void readsIdentityStageAndDeviceOfEachVolume() {
        recorded("lvs", "lvs-mixed");

        List<BackingVolume> volumes = known(THIN).volumes();

        assertEquals(
                List.of("db1_00000", "db2-x_00000", "two_00000", "vm-100-disk-1"),
                volumes.stream().map(BackingVolume::name).toList());
        BackingVolume first = volumes.get(0);
        assertTrue(first.is(DB1));
        assertEquals(Stage.NEW, first.stage());
        assertEquals(Optional.of("/dev/st/db1_00000"), first.device());
        assertEquals(Optional.of(Bytes.ofMib(30)), first.allocated());
        BackingVolume inactive = volumes.get(1);
        assertEquals(Stage.READY, inactive.stage());
        assertEquals(Optional.empty(), inactive.device());
        assertEquals(Bytes.ofMib(1024), inactive.size());
        BackingVolume foreign = volumes.get(3);
        assertEquals(Optional.empty(), foreign.cluster());
        assertEquals(Optional.empty(), foreign.volume());
    }

    @Test
    void takesAVolumeWithTheTagsOfTwoForNeither() {
        recorded("lvs", "lvs-mixed");

        assertEquals(Optional.empty(), known(THIN).volumes().get(2).volume());
    }

    @Test
    void showsThickVolumesInTheThickPoolOnly() {
        recorded("lvs", "lvs-mixed");

        assertEquals(
                List.of("root", "th1_00000"),
                known(THICK).volumes().stream().map(BackingVolume::name).toList());
    }

    @Test
    void showsAPoolThatDoesNotZero() {
        recorded("lvs", "lvs-mixed");

        PoolCapacity capacity =
                known(pool("nozero", DriverKind.LVM_THIN, "st/nozero")).capacity();

        assertFalse(capacity.zeroes());
        assertTrue(
                capacity.warnings().get(0).contains("does not zero"),
                capacity.warnings().toString());
    }

    @Test
    void warnsOfAFullPool() {
        recorded("lvs", "lvs-pool-full");

        PoolCapacity capacity =
                known(pool("packed", DriverKind.LVM_THIN, "packed/thin")).capacity();

        assertEquals(Bytes.ZERO, capacity.free());
        assertTrue(capacity.warnings().toString().contains("no data space left"), capacity.toString());
        assertTrue(capacity.warnings().toString().contains("100.0 % full"), capacity.toString());
    }

    @Test
    void knowsTheVolumesOfAPoolThatIsNotActive() {
        recorded("lvs", "lvs-pool-inactive");

        PoolObservation seen = known(pool("packed", DriverKind.LVM_THIN, "packed/thin"));

        assertEquals(1, seen.volumes().size());
        assertEquals(Bytes.ZERO, seen.capacity().free());
        assertEquals(OptionalDouble.empty(), seen.capacity().dataPercent());
        assertTrue(seen.capacity().warnings().get(0).contains("is not active"));
    }

    @Test
    void showsWhatAMissingDiskTakesWithIt() {
        recorded("lvs", "lvs-missing-disk");

        PoolObservation seen = known(pool("torn", DriverKind.LVM, "torn"));

        assertEquals(Optional.empty(), seen.volumes().get(0).fault());
        assertTrue(seen.volumes().get(1).fault().orElseThrow().contains("physical volume"));
        assertTrue(seen.capacity().warnings().get(0).contains("lacks 1"));
    }

    /** Asked for a field of segments, lvs prints a line for each of them; that is also what a missing disk shows. */
    @ParameterizedTest
    @ValueSource(strings = {"lvs-segments-missing-disk", "lvs-segments-missing-disk-segtype"})
    void showsAVolumeOnceHoweverManyLinesLvsPrintsOfIt(String recording) {
        recorded("lvs", recording);

        PoolObservation seen = known(pool("torn", DriverKind.LVM, "torn"));

        assertEquals(
                List.of("db1_00000", "db2_00000"),
                seen.volumes().stream().map(BackingVolume::name).toList());
        assertEquals(Bytes.ofMib(16 + 8), seen.capacity().provisioned());
        assertTrue(seen.volumes().get(0).fault().orElseThrow().contains("physical volume"));
    }

    @Test
    void asksLvsForNothingThatItPrintsALineASegmentFor() {
        String lines = Recorded.result("lvs-segments-missing-disk").output();

        assertEquals(2, lines.split("\"lv_uuid\"", -1).length - 1);
        recorded("lvs", "lvs-segments-missing-disk");
        known(pool("torn", DriverKind.LVM, "torn"));
        List<String> asked = List.of(Report.VOLUME_FIELDS.split(","));
        asked.forEach(field -> assertTrue(lines.contains("\"" + field + "\":"), field));
        assertTrue(
                runner.ran.contains(
                        "lvs --config devices{global_filter=[\"r|^/dev/drbd|\",\"r|^/dev/zd[0-9]|\",\"r|^/dev/zvol/|\"]}"
                                + " --reportformat json --units b --nosuffix --options " + Report.VOLUME_FIELDS
                                + " torn"),
                runner.ran.toString());
    }

    @Test
    void knowsAGroupWithoutVolumes() {
        recorded("lvs", "lvs-empty-group");
        recorded("vgs", "vgs-empty-group");

        PoolObservation seen = known(THICK);

        assertEquals(List.of(), seen.volumes());
        assertEquals(seen.capacity().total(), seen.capacity().free());
        assertEquals(ErrorCode.POOL_UNUSABLE, unknown(THIN));
    }

    @Test
    void takesNoGroupForEmptyOfWhichLvsPrintedNothing() {
        recorded("lvs", "lvs-empty-group");
        recorded("vgs", "vgs-mixed");

        assertEquals(ErrorCode.OBSERVATION_FAILED, unknown(THICK));
    }

    @Test
    void knowsTheGroupsThatLvsPrintedBeforeItFailed() {
        recorded("lvs", "lvs-one-group-missing");
        recorded("vgs", "vgs-one-group-missing");
        PoolSpec gone = pool("gone", DriverKind.LVM_THIN, "nosuch/thin");

        Map<PoolName, Observation<PoolObservation>> seen = observe(gone, THIN, THICK);

        assertEquals(4, seen.get(THIN.name()).known().orElseThrow().volumes().size());
        assertEquals(2, seen.get(THICK.name()).known().orElseThrow().volumes().size());
        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                seen.get(gone.name()).unknown().orElseThrow().code());
    }

    @Test
    void takesNoGroupForWholeWhenLvsFailedAndPrintedFewerVolumesThanItHas() {
        runner.answer("lvs ", command -> {
            CommandResult whole = Recorded.result("lvs-one-group-missing", command);
            String cut = whole.output()
                    .lines()
                    .filter(line -> !line.contains("\"lv_name\":\"root\""))
                    .reduce("", (all, line) -> all + line + "\n");
            return new CommandResult(command, 5, cut, whole.errorOutput(), Duration.ZERO);
        });

        assertEquals(ErrorCode.OBSERVATION_FAILED, unknown(THICK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rubbish", "{}", "{\"report\":[]}", "{\"report\":[{\"lv\":[{\"vg_name\":\"st\"}]}]}"})
    void knowsNothingWhenItCannotReadTheReport(String output) {
        runner.answer("lvs ", command -> new CommandResult(command, 0, output, "", Duration.ZERO));

        assertEquals(ErrorCode.OUTPUT_UNREADABLE, unknown(THIN));
    }

    @Test
    void knowsNothingWhenLvsRunsIntoItsDeadline() {
        runner.answer("lvs ", command -> {
            throw new HeddleException(ErrorCode.COMMAND_TIMED_OUT, "lvs", "too slow", "wait");
        });

        assertEquals(ErrorCode.COMMAND_TIMED_OUT, unknown(THIN));
        assertEquals(ErrorCode.COMMAND_TIMED_OUT, unknown(THICK));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "st", "st/", "/thin", "-st/thin", "st/-thin", "st/thin/x", "s t/thin", "st/thin\n"})
    void refusesWhatIsNoThinPool(String backing) {
        assertEquals(ErrorCode.POOL_UNUSABLE, unknown(pool("p", DriverKind.LVM_THIN, backing)));
        assertEquals(List.of(), runner.ran);
    }

    @Test
    void showsAnotherVolumeInThePlaceOfAThinPool() {
        recorded("lvs", "lvs-mixed");

        assertEquals(ErrorCode.POOL_UNUSABLE, unknown(pool("p", DriverKind.LVM_THIN, "st/root")));
        assertEquals(ErrorCode.POOL_UNUSABLE, unknown(pool("p", DriverKind.LVM_THIN, "st/nosuch")));
    }

    @Test
    void saysThatAnActiveVolumeHasNoDeviceNode() {
        recorded("lvs", "lvs-mixed");
        LvmThinDriver blind = new LvmThinDriver(runner, Path.of("/nosuch"), device -> false, SETTLING);

        BackingVolume volume = blind.observe(List.of(THIN))
                .get(THIN.name())
                .known()
                .orElseThrow()
                .volumes()
                .get(0);

        assertEquals(Optional.empty(), volume.device());
        assertTrue(volume.fault().orElseThrow().contains("no device node"));
    }

    @Test
    void takesTheOtherPathOfADeviceWhereTheFirstIsMissing() {
        recorded("lvs", "lvs-mixed");
        LvmThinDriver mapper =
                new LvmThinDriver(runner, Path.of("/nosuch"), device -> device.startsWith("/dev/mapper/"), SETTLING);

        assertEquals(
                Optional.of("/dev/mapper/st-db1_00000"),
                mapper.observe(List.of(THIN))
                        .get(THIN.name())
                        .known()
                        .orElseThrow()
                        .volumes()
                        .get(0)
                        .device());
    }

    @Test
    void looksUpTheExtentSizeOnce() {
        recorded("vgs", "vgs-mixed");

        assertEquals(
                Bytes.ofMib(8), driver.roundUp(THIN, new Bytes(Bytes.ofMib(4).value() + 1)));
        assertEquals(Bytes.ofMib(4), driver.roundUp(THICK, new Bytes(1)));
        assertEquals(
                1,
                runner.ran.stream().filter(command -> command.startsWith("vgs")).count());
    }

    @Test
    void saysThatThePoolIsUnusableWhereTheExtentSizeCannotBeSeen() {
        recorded("vgs", "vgs-one-group-missing");

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                refusal(() -> driver.roundUp(pool("p", DriverKind.LVM, "nosuch"), Bytes.ofMib(1))));
    }

    @Test
    void takesWhatIsThereAlreadyForCreatedIfItIsOurs() {
        recorded("lvs", "lvs-volume");
        recorded("vgs", "vgs-mixed");
        recorded("lvcreate", "lvcreate-exists");

        BackingVolume volume = driver.create(THIN, DB1, Bytes.ofMib(100));

        assertTrue(volume.is(DB1));
        assertEquals(List.of("lvcreate"), programs(changes()));
    }

    /** LVM looks by itself, and what was just made is looked at once. */
    @Test
    void createsAndMarksWithOneLookEach() {
        recorded("lvs", "lvs-volume");
        recorded("vgs", "vgs-mixed");
        recorded("lvcreate", "lvchange-activate-snap-skip");
        recorded("lvchange", "lvchange-activate-snap-skip");

        driver.create(THIN, DB1, Bytes.ofMib(100));
        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.markReady(THIN, DB1)));

        assertEquals(
                List.of("lvcreate", "lvs", "lvchange", "lvs"),
                programs(runner.ran).stream()
                        .filter(program -> !program.equals("lvmconfig") && !program.equals("vgs"))
                        .toList());
        assertTrue(
                changes()
                        .get(1)
                        .contains("\"heddle_volume_22222222-2222-4222-8222-222222222222\"} && pool_lv=\"thin\" st/"),
                changes().toString());
    }

    private static List<String> programs(List<String> commands) {
        return commands.stream().map(command -> command.split(" ", 2)[0]).toList();
    }

    @Test
    void touchesNoVolumeOfAnotherIdentity() {
        recorded("lvs", "lvs-volume");
        for (BackingIdentity other : List.of(
                new BackingIdentity("db1_00000", CLUSTER, new UUID(0, 9)),
                new BackingIdentity("db1_00000", new UUID(0, 9), DB1.volume()))) {
            refusesEverything(THIN, other);
        }
    }

    @Test
    void touchesNoVolumeOfTheSameIdentityInAnotherPool() {
        recorded("lvs", "lvs-volume");

        refusesEverything(THICK, DB1);
        refusesEverything(pool("nozero", DriverKind.LVM_THIN, "st/nozero"), DB1);
    }

    private void refusesEverything(PoolSpec pool, BackingIdentity identity) {
        recorded("vgs", "vgs-mixed");
        recorded("lvcreate", "lvcreate-exists");
        recorded("lvchange", "lvchange-activate-snap-skip");
        for (Runnable call : List.<Runnable>of(
                () -> driver.create(pool, identity, Bytes.ofMib(200)),
                () -> driver.activate(pool, identity),
                () -> driver.deactivate(pool, identity),
                () -> driver.markReady(pool, identity),
                () -> driver.grow(pool, identity, Bytes.ofMib(200)),
                () -> driver.delete(pool, identity))) {
            assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
        }
        // these LVM refuses or passes over by itself: another volume has the name, or the selection is none of it
        assertTrue(
                changes().stream()
                        .allMatch(command -> command.startsWith("lvcreate ")
                                || (command.startsWith("lvchange ")
                                        && command.contains(
                                                "--deltag heddle_stage_new --deltag heddle_stage_restored --select lv_tags={")
                                        && command.contains(identity.volume() + "\"} && pool_lv=\"")
                                        && command.contains("pool_lv=\"thin\"") == pool.equals(THIN))),
                changes().toString());
        runner.ran.clear();
    }

    @Test
    void refusesToDeactivateOrDeleteAnOpenVolumeWithoutTrying() {
        recorded("lvs", "lvs-volume");

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.deactivate(THIN, DB1)));
        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));
        assertEquals(List.of(), changes());
    }

    @Test
    void refusesToDeleteTheOriginOfThickSnapshots() {
        recorded("lvs", "lvs-origin");

        HeddleException failure = assertThrows(HeddleException.class, () -> driver.delete(THICK, TH1));

        assertEquals(ErrorCode.IN_USE, failure.code());
        assertTrue(failure.why().contains("snapshots"), failure.why());
        assertEquals(List.of(), changes());
    }

    @Test
    void takesAFailedLookForNeitherAbsentNorPresent() {
        recorded("lvs", "lvs-volume-without-group");

        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.delete(THIN, DB1)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.deactivate(THIN, DB1)));
        assertEquals(List.of(), changes());

        recorded("vgs", "vgs-mixed");
        recorded("lvcreate", "lvcreate-exists");
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(THIN, DB1, Bytes.ofMib(4))));
    }

    @Test
    void doesNothingWhereThereIsNothingToDelete() {
        recorded("lvs", "lvs-no-volume");

        driver.delete(THIN, DB1);
        driver.deactivate(THIN, DB1);

        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.activate(THIN, DB1)));
        assertEquals(List.of(), changes());

        recorded("lvchange", "lvs-no-volume");
        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.markReady(THIN, DB1)));
    }

    @Test
    void asksForAThinVolumeWithItsIdentityInOneCommandAndNeverPrompts() {
        recorded("lvs", "lvs-no-volume");
        recorded("vgs", "vgs-mixed");
        recorded("lvcreate", "lvcreate-pool-full");

        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(THIN, DB1, new Bytes(104857601))));

        assertEquals(
                List.of(
                        "lvcreate --config devices{global_filter=[\"r|^/dev/drbd|\",\"r|^/dev/zd[0-9]|\",\"r|^/dev/zvol/|\"]}"
                                + " --yes --activate y --setactivationskip n --name db1_00000"
                                + " --addtag heddle_cluster_11111111-1111-4111-8111-111111111111"
                                + " --addtag heddle_volume_22222222-2222-4222-8222-222222222222"
                                + " --addtag heddle_stage_new --virtualsize 109051904b --thin st/thin"),
                changes());
    }

    /** A volume with the skip flag stays inactive without -K, and lvchange exits with 0. */
    @Test
    void activatesWhatHasTheSkipFlagAndBelievesNoExitCode() {
        runner.answer("lvs ", LvmThinDriverTest::closed);
        recorded("lvchange", "lvchange-activate-snap-skip");

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.activate(THIN, DB2)));

        assertEquals(1, changes().size());
        assertTrue(
                changes().get(0).contains(" --yes --activate y --ignoreactivationskip --select lv_tags={"),
                changes().toString());
    }

    /** A snapshot that carried the volume's identity could be taken for the volume. */
    @Test
    void aSnapshotCarriesWhatItIsOfAndNotTheIdentityOfTheVolume() {
        runner.answer(
                "lvs ",
                command -> command.text().contains("db2_00000_kept")
                        ? Recorded.result("lvs-no-volume", command)
                        : closed(command));
        recorded("lvcreate", "lvcreate-pool-full");

        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.snapshot(THIN, DB2, "db2_00000_kept")));

        assertEquals(1, changes().size());
        String command = changes().get(0);
        assertTrue(
                command.contains("--yes --snapshot --setactivationskip y --name db2_00000_kept --addtag heddle_cluster_"
                        + DB2.cluster() + " --addtag heddle_snapshot_of_" + DB2.volume() + " st/" + DB2.name()),
                command);
        assertFalse(command.contains("heddle_volume_"), command);
    }

    @Test
    void aVolumeThatHasTheNameOfASnapshotIsNoSnapshot() {
        runner.answer("lvs ", LvmThinDriverTest::closed);

        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.snapshot(THIN, DB2, DB2.name())));
        assertEquals(List.of(), changes());
    }

    /** The name of a snapshot is that of the volume and more. */
    @Test
    void theSafetySnapshotOfTheLongestVolumeHasANameThatLvmTakes() {
        String longest = "r".repeat(48) + "_00000";
        String name = SafetySnapshot.name(longest, DB2.volume());
        runner.answer("lvs ", LvmThinDriverTest::closed);

        assertEquals(
                ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.snapshot(THIN, DB2, name)), "the name is looked up");
        assertEquals(
                ErrorCode.INVALID_NAME,
                refusal(() -> driver.snapshot(THIN, DB2, SafetySnapshot.name("r".repeat(110), DB2.volume()))));
    }

    @Test
    void takesASnapshotWithItsIdentityInOneCommand() {
        SnapshotIdentity identity = new SnapshotIdentity(DB2, DB1.volume());
        runner.answer(
                "lvs ",
                command -> command.text().contains("db2-x_00000_snap_22222222")
                        ? Recorded.result("lvs-no-volume", command)
                        : closed(command));
        driver.prepareSnapshot(THIN, identity);
        assertEquals(List.of(), changes());
        runner.ran.clear();

        recorded("lvcreate", "lvcreate-pool-full");
        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.takeSnapshot(THIN, identity)));

        assertEquals(1, runner.ran.size(), runner.ran.toString());
        String command = changes().get(0);
        assertTrue(
                command.endsWith("--yes --snapshot --setactivationskip y --name db2-x_00000_snap_22222222 --addtag"
                        + " heddle_cluster_" + CLUSTER + " --addtag heddle_snapshot_of_" + DB2.volume()
                        + " --noudevsync --addtag heddle_snapshot_id_" + DB1.volume() + " st/" + DB2.name()),
                command);
    }

    @Test
    void whatHasTheNameOfASnapshotAndAnotherIdentityIsNotTouched() {
        SnapshotIdentity identity = new SnapshotIdentity(DB2, DB1.volume());
        runner.answer("lvs ", LvmThinDriverTest::closed);

        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.prepareSnapshot(THIN, identity)));
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.deleteSnapshot(THIN, identity)));
        recorded("lvcreate", "lvcreate-exists");
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.takeSnapshot(THIN, identity)));
        assertEquals(
                ErrorCode.NOT_SUPPORTED,
                refusal(() -> driver.prepareSnapshot(pool("thick", DriverKind.LVM, "st"), identity)));

        assertTrue(
                changes().stream().allMatch(command -> command.startsWith("lvcreate ")),
                changes().toString());
    }

    @Test
    void aThickVolumeHasNoSnapshots() {
        assertEquals(
                ErrorCode.NOT_SUPPORTED,
                refusal(() -> driver.snapshot(pool("thick", DriverKind.LVM, "st"), DB2, "kept")));
        assertEquals(List.of(), changes());
    }

    @Test
    void deletesWithTheIdentityInOneCommandAndNeverPrompts() {
        runner.answer("lvs ", LvmThinDriverTest::closed);
        runner.answer("lvremove ", command -> {
            recorded("lvs", "lvs-no-volume");
            return Recorded.result("lvremove", command);
        });

        driver.delete(THIN, DB2);

        assertEquals(List.of(REMOVAL), changes());
    }

    /** Without a terminal and without --yes lvremove answers its own question with no. */
    @ParameterizedTest
    @ValueSource(strings = {"messages/lvremove-no-confirm", "lvremove"})
    void aRemovalThatLeftTheVolumeIsAFailure(String recording) {
        runner.answer("lvs ", LvmThinDriverTest::closed);
        recorded("lvremove", recording);

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.delete(THIN, DB2)));

        assertEquals(List.of(REMOVAL), changes());
    }

    @Test
    void everyCommandOfLvmPassesOverTheDevicesOfDrbd() {
        recorded("lvs", "lvs-mixed");
        recorded("vgs", "vgs-mixed");

        observe(THIN, THICK);
        driver.roundUp(THIN, Bytes.ofMib(1));

        runner.ran.stream()
                .filter(command -> !command.equals("lvmconfig devices/global_filter"))
                .forEach(command -> assertTrue(command.contains("\"r|^/dev/drbd|\""), command));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-x", "../x", "a b", "a/b", "ä", "."})
    void refusesNamesThatAreNone(String name) {
        assertEquals(
                ErrorCode.INVALID_NAME,
                refusal(() -> driver.create(THIN, new BackingIdentity(name, CLUSTER, new UUID(0, 9)), Bytes.ofMib(4))));
        assertEquals(List.of(), runner.ran);
    }

    @Test
    void readsTheVersionOfLvm() {
        recorded("lvm", "version");

        assertEquals("2.03.16", driver.toolVersion());
    }

    @Test
    void hasNoVersionWhereThereIsNoLvm() {
        LvmThinDriver bare = new LvmThinDriver(
                new ScriptedRunner().answer("lvm", LvmThinDriverTest::notFound),
                Path.of("/nosuch"),
                device -> true,
                SETTLING);

        assertEquals("", bare.toolVersion());
    }

    private static CommandResult notFound(Command command) {
        throw new HeddleException(ErrorCode.COMMAND_NOT_FOUND, command.text(), "no such program", "install lvm2");
    }

    @Test
    void declaresItsKindsToTheContainer() throws IOException {
        try (InputStream description =
                LvmThinDriver.class.getResourceAsStream("/OSGI-INF/" + LvmThinDriver.class.getName() + ".xml")) {
            String text = new String(description.readAllBytes(), StandardCharsets.UTF_8);

            assertTrue(text.contains("driver.kind"), text);
            driver.kinds().forEach(kind -> assertTrue(text.contains(kind.value()), text));
        }
    }
}
