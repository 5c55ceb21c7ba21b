package io.heddle.drbd;

import static io.heddle.drbd.Specs.CLUSTER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.KernelStatus.Dialect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Golden files: {@code -Dgolden.update=true} writes them anew for review. */
class ResourceFileWriterTest {
    private static final Path GOLDEN = Path.of("src/test/resources/res");
    private static final Map<Integer, String> DEVICES = Map.of(0, "/dev/vg0/db1_00000", 1, "/dev/vg0/db1_00001");

    /** What a golden file shows. */
    enum Case {
        TWO_REPLICAS(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                return Specs.twoNodes();
            }
        },
        THREE_REPLICAS_WITH_OPTIONS(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec first =
                        Specs.with(Specs.volume(0, 1000), Map.of("on-io-error", "detach", "al-extents", "6007"));
                VolumeSpec second = Specs.volume(1, 1001);
                return Specs.with(
                        Specs.resource("n1"),
                        Specs.RESOURCE,
                        List.of(first, second),
                        List.of(
                                Specs.with(
                                        Specs.peer("n2", 1, "10.1.0.2", first, second),
                                        Map.of("protocol", "C", "max-buffers", "8000", "cram-hmac-alg", "sha1"),
                                        Map.of("c-plan-ahead", "10", "c-max-rate", "400M")),
                                Specs.peer("n3.example.org", 2, "10.1.0.3", first, second)),
                        Map.of("quorum", "majority", "on-no-quorum", "suspend-io"));
            }
        },
        HANDLERS_AND_OPTIONS_OF_A_VOLUME(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec first = Specs.volume(0, 1000);
                VolumeSpec second = Specs.volume(1, 1001);
                PeerSpec peer = Specs.with(
                        Specs.peer("n2", 1, "10.1.0.2", first, second),
                        Map.of("protocol", "C"),
                        Map.of("c-plan-ahead", "10", "c-max-rate", "400M"));
                return Specs.with(
                        Specs.with(
                                Specs.resource("n1"),
                                List.of(first, second),
                                List.of(Specs.with(peer, 1, Map.of("c-plan-ahead", "44")))),
                        Map.of(
                                "quorum-lost",
                                "/usr/lib/drbd/notify-quorum-lost.sh root",
                                "split-brain",
                                "logger 'brain of' $DRBD_RESOURCE; exit 0"));
            }
        },
        TIE_BREAKER_AND_PATHS(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec volume = Specs.volume(0, 1000);
                PeerSpec peer = Specs.over(
                        Specs.peer("n2", 1, "10.1.0.2", volume),
                        Specs.path("10.1.0.1", 7000, "10.1.0.2", 7001),
                        Specs.path("fd00::1", 7000, "fd00::2", 7001));
                return Specs.with(
                        Specs.resource("n1"),
                        List.of(volume),
                        List.of(peer, Specs.diskless(Specs.peer("n3", 2, "10.1.0.3", volume))));
            }
        },
        DISKLESS_HERE(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec volume = Specs.volume(0, 1000);
                return Specs.with(
                        Specs.resource("n1"),
                        List.of(Specs.diskless(volume)),
                        List.of(Specs.peer("n2", 1, "10.1.0.2", volume)));
            }
        },
        ONE_REPLICA(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                return Specs.resource("n1");
            }
        },
        A_VOLUME_REMOVED(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec first = Specs.volume(0, 1000);
                VolumeSpec second = Specs.volume(1, 1001);
                return Specs.with(
                        Specs.resource("n1"),
                        List.of(first, Specs.removed(second)),
                        List.of(Specs.peer("n2", 1, "10.1.0.2", first, second)));
            }
        },
        A_VOLUME_THE_PEER_LACKS(Dialect.DRBD_9) {
            @Override
            ResourceSpec spec() {
                VolumeSpec first = Specs.volume(0, 1000);
                return Specs.with(
                        Specs.resource("n1"),
                        List.of(first, Specs.volume(1, 1001)),
                        List.of(Specs.peer("n2", 1, "10.1.0.2", first)));
            }
        },
        TWO_REPLICAS_84(Dialect.DRBD_8_4) {
            @Override
            ResourceSpec spec() {
                return Specs.twoNodes();
            }
        },
        ONE_REPLICA_84(Dialect.DRBD_8_4) {
            @Override
            ResourceSpec spec() {
                return Specs.resource("n1");
            }
        },
        OPTIONS_84(Dialect.DRBD_8_4) {
            @Override
            ResourceSpec spec() {
                VolumeSpec first = Specs.with(
                        Specs.volume(0, 1000),
                        Map.of("on-io-error", "detach", "block-size", "4096", "c-plan-ahead", "5"));
                VolumeSpec second = Specs.volume(1, 1001);
                PeerSpec peer = Specs.with(
                        Specs.peer("n2", 1, "10.1.0.2", first, second),
                        Map.of(
                                "protocol",
                                "C",
                                "fencing",
                                "resource-only",
                                "rr-conflict",
                                "retry-connect",
                                "load-balance-paths",
                                "yes"),
                        Map.of("c-plan-ahead", "10", "peer-tiebreaker", "no"));
                return Specs.with(
                        Specs.with(
                                Specs.resource("n1"),
                                Specs.RESOURCE,
                                List.of(first, second),
                                List.of(Specs.with(peer, 1, Map.of("c-plan-ahead", "44"))),
                                Map.of("quorum", "majority", "on-no-data-accessible", "suspend-io")),
                        Map.of("quorum-lost", "/bin/true", "split-brain", "/usr/lib/drbd/notify-split-brain.sh root"));
            }
        };

        private final Dialect dialect;

        Case(Dialect dialect) {
            this.dialect = dialect;
        }

        abstract ResourceSpec spec();

        String text(ResourceSpec spec) {
            return ResourceFileWriter.write(CLUSTER, spec, DEVICES, dialect, "9.2.18", option -> true);
        }

        Path golden() {
            return GOLDEN.resolve(name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".res");
        }
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void writesTheGoldenFile(Case golden) throws IOException {
        String text = golden.text(golden.spec());

        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(golden.golden(), text);
        }
        assertEquals(Files.readString(golden.golden()), text);
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void theRealDrbdadmTakesIt(Case golden, @TempDir Path directory) throws IOException {
        DrbdadmDryRun.assumeInstalled();
        String text = golden.text(DrbdadmDryRun.onThisHost(golden.spec()));
        Path file = Files.writeString(directory.resolve("db1.res"), text);

        CommandResult result = DrbdadmDryRun.adjust(file, golden.dialect);

        assertTrue(result.succeeded(), result::explanation);
        String complaints = result.errorOutput()
                .lines()
                .filter(line -> !line.startsWith("modinfo: "))
                .reduce("", (all, line) -> all + line + "\n");
        assertEquals("", complaints);
        String first =
                golden.dialect == Dialect.DRBD_9 ? "drbdsetup new-resource db1 0" : "drbdsetup-84 new-resource db1";
        assertTrue(result.output().startsWith(first), result::output);
        boolean diskful = golden.spec().volumes().get(0).backing().isPresent();
        assertEquals(diskful, result.output().contains("--size=65536k"), result::output);
        golden.spec()
                .peers()
                .forEach(peer -> assertTrue(
                        result.output().contains(peer.paths().get(0).remote().value()), result::output));
    }

    @ParameterizedTest
    @EnumSource(Case.class)
    void whatItWritesIsReadBack(Case golden) {
        ResourceFile file = new ResourceFile(golden.text(golden.spec()));

        assertTrue(file.isOurs());
        assertTrue(file.isWhole());
        assertEquals(Optional.of(CLUSTER), file.cluster());
        assertEquals(Optional.of(Specs.RESOURCE), file.resource());
        assertEquals(golden.dialect, file.dialect());
        assertEquals("n1", file.hosts().get(0));
        int nobody = golden == Case.ONE_REPLICA_84 ? 1 : 0;
        assertEquals(golden.spec().peers().size() + nobody, file.hosts().size() - 1);
        ResourceFile.LocalVolume volume = file.volumes().get(0);
        assertEquals(1000, volume.minor());
        if (golden != Case.DISKLESS_HERE) {
            assertEquals(Optional.of("/dev/vg0/db1_00000"), volume.device());
            assertEquals(Optional.of(Bytes.ofMib(64)), volume.size());
            assertEquals(
                    golden.dialect == Dialect.DRBD_9 ? golden.spec().quorum() : Optional.empty(),
                    new ResourceFile(golden.text(golden.spec())).quorum());
        }
    }

    @Test
    void aFileThatLostItsEndIsNotWhole() {
        String text = Case.TWO_REPLICAS.text(Specs.twoNodes());

        for (int length = 0; length < text.length(); length++) {
            assertFalse(new ResourceFile(text.substring(0, length)).isWhole(), "of " + length);
        }
    }

    @Test
    void anotherSizeChangesOneLineOnly() {
        VolumeSpec second = Specs.volume(1, 1001);
        ResourceSpec spec = Specs.with(
                Specs.resource("n1"),
                List.of(Specs.volume(0, 1000), second),
                List.of(Specs.peer("n2", 1, "10.1.0.2", Specs.volume(0, 1000), second)));
        ResourceSpec grown =
                Specs.with(spec, List.of(spec.volumes().get(0), Specs.sized(second, Bytes.ofMib(100))), spec.peers());

        ResourceFile file = new ResourceFile(Case.TWO_REPLICAS.text(spec)).withSize(1, Bytes.ofMib(100));

        assertEquals(Case.TWO_REPLICAS.text(grown), file.text());
    }

    @Test
    void eightRefusesAThirdReplica() {
        VolumeSpec volume = Specs.volume(0, 1000);
        ResourceSpec three = Specs.with(
                Specs.resource("n1"),
                List.of(volume),
                List.of(Specs.peer("n2", 1, "10.1.0.2", volume), Specs.peer("n3", 2, "10.1.0.3", volume)));

        HeddleException refused = assertThrows(HeddleException.class, () -> Case.TWO_REPLICAS_84.text(three));

        assertEquals(ErrorCode.NOT_SUPPORTED, refused.code());
        assertTrue(refused.why().contains("this resource has 3"), refused::why);
    }

    @Test
    void eightRefusesDisklessReplicas() {
        VolumeSpec volume = Specs.volume(0, 1000);
        PeerSpec peer = Specs.peer("n2", 1, "10.1.0.2", volume);
        ResourceSpec there = Specs.with(Specs.resource("n1"), List.of(volume), List.of(Specs.diskless(peer)));
        ResourceSpec here = Specs.with(Specs.resource("n1"), List.of(Specs.diskless(volume)), List.of(peer));

        for (ResourceSpec spec : List.of(there, here)) {
            HeddleException refused = assertThrows(HeddleException.class, () -> Case.TWO_REPLICAS_84.text(spec));
            assertEquals(ErrorCode.NOT_SUPPORTED, refused.code());
        }
    }

    @Test
    void whoVotesIsReadBack() {
        VolumeSpec volume = Specs.volume(0, 1000);
        PeerSpec tieBreaker = Specs.diskless(Specs.peer("n3", 2, "10.1.0.3", volume));
        PeerSpec client =
                Specs.diskless(Specs.peer("n4", 3, "10.1.0.4", volume)).asTieBreaker(false);
        ResourceSpec spec = Specs.with(
                Specs.resource("n1"),
                List.of(volume),
                List.of(Specs.peer("n2", 1, "10.1.0.2", volume), tieBreaker, client));

        ResourceFile file = new ResourceFile(Case.TWO_REPLICAS.text(spec));

        assertEquals(Set.of(1), file.voters());
        assertEquals(Set.of(2), file.tieBreakers());
        assertEquals(spec.tieBreakers(), file.tieBreakers());
    }

    @Test
    void anOptionCannotBreakOutOfItsLine() {
        for (Map<String, String> options : List.of(
                Map.of("protocol", "C; } }"),
                Map.of("protocol", "C\"; shared-secret \"x"),
                Map.of("protocol; x", "C"),
                Map.of("protocol", "C\n"),
                Map.of("protocol", ""))) {
            VolumeSpec volume = Specs.volume(0, 1000);
            PeerSpec peer = Specs.with(Specs.peer("n2", 1, "10.1.0.2", volume), options, Ordered.map(null));
            ResourceSpec spec = Specs.with(Specs.resource("n1"), List.of(volume), List.of(peer));
            if (options.equals(Map.of("protocol", "C; } }"))) {
                assertTrue(Case.TWO_REPLICAS.text(spec).contains("protocol \"C; } }\";"));
            } else {
                HeddleException refused = assertThrows(HeddleException.class, () -> Case.TWO_REPLICAS.text(spec));
                assertEquals(ErrorCode.INVALID_PROPERTY, refused.code());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"9.1.0,false", "9.1.6,false", "9.1.7,true", "9.1.23,true", "9.2.0,true", "9.3.3-1,true", "10.0.0,true"})
    void whatTheLoadedModuleDoesNotKnowIsLeftOut(String moduleVersion, boolean known) {
        ResourceSpec two = Specs.twoNodes();
        ResourceSpec spec = Specs.with(
                two,
                two.uuid(),
                two.volumes(),
                two.peers(),
                Map.of("quorum", "majority", "on-suspended-primary-outdated", "force-secondary"));

        String text = ResourceFileWriter.write(CLUSTER, spec, DEVICES, Dialect.DRBD_9, moduleVersion, option -> true);

        assertEquals(known, text.contains("on-suspended-primary-outdated force-secondary;"));
        assertTrue(text.contains("quorum majority;"));
    }

    @Test
    void whatTheInstalledToolsDoNotKnowIsLeftOutAndNamed() {
        VolumeSpec volume = Specs.volume(0, 1000);
        PeerSpec peer = Specs.with(
                Specs.peer("n2", 1, "10.1.0.2", volume),
                Map.of("tls", "yes", "max-buffers", "8000"),
                Map.of("resync-without-replication", "no", "c-plan-ahead", "10"));
        ResourceSpec spec = Specs.with(Specs.resource("n1"), List.of(volume), List.of(peer));

        String text = ResourceFileWriter.write(
                CLUSTER,
                spec,
                DEVICES,
                Dialect.DRBD_9,
                "9.2.18",
                option -> !option.name().equals("tls"));

        assertFalse(text.contains("tls yes;"), text);
        assertTrue(text.contains("max-buffers 8000;"), text);
        assertTrue(text.contains("resync-without-replication no;"), text);
        assertTrue(text.contains("left out: tls\n"), text);
    }

    @Test
    void aHandlerCannotBreakOutOfItsQuotes() {
        for (String command : List.of("x\"; } net { shared-secret \"y", "a\\", "two\nlines", "", "x".repeat(256))) {
            ResourceSpec spec = Specs.with(Specs.twoNodes(), Map.of("split-brain", command));

            HeddleException refused = assertThrows(HeddleException.class, () -> Case.TWO_REPLICAS.text(spec));

            assertEquals(ErrorCode.INVALID_PROPERTY, refused.code());
        }
    }

    @Test
    void theDialectsAgreeWithTheCatalogueOnWhatEightHas() {
        for (DrbdOption option : DrbdOptionCatalogue.all()) {
            if (option.type() != DrbdOption.Type.RESERVED) {
                Drbd84Options eight = new Drbd84Options();
                Map<String, String> one = Map.of(option.name(), option.initial().orElse("x"));
                Map<String, String> kept = switch (option.section()) {
                    case RESOURCE -> eight.resource(one);
                    case NET -> option.name().equals("fencing") ? eight.disk(one) : eight.net(one);
                    case DISK, PEER_DEVICE -> eight.disk(one);
                    case HANDLERS -> eight.handlers(one);
                };
                assertEquals(option.knownTo("8.4.11"), !kept.isEmpty(), option.key());
            }
        }
    }

    @Test
    void aVolumeWithoutItsDeviceIsNotWritten() {
        HeddleException refused = assertThrows(
                HeddleException.class,
                () -> ResourceFileWriter.write(
                        CLUSTER, Specs.twoNodes(), Map.of(), Dialect.DRBD_9, "9.2.18", option -> true));

        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refused.code());
    }

    /** The real parser, which says what it would do and needs no module for that. */
    private static final class DrbdadmDryRun {
        static void assumeInstalled() {
            boolean installed = Files.isExecutable(Path.of("/usr/sbin/drbdadm"));
            if (!installed) {
                System.out.println("skipped: needs the real drbdadm, and drbd-utils are not installed");
            }
            org.junit.jupiter.api.Assumptions.assumeTrue(installed, "drbd-utils are not installed");
        }

        /** The same spec for this machine, since drbdadm only works for the host it is on. */
        static ResourceSpec onThisHost(ResourceSpec spec) throws IOException {
            String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            return Specs.with(Specs.resource(host), spec.uuid(), spec.volumes(), spec.peers(), spec.resourceOptions());
        }

        static CommandResult adjust(Path file, Dialect dialect) {
            String version = dialect == Dialect.DRBD_9 ? "9.2.18" : "8.4.11";
            return new ExecCommandRunner()
                    .run(new Command(
                            List.of("drbdadm", "-c", file.toString(), "-d", "adjust", "db1"),
                            Duration.ofMinutes(1),
                            false,
                            Optional.empty(),
                            Ordered.map(Map.of("DRBD_DRIVER_VERSION_OVERRIDE", version))));
        }
    }
}
