package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.FirstGeneration.Mode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.Disposition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {
    private static final NodeName N3 = new NodeName("n3");
    private static final Observation<MetadataState> PRESENT = Observation.known(MetadataState.PRESENT);
    private static final Observation<MetadataState> ABSENT = Observation.known(MetadataState.ABSENT);

    private static Arguments row(String name, Bench bench, Consumer<Bench> change, String steps) {
        return row(name, bench, change, steps, null);
    }

    private static Arguments row(String name, Bench bench, Consumer<Bench> change, String steps, ErrorCode held) {
        change.accept(bench);
        return arguments(
                name, bench, steps.isEmpty() ? List.of() : Arrays.asList(steps.split(" ")), Optional.ofNullable(held));
    }

    static Stream<Arguments> service() {
        return Stream.of(
                row("what is as wanted needs nothing", new Bench(), b -> {}, ""),
                row(
                        "a new volume is noted and only then created",
                        Bench.fresh(),
                        b -> {},
                        "RememberVolume CreateVolume"),
                row(
                        "a new volume that was noted before a crash is created",
                        Bench.fresh(),
                        b -> b.begun(0),
                        "CreateVolume"),
                row(
                        "a new volume gets its metadata once, is marked, noted, and only then attached",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.begun(0);
                        },
                        "ConfigureResource RememberVolume CreateMetadata MarkVolumeReady RememberVolume AdjustResource"),
                row(
                        "what lies on a new volume is never taken for its own, be it whole metadata",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.begun(0);
                            b.metadata.put(0, PRESENT);
                        },
                        "ConfigureResource RememberVolume CreateMetadata MarkVolumeReady RememberVolume AdjustResource"),
                row(
                        "what cannot be read on a new volume is nobody's",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.begun(0);
                            b.metadata.put(0, Observation.unknown(Bench.FAILED_LOOK));
                        },
                        "ConfigureResource RememberVolume CreateMetadata MarkVolumeReady RememberVolume AdjustResource"),
                row(
                        "after a crash behind create-md it is created again, since the volume was never up",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.record = ResourceRecord.NOTHING.with(
                                    Bench.replica(0), MadeVolume.settled(Dialect.DRBD_9, Bench.SIZE, false));
                            b.metadata.put(0, PRESENT);
                            b.file = Bench.ours();
                            b.fileCurrent = true;
                        },
                        "RememberVolume CreateMetadata MarkVolumeReady RememberVolume AdjustResource"),
                row(
                        "a volume that is tagged new but was in service keeps its metadata",
                        Bench.rebooted(),
                        b -> {
                            b.confirmed = true;
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.metadata.put(0, PRESENT);
                        },
                        "MarkVolumeReady AdjustResource"),
                row(
                        "after a crash behind the mark the volume is noted before it is attached",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.READY, Bench.GROSS);
                            b.metadata.put(0, PRESENT);
                            b.file = Bench.ours();
                            b.fileCurrent = true;
                        },
                        "RememberVolume AdjustResource"),
                row(
                        "a volume of a snapshot is noted and cloned, and nothing is brought up before",
                        Bench.fresh(),
                        b -> b.ofSnapshot(0),
                        "RememberVolume RestoreVolume"),
                row(
                        "a clone gets its identity into the metadata that it came with, and only then counts as made",
                        Bench.fresh(),
                        b -> {
                            b.ofSnapshot(0);
                            b.begun(0);
                            b.backing(0, Stage.RESTORED, Bench.GROSS);
                        },
                        "AdoptMetadata MarkVolumeReady"),
                row(
                        "of several volumes none comes up before all are cloned",
                        Bench.fresh(),
                        b -> {
                            b.volume(1);
                            b.ofSnapshot(0);
                            b.ofSnapshot(1);
                            b.begun(0);
                            b.begun(1);
                            b.backing(0, Stage.READY, Bench.GROSS);
                            b.metadata.put(0, PRESENT);
                            b.backings.put(1, Observation.known(Optional.empty()));
                        },
                        "RestoreVolume"),
                row(
                        "a clone that is marked comes up with the metadata that it has",
                        Bench.fresh(),
                        b -> {
                            b.ofSnapshot(0);
                            b.begun(0);
                            b.backing(0, Stage.READY, Bench.GROSS);
                            b.metadata.put(0, PRESENT);
                        },
                        "ConfigureResource RememberVolume AdjustResource"),
                row(
                        "a clone without DRBD is just marked",
                        Bench.fresh(),
                        b -> {
                            b.replicated = false;
                            b.ofSnapshot(0);
                            b.begun(0);
                            b.backing(0, Stage.RESTORED, Bench.GROSS);
                        },
                        "MarkVolumeReady"),
                row(
                        "what is halted is taken down",
                        new Bench(),
                        b -> b.disposition = Disposition.HALTED,
                        "DownResource"),
                row(
                        "what is halted is not brought up, nor activated, nor made",
                        Bench.rebooted(),
                        b -> {
                            b.disposition = Disposition.HALTED;
                            b.confirmed = true;
                            b.backing(0, Stage.READY, Bench.GROSS, Optional.empty());
                        },
                        ""),
                row(
                        "what is halted stays down with no controller",
                        Bench.rebooted(),
                        b -> b.disposition = Disposition.HALTED,
                        ""),
                row(
                        "a new volume that is not active is activated first",
                        Bench.fresh(),
                        b -> b.backing(0, Stage.NEW, Bench.GROSS, Optional.empty()),
                        "ActivateVolume"),
                row(
                        "a new volume grows before its metadata is made if more is asked for meanwhile",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.begun(0);
                            b.askForGrowth();
                        },
                        "ConfigureResource GrowVolume RememberVolume CreateMetadata MarkVolumeReady RememberVolume AdjustResource"),
                row(
                        "after a reboot the resource is brought up with no controller",
                        Bench.rebooted(),
                        b -> {},
                        "AdjustResource"),
                row(
                        "after a reboot volumes are activated with no controller",
                        Bench.rebooted(),
                        b -> b.backing(0, Stage.READY, Bench.GROSS, Optional.empty()),
                        "ActivateVolume"),
                row(
                        "a file that is not current is written with no controller",
                        Bench.rebooted(),
                        b -> b.fileCurrent = false,
                        "ConfigureResource AdjustResource"),
                row(
                        "a change of options is written and adjusted",
                        new Bench(),
                        b -> b.fileCurrent = false,
                        "ConfigureResource AdjustResource"),
                row(
                        "what a failed up left behind is completed",
                        Bench.rebooted(),
                        b -> {
                            b.inKernel = true;
                            b.device(0, DiskState.DISKLESS, Bytes.ZERO);
                            b.connection(Bench.N2, 1, ConnectionState.STAND_ALONE, DiskState.DUNKNOWN);
                        },
                        "AdjustResource"),
                row(
                        "a diskless resource needs no backing volume",
                        Bench.fresh(),
                        Bench::disklessHere,
                        "ConfigureResource AdjustResource"),
                row(
                        "a volume that only DRBD lacks is adjusted in",
                        new Bench(),
                        b -> {
                            b.volume(1);
                            b.backing(1, Stage.READY, Bench.GROSS);
                            b.made(1, Bench.SIZE);
                            b.metadata.put(1, PRESENT);
                        },
                        "AdjustResource"),
                row(
                        "a new volume that cannot be made does not keep the other one down",
                        Bench.rebooted(),
                        b -> {
                            b.volume(1);
                            b.foreignBacking(1, Optional.empty(), Optional.empty());
                        },
                        "AdjustResource",
                        ErrorCode.FOREIGN_VOLUME));
    }

    static Stream<Arguments> rulesThatKeepData() {
        return Stream.of(
                row(
                        "a volume of the right name without identity is left alone",
                        Bench.fresh(),
                        b -> b.foreignBacking(0, Optional.empty(), Optional.empty()),
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a volume of the right name of another replica is left alone",
                        Bench.fresh(),
                        b -> b.foreignBacking(0, Optional.of(Bench.CLUSTER), Optional.of(Bench.STRANGER)),
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a volume of the right name of another cluster is left alone",
                        Bench.fresh(),
                        b -> b.foreignBacking(0, Optional.of(Bench.STRANGER), Optional.of(Bench.replica(0))),
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a volume that was in service and is gone is not made again",
                        Bench.rebooted(),
                        b -> {
                            b.confirmed = true;
                            b.backings.put(0, Observation.known(Optional.empty()));
                        },
                        "",
                        ErrorCode.BACKING_VOLUME_MISSING),
                row(
                        "a volume that cannot be seen is not made",
                        Bench.fresh(),
                        b -> b.backings.put(0, Observation.unknown(Bench.FAILED_LOOK)),
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "a volume that was not looked at is not made",
                        Bench.fresh(),
                        b -> b.backings.clear(),
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "a volume that was in service and cannot be seen holds what would take it from the kernel",
                        new Bench(),
                        b -> {
                            b.backings.put(0, Observation.unknown(Bench.FAILED_LOOK));
                            b.fileCurrent = false;
                        },
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "missing metadata on a volume in service is shown and not made",
                        Bench.rebooted(),
                        b -> {
                            b.confirmed = true;
                            b.metadata.put(0, ABSENT);
                        },
                        "",
                        ErrorCode.METADATA_MISSING),
                row(
                        "missing metadata on a marked volume that was never noted is shown and not made",
                        Bench.fresh(),
                        b -> {
                            b.backing(0, Stage.READY, Bench.GROSS);
                            b.metadata.put(0, ABSENT);
                        },
                        "",
                        ErrorCode.METADATA_MISSING),
                row(
                        "metadata is not made on a volume that is tagged new but was in service",
                        Bench.rebooted(),
                        b -> {
                            b.confirmed = true;
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.metadata.put(0, ABSENT);
                        },
                        "",
                        ErrorCode.METADATA_MISSING),
                row(
                        "metadata that cannot be read is not made",
                        Bench.rebooted(),
                        b -> {
                            b.confirmed = true;
                            b.metadata.put(0, Observation.unknown(Bench.FAILED_LOOK));
                        },
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "metadata is not made on a new volume that this node has no record of",
                        Bench.fresh(),
                        b -> b.backing(0, Stage.NEW, Bench.GROSS),
                        "",
                        ErrorCode.METADATA_MISSING),
                row(
                        "nothing is created while no controller has confirmed the spec",
                        Bench.fresh(),
                        b -> b.confirmed = false,
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED),
                row(
                        "no metadata is created while no controller has confirmed the spec",
                        Bench.fresh(),
                        b -> {
                            b.confirmed = false;
                            b.backing(0, Stage.NEW, Bench.GROSS);
                            b.begun(0);
                        },
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED),
                row(
                        "a resource that DRBD runs and Heddle did not configure is left alone",
                        Bench.fresh(),
                        b -> b.inKernel = true,
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a resource that runs on our volume gets its lost file back",
                        new Bench(),
                        b -> {
                            b.file = Observation.known(Optional.empty());
                            b.fileCurrent = false;
                        },
                        "ConfigureResource AdjustResource"),
                row(
                        "a file of another cluster is left alone",
                        Bench.fresh(),
                        b -> b.fileOf(Bench.STRANGER, Bench.RESOURCE),
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a file of another incarnation is left alone",
                        Bench.fresh(),
                        b -> b.fileOf(Bench.CLUSTER, Bench.STRANGER),
                        "",
                        ErrorCode.FOREIGN_VOLUME),
                row(
                        "a file that names nobody is left alone",
                        Bench.fresh(),
                        b -> b.file = Observation.known(Optional.of(new ConfiguredResource(
                                "db1",
                                Optional.of(Bench.CLUSTER),
                                Optional.empty(),
                                Optional.empty(),
                                Ordered.set(null)))),
                        "",
                        ErrorCode.FILE_FAILED),
                row(
                        "nothing is done while the file cannot be seen",
                        Bench.fresh(),
                        b -> b.file = Observation.unknown(Bench.FAILED_LOOK),
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "nothing is done while DRBD cannot be seen",
                        Bench.rebooted(),
                        b -> b.replication = Observation.unknown(Bench.FAILED_LOOK),
                        "",
                        ErrorCode.OBSERVATION_FAILED),
                row(
                        "without a module nothing is done",
                        Bench.fresh(),
                        b -> b.dialect = Dialect.NONE,
                        "",
                        ErrorCode.MODULE_ABSENT),
                row(
                        "what was made under DRBD 9 is not touched under 8.4",
                        Bench.rebooted(),
                        b -> b.dialect = Dialect.DRBD_8_4,
                        "",
                        ErrorCode.MODULE_TOO_OLD),
                row(
                        "three replicas are refused under 8.4",
                        Bench.fresh(),
                        b -> {
                            b.dialect = Dialect.DRBD_8_4;
                            b.peer(N3, 2, false);
                        },
                        "",
                        ErrorCode.MODULE_TOO_OLD),
                row(
                        "two replicas are served under 8.4",
                        Bench.fresh(),
                        b -> b.dialect = Dialect.DRBD_8_4,
                        "RememberVolume CreateVolume"),
                row(
                        "after a split brain the connection is shown and not made again",
                        new Bench(),
                        b -> b.connection(Bench.N2, 1, ConnectionState.STAND_ALONE, DiskState.DUNKNOWN),
                        "",
                        ErrorCode.SPLIT_BRAIN),
                row(
                        "a detached disk is shown and not attached again",
                        new Bench(),
                        b -> {
                            b.device(0, DiskState.DISKLESS, Bench.SIZE);
                            b.metadata.put(0, PRESENT);
                        },
                        "",
                        ErrorCode.DISK_FAILED),
                row(
                        "a detached disk is shown as such where its pool is dead as well",
                        new Bench(),
                        b -> {
                            b.device(0, DiskState.DISKLESS, Bench.SIZE);
                            b.backings.put(0, Observation.unknown(Bench.FAILED_LOOK));
                        },
                        "",
                        ErrorCode.DISK_FAILED),
                row(
                        "a volume out of sight whose disk works is no failed disk",
                        new Bench(),
                        b -> b.backings.put(0, Observation.unknown(Bench.FAILED_LOOK)),
                        "",
                        ErrorCode.OBSERVATION_FAILED));
    }

    static Stream<Arguments> firstContent() {
        Consumer<Bench> allFresh = b -> {
            b.device(0, DiskState.INCONSISTENT, Bench.SIZE);
            b.connected(Bench.N2, 1, DiskState.INCONSISTENT);
            b.firstGeneration(Mode.SKIP_SYNC, Bench.N1, Bench.N1, Bench.N2);
        };
        return Stream.of(
                row("the leader declares new replicas equal", new Bench(), allFresh, "SkipInitialSync"),
                row(
                        "the leader's content is copied where pools do not zero",
                        new Bench(),
                        allFresh.andThen(b -> b.firstGeneration(Mode.FULL_SYNC, Bench.N1, Bench.N1, Bench.N2)),
                        "StartInitialSync"),
                row(
                        "on 8.4 it is noted before that this node becomes Primary for a moment",
                        new Bench(),
                        allFresh.andThen(b -> b.firstGeneration(Mode.FULL_SYNC, Bench.N1, Bench.N1, Bench.N2))
                                .andThen(b -> b.loadEight()),
                        "RememberForcedPrimary StartInitialSync"),
                row(
                        "on 8.4 it is begun again where it did not get to be Primary",
                        new Bench(),
                        allFresh.andThen(b -> b.loadEight()).andThen(b -> b.record = b.record.withForcedPrimary(true)),
                        "SkipInitialSync"),
                row(
                        "one that died as Primary goes back, without a controller too",
                        new Bench(),
                        b -> {
                            b.loadEight();
                            b.role = Role.PRIMARY;
                            b.record = b.record.withForcedPrimary(true);
                            b.confirmed = false;
                        },
                        "DemoteResource RememberForcedPrimary"),
                row(
                        "one that came back is noted",
                        new Bench(),
                        b -> {
                            b.loadEight();
                            b.record = b.record.withForcedPrimary(true);
                        },
                        "RememberForcedPrimary"),
                row(
                        "one that somebody else made Primary stays so",
                        new Bench(),
                        b -> {
                            b.loadEight();
                            b.role = Role.PRIMARY;
                        },
                        ""),
                row(
                        "another node than the leader does nothing",
                        new Bench(),
                        allFresh.andThen(b -> b.firstGeneration(Mode.SKIP_SYNC, Bench.N2, Bench.N1, Bench.N2)),
                        ""),
                row(
                        "it waits for a replica that is not connected",
                        new Bench(),
                        allFresh.andThen(
                                b -> b.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN)),
                        ""),
                row(
                        "it waits while a replica has data",
                        new Bench(),
                        allFresh.andThen(b -> b.connected(Bench.N2, 1, DiskState.UP_TO_DATE)),
                        ""),
                row("it waits while it is Primary", new Bench(), allFresh.andThen(b -> b.role = Role.PRIMARY), ""),
                row(
                        "it is done once",
                        new Bench(),
                        allFresh.andThen(b -> b.device(0, DiskState.UP_TO_DATE, Bench.SIZE)),
                        ""),
                row(
                        "a replica that came later is never declared equal",
                        new Bench(),
                        allFresh.andThen(b -> {
                            b.peer(N3, 2, false);
                            b.connected(N3, 2, DiskState.INCONSISTENT);
                        }),
                        "StartInitialSync"),
                row(
                        "a replica that came later and has data is not overwritten",
                        new Bench(),
                        allFresh.andThen(b -> {
                            b.peer(N3, 2, false);
                            b.connected(N3, 2, DiskState.UP_TO_DATE);
                        }),
                        ""),
                row(
                        "a diskless peer is in nobody's way",
                        new Bench(),
                        allFresh.andThen(b -> {
                            b.peer(N3, 2, true);
                            b.connected(N3, 2, DiskState.DISKLESS);
                        }),
                        "SkipInitialSync"),
                row(
                        "nothing is declared while no controller has confirmed the spec",
                        new Bench(),
                        allFresh.andThen(b -> b.confirmed = false),
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED));
    }

    static Stream<Arguments> growth() {
        Consumer<Bench> backingGrown = b -> {
            b.askForGrowth();
            b.backing(0, Stage.READY, Bytes.ofMib(132));
        };
        return Stream.of(
                row("the backing volume grows first", new Bench(), Bench::askForGrowth, "RememberVolume GrowVolume"),
                row("then the device is resized", new Bench(), backingGrown, "ResizeDevice"),
                row(
                        "only the node with the lowest node id resizes",
                        new Bench(),
                        backingGrown.andThen(b -> b.nodeId = 5),
                        ""),
                row(
                        "a diskless peer with a lower node id resizes nothing",
                        new Bench(),
                        backingGrown.andThen(b -> {
                            b.nodeId = 5;
                            b.peers.clear();
                            b.peer(Bench.N2, 1, true);
                            b.connected(Bench.N2, 1, DiskState.DISKLESS);
                        }),
                        "ResizeDevice"),
                row(
                        "nothing grows while a replica is away",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
                        },
                        ""),
                row(
                        "a replica that leaves is not waited for",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.leaving(Bench.N2);
                            b.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
                        },
                        "RememberVolume GrowVolume"),
                row(
                        "nothing grows while a replica that leaves still looks for its peers",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.leaving(Bench.N2);
                        },
                        ""),
                row(
                        "nothing grows while a replica syncs",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.connected(Bench.N2, 1, DiskState.INCONSISTENT);
                        },
                        ""),
                row(
                        "the new size is noted when the device has it",
                        new Bench(),
                        backingGrown.andThen(b -> b.device(0, DiskState.UP_TO_DATE, Bytes.ofMib(128))),
                        "RememberVolume"),
                row(
                        "nothing grows while no controller has confirmed the spec",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.confirmed = false;
                        },
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED),
                row(
                        "nothing shrinks",
                        new Bench(),
                        b -> b.volume(0, Disposition.PRESENT, Bytes.ofMib(32), Optional.empty()),
                        "",
                        ErrorCode.SHRINK_REFUSED),
                row(
                        "a volume without DRBD grows at once",
                        new Bench(),
                        b -> {
                            b.askForGrowth();
                            b.replicated = false;
                            b.record = ResourceRecord.NOTHING.with(
                                    Bench.replica(0), MadeVolume.settled(Dialect.NONE, Bench.SIZE, true));
                        },
                        "GrowVolume"));
    }

    static Stream<Arguments> peersAndVolumesThatGo() {
        Consumer<Bench> volumeTombstone = b -> {
            b.volume(1, Disposition.REMOVED, Bench.SIZE, Optional.empty());
            b.backing(1, Stage.READY, Bench.GROSS);
            b.made(1, Bench.SIZE);
        };
        return Stream.of(
                row("a former peer is forgotten", new Bench(), b -> b.forget.add(4), "ForgetPeer"),
                row(
                        "a former peer is forgotten once",
                        new Bench(),
                        b -> {
                            b.forget.add(4);
                            b.forgotten.add(4);
                        },
                        ""),
                row("a peer that is still one is not forgotten", new Bench(), b -> b.forget.add(1), ""),
                row(
                        "no peer is forgotten while no controller has confirmed the spec",
                        new Bench(),
                        b -> {
                            b.forget.add(4);
                            b.confirmed = false;
                        },
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED),
                row(
                        "a volume that goes leaves DRBD first",
                        new Bench(),
                        volumeTombstone.andThen(b -> {
                            b.device(1, DiskState.UP_TO_DATE, Bench.SIZE);
                            b.fileCurrent = false;
                        }),
                        "ConfigureResource AdjustResource"),
                row(
                        "a volume that goes and is still in DRBD is not deleted",
                        new Bench(),
                        volumeTombstone.andThen(b -> b.device(1, DiskState.UP_TO_DATE, Bench.SIZE)),
                        "AdjustResource"),
                row("a volume that goes is deleted when DRBD has let go", new Bench(), volumeTombstone, "DeleteVolume"),
                row(
                        "the last volume takes the resource out of DRBD",
                        new Bench(),
                        b -> b.volume(0, Disposition.REMOVED, Bench.SIZE, Optional.empty()),
                        "DownResource RemoveConfiguration"),
                row(
                        "a volume that goes is not deleted while no controller has confirmed the spec",
                        new Bench(),
                        volumeTombstone.andThen(b -> b.confirmed = false),
                        "",
                        ErrorCode.SPEC_NOT_CONFIRMED),
                row(
                        "a foreign volume under the name of one that goes is left alone",
                        new Bench(),
                        volumeTombstone.andThen(
                                b -> b.foreignBacking(1, Optional.of(Bench.CLUSTER), Optional.of(Bench.STRANGER))),
                        ""),
                row(
                        "keep-res keeps a volume that is to go in service",
                        new Bench(),
                        volumeTombstone.andThen(b -> {
                            b.keep = true;
                            b.device(1, DiskState.UP_TO_DATE, Bench.SIZE);
                        }),
                        "",
                        ErrorCode.HELD_BY_KEEP_RES));
    }

    static Stream<Arguments> withoutReplication() {
        Consumer<Bench> local = b -> {
            b.replicated = false;
            b.dialect = Dialect.NONE;
            b.peers.clear();
            b.inKernel = false;
        };
        return Stream.of(
                row("a local volume is created", Bench.fresh(), local, "RememberVolume CreateVolume"),
                row(
                        "a local volume is marked and noted",
                        Bench.fresh(),
                        local.andThen(b -> b.backing(0, Stage.NEW, Bench.GROSS)),
                        "MarkVolumeReady RememberVolume"),
                row(
                        "a local volume that is ready needs nothing",
                        Bench.fresh(),
                        local.andThen(b -> {
                            b.backing(0, Stage.READY, Bench.GROSS);
                            b.record = ResourceRecord.NOTHING.with(
                                    Bench.replica(0), MadeVolume.settled(Dialect.NONE, Bench.SIZE, true));
                        }),
                        ""),
                row(
                        "a local volume that is lost is not made again",
                        Bench.fresh(),
                        local.andThen(b -> b.made(0, Bench.SIZE)),
                        "",
                        ErrorCode.BACKING_VOLUME_MISSING));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({
        "service",
        "rulesThatKeepData",
        "firstContent",
        "growth",
        "peersAndVolumesThatGo",
        "withoutReplication"
    })
    void plans(String name, Bench bench, List<String> steps, Optional<ErrorCode> held) {
        Plan plan = bench.plan();

        assertEquals(steps, kinds(plan), name);
        assertEquals(held, plan.held().map(Problem::code), name);
    }

    @Test
    void theFileNamesTheSizeInUseUntilAGrowthIsThrough() {
        Bench bench = new Bench();
        bench.askForGrowth();

        Bytes before = sizeInFile(bench);
        bench.device(0, DiskState.UP_TO_DATE, Bytes.ofMib(128));
        Bytes after = sizeInFile(bench);

        assertEquals(Bench.SIZE, before);
        assertEquals(Bytes.ofMib(128), after);
    }

    @Test
    void whatIsAskedForBeforeTheFirstAttachDoesNotReachMetadataThatIsMade() {
        Bench bench = Bench.fresh();
        bench.backing(0, Stage.READY, Bench.GROSS);
        bench.metadata.put(0, PRESENT);
        bench.record =
                ResourceRecord.NOTHING.with(Bench.replica(0), MadeVolume.settled(Dialect.DRBD_9, Bench.SIZE, false));
        bench.askForGrowth();

        assertEquals(Bench.SIZE, sizeInFile(bench));
    }

    @Test
    void afterAPowerCutInAGrowthTheMetadataTellsTheSize() {
        Bench bench = Bench.rebooted();
        bench.askForGrowth();

        Bytes notGrownYet = sizeInFile(bench);
        bench.sizesInMetadata.put(0, Bytes.ofMib(96));
        Bytes once = sizeInFile(bench);
        bench.backing(0, Stage.READY, Bytes.ofMib(132));
        Bytes room = sizeInFile(bench);
        bench.sizesInMetadata.put(0, Bytes.ofMib(128));
        Bytes resized = sizeInFile(bench);

        assertEquals(Bench.SIZE, notGrownYet);
        assertEquals(Bytes.ofMib(96), once);
        assertEquals(Bytes.ofMib(128), room, "a peer that has the new size already refuses a smaller one");
        assertEquals(Bytes.ofMib(128), resized);
    }

    @Test
    void fromBeforeABackingVolumeGrowsItIsNotedWhereItsMetadataLies() {
        Bench bench = new Bench();
        bench.askForGrowth();

        List<Step> first = bench.plan().steps();
        bench.record = ResourceRecord.NOTHING.with(Bench.replica(0), made(first));
        bench.backing(0, Stage.READY, Bytes.ofMib(100));
        List<Step> second = bench.plan().steps();
        bench.record = ResourceRecord.NOTHING.with(Bench.replica(0), made(second));
        bench.backing(0, Stage.READY, Bytes.ofMib(132));
        bench.device(0, DiskState.UP_TO_DATE, Bytes.ofMib(128));
        List<Step> resized = bench.plan().steps();

        assertEquals(growing(Bench.GROSS), made(first));
        assertEquals(growing(Bench.GROSS, Bytes.ofMib(100)), made(second));
        assertEquals(
                new MadeVolume(
                        Dialect.DRBD_9, Bytes.ofMib(128), true, Ordered.set(List.of(Bench.GROSS, Bytes.ofMib(100)))),
                made(resized));
    }

    @Test
    void afterAPowerCutInAGrowthTheMetadataIsMovedToTheEndBeforeAnythingLooksForIt() {
        Bench bench = Bench.rebooted();
        bench.askForGrowth();
        bench.backing(0, Stage.READY, Bytes.ofMib(132));
        bench.record = ResourceRecord.NOTHING.with(Bench.replica(0), growing(Bench.GROSS));
        bench.metadata.clear();

        Plan plan = bench.plan();

        assertEquals(Ordered.set(null), Planner.volumesToProbe(bench.spec(), bench.pools, bench.situation()));
        assertEquals(List.of("MoveMetadata", "RememberVolume"), Bench.kinds(plan));
        assertEquals(
                Ordered.set(List.of(Bench.GROSS)),
                ((Step.MoveMetadata) plan.steps().get(0)).formerSizes());
        assertEquals(MadeVolume.settled(Dialect.DRBD_9, Bench.SIZE, true), made(plan.steps()));
    }

    @Test
    void metadataIsNotMovedUnderARunningDevice() {
        Bench bench = new Bench();
        bench.record = ResourceRecord.NOTHING.with(Bench.replica(0), growing(Bytes.ofMib(64)));

        assertEquals(List.of(), bench.plan().steps());
    }

    private static MadeVolume growing(Bytes... formerSizes) {
        return new MadeVolume(Dialect.DRBD_9, Bench.SIZE, true, Ordered.set(List.of(formerSizes)));
    }

    private static MadeVolume made(List<Step> steps) {
        return steps.stream()
                .filter(step -> step instanceof Step.RememberVolume)
                .map(step -> ((Step.RememberVolume) step).made())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunningResourceGetsItsQuorumWhenItsVotersAreConnected() {
        Bench bench = new Bench();
        bench.role = Role.PRIMARY;
        bench.thirdReplicaWithQuorum();

        assertFalse(asksForQuorum(bench), "n3 was not seen");
        assertEquals(
                List.of("n3 to be connected before the quorum is raised"),
                bench.plan().waiting());
        bench.connection(Bench.N3, 2, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
        assertFalse(asksForQuorum(bench), "n3 is not connected");
        bench.connected(Bench.N3, 2, DiskState.INCONSISTENT);
        assertTrue(asksForQuorum(bench));
        assertEquals(List.of(), bench.plan().waiting());
    }

    @Test
    void aQuorumThatWasRaisedStaysWhoeverGoesOutOfSight() {
        Bench bench = Bench.rebooted();
        bench.thirdReplicaWithQuorum();
        bench.fileWithQuorum();

        assertTrue(asksForQuorum(bench));
        assertEquals(List.of(), bench.plan().waiting());
    }

    @Test
    void aResourceThatDidNotRunYetBeginsWithItsQuorum() {
        Bench bench = Bench.fresh();
        bench.thirdReplicaWithQuorum();
        bench.backing(0, Stage.NEW, Bench.GROSS);
        bench.begun(0);

        assertTrue(asksForQuorum(bench));
    }

    @Test
    void aQuorumOfTwoDisksIsRaisedWithTheTieBreakerInSight() {
        Bench bench = new Bench();
        bench.thirdReplicaWithQuorum();
        bench.peer(Bench.N3, 2, true);

        assertFalse(asksForQuorum(bench));
        bench.connected(Bench.N3, 2, DiskState.DISKLESS);
        assertTrue(asksForQuorum(bench));
    }

    @Test
    void aQuorumThatIsNotWantedAnyMoreIsLoweredAtOnce() {
        Bench bench = new Bench();
        bench.fileWithQuorum();

        assertFalse(asksForQuorum(bench));
    }

    private static boolean asksForQuorum(Bench bench) {
        return Planner.file(bench.spec(), bench.pools, bench.situation())
                .orElseThrow()
                .resource()
                .asksForQuorum();
    }

    private static Bytes sizeInFile(Bench bench) {
        return Planner.file(bench.spec(), bench.pools, bench.situation())
                .orElseThrow()
                .resource()
                .volumes()
                .get(0)
                .size();
    }

    @Test
    void aVolumeOfAnOlderIncarnationIsWaitedForAndNotTouched() {
        Bench bench = Bench.fresh();
        bench.replacesOlder = true;
        bench.fileOf(Bench.CLUSTER, Bench.STRANGER);

        Plan plan = bench.plan();

        assertTrue(plan.steps().isEmpty());
        assertTrue(plan.held().isEmpty());
        assertFalse(plan.waiting().isEmpty());
    }

    @Test
    void onlyVolumesThatWereInServiceAndAreNotAttachedAreProbedForMetadata() {
        Bench bench = new Bench();
        bench.volume(1);
        bench.backing(1, Stage.READY, Bench.GROSS);
        bench.volume(2);
        bench.foreignBacking(2, Optional.empty(), Optional.of(UUID.randomUUID()));
        bench.volume(3);
        bench.backing(3, Stage.NEW, Bench.GROSS);

        assertEquals(List.of(1), List.copyOf(Planner.volumesToProbe(bench.spec(), bench.pools, bench.situation())));
    }

    @Test
    void everyStepHasWords() {
        Bench bench = Bench.fresh();
        bench.backing(0, Stage.NEW, Bench.GROSS);
        bench.begun(0);

        List<String> words = bench.plan().steps().stream().map(StepText::of).toList();

        assertEquals(
                List.of(
                        "write the resource file of db1",
                        "note that replica 00000000-0000-0007-0000-000000000000 is made with 64 MiB",
                        "create the DRBD metadata of volume 0 on /dev/vg/db1_00000",
                        "mark backing volume db1_00000 in storage pool fast ready",
                        "note that replica 00000000-0000-0007-0000-000000000000 is in service with 64 MiB",
                        "adjust db1"),
                words);
    }
}
