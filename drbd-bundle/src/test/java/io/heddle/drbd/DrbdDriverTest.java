package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.IoLease;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DrbdDriverTest {
    private static final Map<Integer, String> DEVICES = Map.of(0, "/dev/vg0/db1_00000");
    private static final String LOOK = "drbdsetup events2 --now --timestamps --statistics db1";
    private static final String NINE = "drbd-9.2.18";
    private static final String EIGHT = "drbd-8.4.11";

    private final ScriptedRunner runner = new ScriptedRunner();
    private final ResourceSpec spec = Specs.twoNodes();

    @TempDir
    Path root;

    private Path file;
    private DrbdDriver driver;

    @BeforeEach
    void makeTheNode() throws IOException {
        Files.createDirectories(root.resolve("proc/sys/kernel"));
        Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.1.176\n");
        Files.createDirectories(root.resolve("etc/drbd.d"));
        file = root.resolve("state/db1.res");
        driver =
                new DrbdDriver(runner, root, root.resolve("state"), root.resolve("etc/drbd.d"), Duration.ofMillis(300));
        runner.recorded("drbdadm --version", NINE + "/drbdadm-version");
    }

    private void load(String version) throws IOException {
        Files.writeString(root.resolve("proc/drbd"), ScriptedRunner.text(version + "/proc-drbd-loaded.txt", ""));
    }

    private void deviceOfSize(Bytes size) throws IOException {
        deviceOfSize(1000, size);
    }

    private void deviceOfSize(int minor, Bytes size) throws IOException {
        Path directory = Files.createDirectories(root.resolve("sys/block/drbd" + minor));
        Files.writeString(directory.resolve("size"), size.value() / 512 + "\n");
    }

    private void kernelHasNothing() {
        runner.forget(LOOK).recorded(LOOK, EIGHT + "/status-unknown");
    }

    private void kernelHas(String dump) {
        runner.forget(LOOK).answer(LOOK, 0, dump, "");
    }

    private String drbdadm(String command) {
        return "drbdadm -c " + file + " " + command;
    }

    private void configure() {
        kernelHasNothing();
        driver.configure(Specs.CLUSTER, spec, DEVICES);
        runner.ran().clear();
    }

    private void configureWith(Bytes size) {
        kernelHasNothing();
        driver.configure(
                Specs.CLUSTER,
                Specs.with(spec, List.of(Specs.sized(spec.volumes().get(0), size)), spec.peers()),
                DEVICES);
        runner.ran().clear();
    }

    private String dryRun() {
        return drbdadm("-d adjust db1");
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    @Test
    void looksAtAllResourcesOfALeaseWithOneCommandAndAtNoOthers() {
        String look = "drbdsetup events2 --now --timestamps --statistics";
        runner.answer(
                look,
                0,
                ScriptedRunner.text("drbd-9.3.3/all-uptodate.n2.events2.txt", "")
                        + ScriptedRunner.text("drbd-9.3.3/suspended-by-suspend-io.n1.events2.txt", "")
                        + "exists resource name:other something that nobody can read\n",
                "");

        HeddleException failure = assertThrows(
                HeddleException.class,
                () -> driver.leaseIo(new IoLease(
                        new UUID(0, 1), Ordered.map(Map.of("db1", 1000, "db2", 1002)), Duration.ofSeconds(20))));

        assertEquals(ErrorCode.IO_SUSPENDED, failure.code(), failure.getMessage());
        assertTrue(failure.what().contains("db2"), failure.what());
        assertEquals(List.of(look), runner.ran());
    }

    @ParameterizedTest
    @CsvSource({"drbd-8.4.11,DRBD_8_4,8.4.11,NOT_SUPPORTED", "drbd-9.2.18,DRBD_9,9.2.18,", "drbd-9.3.3,DRBD_9,9.3.3,"})
    void tellsWhichDrbdIsLoaded(String recorded, Dialect dialect, String version, String problem) throws IOException {
        load(recorded);

        KernelStatus status = driver.kernel();

        assertEquals(dialect, status.dialect());
        assertEquals(version, status.moduleVersion());
        assertEquals("9.22.0", status.utilsVersion());
        assertEquals("6.1.176", status.kernelRelease());
        assertEquals(
                Optional.ofNullable(problem),
                status.problem().map(each -> each.code().name()));
    }

    @Test
    void tellsTheTransportsThatAreLoadedOrCanBe() throws IOException {
        load(NINE);
        assertEquals(Set.of(), driver.kernel().transports());

        Files.createDirectories(root.resolve("sys/module/drbd_transport_tcp"));
        Files.createDirectories(root.resolve("lib/modules/6.1.176"));
        Files.writeString(
                root.resolve("lib/modules/6.1.176/modules.dep"),
                "updates/dkms/drbd_transport_lb-tcp.ko.xz: updates/dkms/drbd.ko.xz\n");

        assertEquals(Set.of("lb-tcp", "tcp"), driver.kernel().transports());
    }

    @Test
    void withoutAModuleNothingIsDoneAndTheReasonIsTold() {
        assertEquals(
                ErrorCode.MODULE_ABSENT, driver.kernel().problem().orElseThrow().code());
        assertEquals(ErrorCode.MODULE_ABSENT, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
        assertFalse(Files.exists(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.0.32-1", "8.3.11"})
    void anOldModuleIsNotUsed(String version) throws IOException {
        Files.writeString(root.resolve("proc/drbd"), "version: " + version + " (api:2/proto:86-119)\n");

        assertEquals(Dialect.NONE, driver.kernel().dialect());
        assertEquals(ErrorCode.MODULE_TOO_OLD, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
    }

    @Test
    void configuresOnceAndForRootOnly() throws IOException {
        load(NINE);
        assertFalse(driver.isConfigured(Specs.CLUSTER, spec, DEVICES));

        configure();

        assertTrue(driver.isConfigured(Specs.CLUSTER, spec, DEVICES));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals(
                List.of(new ConfiguredResource(
                        "db1",
                        Optional.of(Specs.CLUSTER),
                        Optional.of(Specs.RESOURCE),
                        Optional.empty(),
                        Ordered.set(Set.of(1)),
                        Ordered.map(Map.of("n2", spec.peers().get(0).paths())),
                        spec.fixedOptions())),
                driver.configured());
        String include = Files.readString(root.resolve("etc/drbd.d/heddle.res"));
        assertTrue(include.contains("include \"" + root.resolve("state") + "/*.res\";"), include);
        driver.configure(Specs.CLUSTER, spec, DEVICES);
        assertEquals(List.of(), runner.ran());
    }

    /** DRBD sends no event of a changed option, so the file is what is compared. */
    @ParameterizedTest
    @ValueSource(strings = {"on-no-quorum", "auto-promote-timeout"})
    void anOptionThatDiffersIsSeenInTheFile(String option) throws IOException {
        load(NINE);
        configure();
        String value = option.equals("on-no-quorum") ? "io-error" : "30";
        ResourceSpec tuned = Specs.with(spec, spec.uuid(), spec.volumes(), spec.peers(), Map.of(option, value));

        assertFalse(driver.isConfigured(Specs.CLUSTER, tuned, DEVICES));

        driver.configure(Specs.CLUSTER, tuned, DEVICES);
        assertTrue(driver.isConfigured(Specs.CLUSTER, tuned, DEVICES));
        assertFalse(driver.isConfigured(Specs.CLUSTER, spec, DEVICES));
        assertTrue(Files.readString(file).contains(option + " " + value + ";"));
    }

    @Test
    void aFileThatThePowerLossEmptiedOrCutIsWrittenAnew() throws IOException {
        load(NINE);
        configure();
        String whole = Files.readString(file);

        for (String left : List.of("", whole.substring(0, 100), whole.substring(0, whole.length() - 5))) {
            Files.writeString(file, left);
            assertEquals(List.of(), driver.configured());
            assertEquals(ErrorCode.FILE_FAILED, refusal(() -> driver.adjust(spec)));

            driver.configure(Specs.CLUSTER, spec, DEVICES);

            assertEquals(whole, Files.readString(file));
        }
    }

    @Test
    void anotherIncarnationsFileStays() throws IOException {
        load(NINE);
        configure();
        String before = Files.readString(file);
        ResourceSpec other = Specs.with(spec, UUID.randomUUID(), spec.volumes(), spec.peers(), Map.of());

        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.configure(Specs.CLUSTER, other, DEVICES)));
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.adjust(other)));
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                refusal(() -> driver.removeConfiguration(Specs.CLUSTER, "db1", other.uuid())));

        assertEquals(before, Files.readString(file));
        assertEquals(List.of(), runner.ran());
    }

    @Test
    void aFileThatIsNotHeddlesStays() throws IOException {
        load(NINE);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "resource db1 { }\n");

        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                refusal(() -> driver.removeConfiguration(Specs.CLUSTER, "db1", Specs.RESOURCE)));

        assertEquals("resource db1 { }\n", Files.readString(file));
        assertEquals(
                List.of(new ConfiguredResource(
                        "db1", Optional.empty(), Optional.empty(), Optional.empty(), Ordered.set(null))),
                driver.configured());
    }

    @Test
    void aResourceThatSomebodyElseDefinedOrRunsIsNotTakenOver() throws IOException {
        load(NINE);
        Path theirs = Files.writeString(root.resolve("etc/drbd.d/theirs.res"), "resource \"db1\" {\n}\n");
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
        Files.delete(theirs);

        kernelHas(ScriptedRunner.text(NINE + "/all-uptodate.n1.events2.txt", ""));
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
        assertFalse(Files.exists(file));

        driver.configure(Specs.CLUSTER, spec, Map.of(0, "/dev/vg0/db1_0"));
        assertTrue(Files.exists(file), "a running resource on our own backing device lost its file only");
    }

    @Test
    void aForeignIncludeFileStaysAndIsShown() throws IOException {
        load(NINE);
        Path include = Files.writeString(root.resolve("etc/drbd.d/heddle.res"), "# mine\n");

        configure();

        assertEquals("# mine\n", Files.readString(include));
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                driver.kernel().problem().orElseThrow().code());
    }

    @Test
    void aResourceMadeUnderNineIsNotTouchedWhileEightIsLoaded() throws IOException {
        load(NINE);
        configure();
        String before = Files.readString(file);
        load(EIGHT);

        assertEquals(ErrorCode.NOT_SUPPORTED, refusal(() -> driver.configure(Specs.CLUSTER, spec, DEVICES)));
        assertEquals(ErrorCode.NOT_SUPPORTED, refusal(() -> driver.adjust(spec)));
        assertEquals(ErrorCode.NOT_SUPPORTED, refusal(() -> driver.promote(spec, true)));

        assertEquals(before, Files.readString(file));
        assertEquals(List.of(), runner.ran());
    }

    @Test
    void removesItsFileOnceOrMore() throws IOException {
        load(NINE);
        configure();

        driver.removeConfiguration(Specs.CLUSTER, "db1", Specs.RESOURCE);
        driver.removeConfiguration(Specs.CLUSTER, "db1", Specs.RESOURCE);

        assertFalse(Files.exists(file));
    }

    @Test
    void adjustsWithOneFile() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("adjust db1"), NINE + "/down-ok");

        driver.adjust(spec);

        assertEquals(List.of(drbdadm("adjust db1")), runner.ran());
    }

    @Test
    void neverAdjustsADeviceToASmallerSize() throws IOException {
        load(NINE);
        configure();
        deviceOfSize(Bytes.ofMib(65));

        assertEquals(ErrorCode.SHRINK_REFUSED, refusal(() -> driver.adjust(spec)));
        assertEquals(ErrorCode.SHRINK_REFUSED, refusal(() -> driver.resize(spec, 0, Bytes.ofMib(64))));

        assertEquals(List.of(), runner.ran());
    }

    @Test
    void leavesGrowingToResizeWhenItAdjusts() throws IOException {
        load(NINE);
        configure();
        deviceOfSize(Bytes.ofMib(32));
        String variant = root.resolve("state/.db1.adjust").toString();
        runner.recorded(dryRun(), NINE + "/adjust-dry-run-from-nothing")
                .recorded("drbdadm -c " + variant + " adjust db1", NINE + "/down-ok")
                .recorded("drbdsetup show db1", NINE + "/drbdsetup-show-text");

        driver.adjust(spec);

        assertEquals(List.of(dryRun(), "drbdsetup show db1", "drbdadm -c " + variant + " adjust db1"), runner.ran());
        assertFalse(Files.exists(Path.of(variant)));
        assertTrue(Files.readString(file).contains("size 65536k;"));
    }

    /** DRBD 9 obeys even without quorum, and takes what it does not see for outdated. */
    @Test
    void nothingIsForcedOnNine() throws IOException {
        load(NINE);
        configure();
        String primary = drbdadm("primary db1");
        String sync = drbdadm("new-current-uuid --force-resync db1/0");
        runner.recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-down")
                .recorded(sync, NINE + "/new-current-uuid-clear-bitmap")
                .recorded(primary, NINE + "/primary-refused-no-quorum");

        assertEquals(ErrorCode.PROMOTION_REFUSED, refusal(() -> driver.promote(spec, false)));
        assertEquals(ErrorCode.PROMOTION_REFUSED, refusal(() -> driver.promote(spec, true)));
        driver.startInitialSync(spec, 0);

        assertEquals(List.of(primary, primary, drbdadm("get-gi db1/0"), sync), runner.ran());
    }

    /** Its peers have it already, and refuse it when it is taken back. */
    @ParameterizedTest
    @CsvSource({NINE + ",192", EIGHT + ",128"})
    void leavesTheSizeThatAnAttachAskedForWhenItAdjusts(String recordedWith, long asked) throws IOException {
        load(recordedWith);
        configureWith(Bytes.ofMib(asked));
        deviceOfSize(Bytes.ofMib(64));
        runner.recorded(dryRun(), recordedWith + "/adjust-dry-run-from-nothing")
                .recorded("drbdsetup show db1", recordedWith + "/show-sized")
                .recorded(drbdadm("adjust db1"), recordedWith + "/down-ok");

        driver.adjust(spec);

        assertEquals(List.of(dryRun(), "drbdsetup show db1", drbdadm("adjust db1")), runner.ran());
    }

    /**
     * It was attached with the size that it is to have, and then connected: since then DRBD has the least of both sizes. An adjust
     * that knows the former only would grow the device to what the peer's backing volume holds, 76 KiB more than it was.
     */
    @ParameterizedTest
    @ValueSource(strings = {NINE, EIGHT})
    void resizesNothingWhenAPeerHasBroughtItsSize(String recorded) throws IOException {
        load(recorded);
        configureWith(Bytes.ofMib(192));
        deviceOfSize(Bytes.ofMib(128));
        runner.recorded(dryRun(), recorded + "/adjust-dry-run-peer-brought-its-size");

        driver.adjust(spec);

        assertEquals(List.of(dryRun()), runner.ran());
    }

    @Test
    void changesConnectionsOfAGrowingResourceWithoutALookAtItsDisks() throws IOException {
        load(NINE);
        configureWith(Bytes.ofMib(192));
        deviceOfSize(Bytes.ofMib(128));
        String withoutDisks = drbdadm("adjust --skip-disk db1");
        runner.recorded(dryRun(), NINE + "/adjust-dry-run-net-options-and-size")
                .recorded(withoutDisks, NINE + "/down-ok");

        driver.adjust(spec);

        assertEquals(List.of(dryRun(), withoutDisks), runner.ran());
    }

    /** Its drbdadm would take the option for one of drbdsetup's. */
    @Test
    void changesConnectionsOfAGrowingResourceOnEightWithTheSizeThatItHas() throws IOException {
        load(EIGHT);
        configureWith(Bytes.ofMib(192));
        deviceOfSize(Bytes.ofMib(128));
        String variant = root.resolve("state/.db1.adjust").toString();
        runner.recorded(dryRun(), NINE + "/adjust-dry-run-net-options-and-size")
                .recorded("drbdsetup show db1", EIGHT + "/show-sized")
                .recorded("drbdadm -c " + variant + " adjust db1", EIGHT + "/down-ok");

        driver.adjust(spec);

        assertEquals(List.of(dryRun(), "drbdsetup show db1", "drbdadm -c " + variant + " adjust db1"), runner.ran());
    }

    @Test
    void whatADryRunFailsAtIsToldByTheAdjust() throws IOException {
        load(NINE);
        configureWith(Bytes.ofMib(192));
        deviceOfSize(Bytes.ofMib(128));
        runner.recorded(dryRun(), NINE + "/adjust-unknown-option")
                .recorded("drbdsetup show db1", NINE + "/show-sized")
                .recorded(drbdadm("adjust db1"), NINE + "/adjust-unknown-option");
        kernelHasNothing();

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.adjust(spec)));

        assertEquals(List.of(dryRun(), "drbdsetup show db1", drbdadm("adjust db1"), LOOK), runner.ran());
    }

    @Test
    void looksOnceAtTheSizesAskedForHoweverManyVolumesHaveGrown() throws IOException {
        load(NINE);
        ResourceSpec larger = Specs.with(
                spec,
                List.of(
                        Specs.sized(Specs.volume(0, 1000), Bytes.ofMib(192)),
                        Specs.sized(Specs.volume(1, 1001), Bytes.ofMib(192))),
                spec.peers());
        kernelHasNothing();
        driver.configure(Specs.CLUSTER, larger, Map.of(0, "/dev/vg0/db1_00000", 1, "/dev/vg0/db1_00001"));
        runner.ran().clear();
        deviceOfSize(1000, Bytes.ofMib(64));
        deviceOfSize(1001, Bytes.ofMib(64));
        Path variant = root.resolve("state/.db1.adjust");
        runner.recorded(dryRun(), NINE + "/adjust-dry-run-from-nothing")
                .recorded("drbdsetup show db1", NINE + "/show-sized")
                .recorded("drbdadm -c " + variant + " adjust db1", NINE + "/down-ok");

        driver.adjust(larger);

        assertEquals(List.of(dryRun(), "drbdsetup show db1", "drbdadm -c " + variant + " adjust db1"), runner.ran());
    }

    @Test
    void nothingIsAdjustedWhenTheSizesAskedForCannotBeRead() throws IOException {
        load(NINE);
        configure();
        deviceOfSize(Bytes.ofMib(32));
        runner.recorded(dryRun(), NINE + "/adjust-dry-run-from-nothing");
        String shown = ScriptedRunner.text(NINE + "/show-sized.out", "");
        for (String unreadable : List.of(shown.replace("393216s", "393216x"), shown.substring(0, 200))) {
            runner.forget("drbdsetup show db1").answer("drbdsetup show db1", 0, unreadable, "");
            assertEquals(ErrorCode.OUTPUT_UNREADABLE, refusal(() -> driver.adjust(spec)));
        }
        runner.forget("drbdsetup show db1").recorded("drbdsetup show db1", EIGHT + "/status-unknown");
        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.adjust(spec)));

        assertEquals(
                List.of(dryRun(), "drbdsetup show db1"),
                runner.ran().stream().distinct().toList());
    }

    @Test
    void nothingIsAttachedWithoutMetadataAtItsEnd() throws IOException {
        load(NINE);
        Path device = Files.write(root.resolve("device"), new byte[1 << 20]);
        kernelHasNothing();
        driver.configure(Specs.CLUSTER, spec, Map.of(0, device.toString()));
        runner.ran().clear();

        assertEquals(ErrorCode.METADATA_MISSING, refusal(() -> driver.adjust(spec)));

        assertEquals(List.of(), runner.ran());
    }

    @Test
    void aFailedAdjustLeavesNoHalfResource() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("adjust db1"), NINE + "/adjust-no-metadata")
                .recorded("drbdsetup down db1", NINE + "/down-ok");
        kernelHas(String.join(
                "\n",
                ScriptedRunner.text(NINE + "/stream-create-to-uptodate.n1.txt", "")
                        .lines()
                        .skip(1)
                        .limit(8)
                        .toList()));

        assertEquals(ErrorCode.METADATA_MISSING, refusal(() -> driver.adjust(spec)));

        assertTrue(runner.ran().contains("drbdsetup down db1"), runner.ran()::toString);
    }

    @Test
    void aFailedAdjustLeavesWhatServes() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("adjust db1"), NINE + "/adjust-disk-failed");
        kernelHas(ScriptedRunner.text(NINE + "/disk-failed-detached.n1.events2.txt", "")
                .replace("db3", "db1"));

        assertEquals(ErrorCode.BACKING_VOLUME_FAILED, refusal(() -> driver.adjust(spec)));

        assertFalse(runner.ran().contains("drbdsetup down db1"), runner.ran()::toString);
    }

    @Test
    void theFirstSyncIsSkippedOnJustCreatedMetadataOnly() throws IOException {
        load(NINE);
        configure();
        String skip = drbdadm("new-current-uuid --clear-bitmap db1/0");
        runner.recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-down")
                .recorded(skip, NINE + "/new-current-uuid-clear-bitmap");
        driver.skipInitialSync(spec, 0);
        assertEquals(List.of(drbdadm("get-gi db1/0"), skip), runner.ran());
        runner.ran().clear();

        runner.forget(drbdadm("get-gi db1/0")).recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-uptodate");
        driver.skipInitialSync(spec, 0);
        driver.startInitialSync(spec, 0);
        assertEquals(List.of(drbdadm("get-gi db1/0"), drbdadm("get-gi db1/0")), runner.ran());
    }

    @Test
    void aReplicaWithoutPeersIsDetachedForTheLook() throws IOException {
        load(NINE);
        ResourceSpec alone = Specs.resource("n1");
        kernelHasNothing();
        driver.configure(Specs.CLUSTER, alone, DEVICES);
        runner.ran().clear();
        kernelHas(
                "2026-11-22T12:35:05.644228+00:00 exists resource name:db1 role:Secondary suspended:no may_promote:no\n"
                        + "2026-11-22T12:35:05.644228+00:00 exists device name:db1 volume:0 minor:1000 disk:Inconsistent"
                        + " size:65536\n");
        String look = "drbdmeta 1000 v09 /dev/vg0/db1_00000 internal get-gi --node-id=0";
        String skip = drbdadm("new-current-uuid --clear-bitmap db1/0");
        runner.recorded("drbdsetup detach 1000", NINE + "/down-ok")
                .recorded(drbdadm("adjust db1"), NINE + "/down-ok")
                .recorded(look, NINE + "/get-gi-down")
                .recorded(skip, NINE + "/new-current-uuid-clear-bitmap");

        driver.skipInitialSync(alone, 0);

        assertEquals(List.of(LOOK, "drbdsetup detach 1000", look, drbdadm("adjust db1"), skip), runner.ran());
        runner.ran().clear();
        runner.forget(look).recorded(look, NINE + "/get-gi-uptodate");
        driver.skipInitialSync(alone, 0);
        assertEquals(List.of(LOOK, "drbdsetup detach 1000", look, drbdadm("adjust db1")), runner.ran());
    }

    @Test
    void aSkipThatAnotherNodeDidAMomentAgoIsDone() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-down")
                .recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-uptodate")
                .recorded(drbdadm("new-current-uuid --clear-bitmap db1/0"), NINE + "/new-current-uuid-second");

        driver.skipInitialSync(spec, 0);

        assertEquals(3, runner.ran().size());
    }

    @Test
    void whenTheGenerationCannotBeReadNothingIsDeclared() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("get-gi db1/0"), NINE + "/get-gi-disk-failed");

        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.skipInitialSync(spec, 0)));
        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.startInitialSync(spec, 0)));

        assertEquals(List.of(drbdadm("get-gi db1/0"), drbdadm("get-gi db1/0")), runner.ran());
    }

    @Test
    void aResizeThatChangedNothingIsAFailure() throws IOException {
        load(NINE);
        configure();
        deviceOfSize(Bytes.ofMib(32));
        runner.recorded("drbdsetup resize 1000 --size=65536k", NINE + "/resize-nothing");

        HeddleException failure = assertThrows(HeddleException.class, () -> driver.resize(spec, 0, Bytes.ofMib(64)));

        assertEquals(ErrorCode.COMMAND_FAILED, failure.code());
        assertTrue(failure.why().contains("a replica has not grown"), failure::why);
    }

    @Test
    void whereNobodyIsPrimaryItIsForTheMomentOfTheResize() throws IOException {
        load(EIGHT);
        configure();
        deviceOfSize(Bytes.ofMib(32));
        kernelHas(ScriptedRunner.text(EIGHT + "/all-uptodate.n1.events2.txt", ""));
        String resize = "drbdsetup resize 1000 --size=65536k";
        runner.answer(resize, 10, "", "1000: Failure: (131) Need one Primary node to resize.\n")
                .answer(resize, 10, "", "1000: Failure: (130) Resize not allowed during resync.\n")
                .recorded(drbdadm("primary db1"), NINE + "/primary-ok")
                .recorded(drbdadm("secondary db1"), NINE + "/secondary-ok");

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.resize(spec, 0, Bytes.ofMib(64))));

        assertEquals(
                List.of(resize, LOOK, drbdadm("primary db1"), LOOK, resize, drbdadm("secondary db1")), runner.ran());
    }

    @Test
    void aDeviceThatHasTheSizeIsNotResized() throws IOException {
        load(NINE);
        configure();
        deviceOfSize(Bytes.ofMib(64));

        driver.resize(spec, 0, Bytes.ofMib(64));

        assertEquals(List.of(), runner.ran());
    }

    @Test
    void eightPromotesWithItsPeerInSightOnly() throws IOException {
        load(EIGHT);
        configure();
        runner.recorded(drbdadm("primary db1"), NINE + "/primary-ok");
        kernelHas(ScriptedRunner.text(EIGHT + "/cut-off-node.n2.events2.txt", ""));
        assertEquals(ErrorCode.PROMOTION_REFUSED, refusal(() -> driver.promote(spec, false)));
        assertFalse(runner.ran().contains(drbdadm("primary db1")));

        driver.promote(spec, true);
        assertTrue(runner.ran().contains(drbdadm("primary db1")));
        runner.ran().clear();

        kernelHas(ScriptedRunner.text(EIGHT + "/all-uptodate.n1.events2.txt", ""));
        driver.promote(spec, false);
        assertTrue(runner.ran().contains(drbdadm("primary db1")));
    }

    /** The connection may be broken already: DRBD 8.4 would find that out while it asks, and go on without the peer. */
    @Test
    void eightIsNotEvenAskedWhereItsPeerIsPrimary() throws IOException {
        load(EIGHT);
        configure();
        kernelHas(ScriptedRunner.text(EIGHT + "/primary-mounted.n2.events2.txt", ""));

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.promote(spec, false)));

        assertFalse(runner.ran().contains(drbdadm("primary db1")));
    }

    @Test
    void eightIsMadeSecondaryAgainWhereItsPeerWentOutOfSightMeanwhile() throws IOException {
        load(EIGHT);
        configure();
        runner.forget(LOOK)
                .answer(LOOK, 0, ScriptedRunner.text(EIGHT + "/all-uptodate.n1.events2.txt", ""), "")
                .answer(LOOK, 0, ScriptedRunner.text(EIGHT + "/peer-power-lost.n1.events2.txt", ""), "")
                .recorded(drbdadm("primary db1"), NINE + "/primary-ok")
                .recorded(drbdadm("secondary db1"), NINE + "/secondary-ok");
        runner.ran().clear();

        assertEquals(ErrorCode.PROMOTION_REFUSED, refusal(() -> driver.promote(spec, false)));

        assertEquals(List.of(LOOK, drbdadm("primary db1"), LOOK, drbdadm("secondary db1")), runner.ran());
    }

    @Test
    void eightIsNotPromotedWhenItsStateIsUnknown() throws IOException {
        load(EIGHT);
        configure();
        runner.forget(LOOK).answer(LOOK, 20, "", "drbdsetup: something is wrong\n");

        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.promote(spec, false)));
    }

    @ParameterizedTest
    @CsvSource({
        "primary-refused-no-quorum,PROMOTION_REFUSED",
        "primary-refused-other-primary,IN_USE",
        "primary-refused-outdated,PROMOTION_REFUSED"
    })
    void ninesRefusalToPromoteIsTold(String recording, ErrorCode code) throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("primary db1"), NINE + "/" + recording);

        assertEquals(code, refusal(() -> driver.promote(spec, false)));
    }

    @Test
    void missingMetadataIsAbsentByDrbdmetasOwnWordsOnly() throws IOException {
        load(NINE);
        String nine = "drbdmeta 1000 v09 /dev/vg0/db1_00000 internal ";
        String eight = "drbdmeta 1000 v08 /dev/vg0/db1_00000 internal ";
        String device = "/dev/vg0/db1_00000";
        runner.answer(nine + "get-gi --node-id=0", 1, "", "")
                .answer(nine + "dump-md", 1, "", "No valid meta data found\n")
                .answer(eight + "get-gi", 1, "", "")
                .answer(eight + "dump-md", 1, "", "No valid meta data found\n");
        assertEquals(MetadataState.ABSENT, driver.metadata(spec, 0, device));

        runner.forget(eight + "get-gi")
                .answer(eight + "get-gi", 0, ScriptedRunner.text(EIGHT + "/get-gi-uptodate.out", ""), "");
        assertEquals(ErrorCode.METADATA_UNREADABLE, refusal(() -> driver.metadata(spec, 0, device)));

        runner.forget(nine + "dump-md").answer(nine + "dump-md", 1, "", "");
        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.metadata(spec, 0, device)));

        runner.forget(nine + "get-gi --node-id=0").recorded(nine + "get-gi --node-id=0", NINE + "/get-gi-disk-failed");
        assertEquals(ErrorCode.OBSERVATION_FAILED, refusal(() -> driver.metadata(spec, 0, device)));

        runner.forget(nine + "get-gi --node-id=0").recorded(nine + "get-gi --node-id=0", NINE + "/get-gi-uptodate");
        assertEquals(MetadataState.PRESENT, driver.metadata(spec, 0, device));
    }

    /** DRBD 9 answers 0 then, like to a down that did something. */
    @ParameterizedTest
    @ValueSource(strings = {NINE + "/drbdsetup-unknown-down", EIGHT + "/status-unknown"})
    void takingDownWhatIsNotThereIsDone(String recording) throws IOException {
        load(NINE);
        runner.recorded("drbdsetup down db1", recording);

        driver.down("db1");

        assertEquals(List.of("drbdsetup down db1"), runner.ran());
    }

    /** The exit code of a down says nothing of what was there, so whether a resource is there is seen in events only. */
    @Test
    void whatIsNotThereIsToldByALookAndNotByTheCodeOfADown() throws IOException {
        load(NINE);
        configure();
        runner.recorded(drbdadm("adjust db1"), NINE + "/adjust-no-metadata")
                .recorded("drbdsetup down db1", NINE + "/drbdsetup-unknown-down");
        kernelHasNothing();

        assertEquals(ErrorCode.METADATA_MISSING, refusal(() -> driver.adjust(spec)));

        assertEquals(List.of(drbdadm("adjust db1"), LOOK), runner.ran());
    }

    @Test
    void aDeviceInUseIsNotTakenDown() throws IOException {
        load(NINE);
        runner.recorded("drbdsetup down db1", NINE + "/down-while-open");

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.down("db1")));
    }
}
