package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a change of an option makes drbdadm do to a resource that runs: what the catalogue says. */
class AdjustedOptionsTest {
    private static final Map<Integer, String> DEVICES = Map.of(0, "/dev/vg0/db1_00000");
    private static final String RECORDED = "drbd-utils-9.22.0";

    @TempDir
    Path directory;

    static Stream<DrbdOption> options() {
        return DrbdOptionCatalogue.all().stream().filter(option -> option.type() != DrbdOption.Type.RESERVED);
    }

    /** Both ways, since an option that is unset is changed as well. */
    @ParameterizedTest
    @MethodSource("options")
    void noConnectionIsTakenAwayForAnOptionThatIsLive(DrbdOption option) throws IOException {
        assumeInstalled();
        ToolOptions tools = new ToolOptions(new DrbdTools(new ExecCommandRunner()));
        Map<String, String> one = Map.of(option.name(), someValue(option));

        CommandResult set = adjust(text(option, one, tools), show(option, Map.of()));
        CommandResult unset = adjust(
                text(option, Map.of(), tools),
                show(option, tools.test(option) && option.section() != OptionSection.HANDLERS ? one : Map.of()));

        for (CommandResult result : List.of(set, unset)) {
            assertEquals(0, result.exitCode(), result.errorOutput());
            boolean fixed = option.change() == DrbdOption.Change.NEW_CONNECTION && tools.test(option);
            assertEquals(fixed, result.output().contains("del-peer"), result.output());
            if (!fixed) {
                assertTrue(
                        result.output()
                                .lines()
                                .allMatch(line -> line.matches("drbdsetup (net|disk|resource|peer-device)-options .*")),
                        result.output());
            }
        }
    }

    /** Else each boot of a satellite could take connections away. */
    @Test
    void evenToAskForTheDefaultTransportByNameTakesConnectionsAway() throws IOException {
        assumeInstalled();
        DrbdOption transport =
                DrbdOptionCatalogue.find("DrbdOptions/Net/transport").orElseThrow();
        Map<String, String> byName = Map.of("transport", "tcp");

        assertEquals(
                "",
                adjust(text(transport, Map.of(), option -> true), show(transport, Map.of()))
                        .output());
        assertTrue(adjust(text(transport, byName, option -> true), show(transport, Map.of()))
                .output()
                .contains("del-peer"));
    }

    @Test
    void anOptionThatDrbdsetupHasAndDrbdadmCannotReadIsLeftOut() {
        ScriptedRunner runner = new ScriptedRunner()
                .recorded("drbdsetup xml-help disk-options", RECORDED + "/xml-help-disk-options")
                .recorded("drbdsetup xml-help new-minor", RECORDED + "/xml-help-new-minor");
        ToolOptions tools = new ToolOptions(new DrbdTools(runner));

        assertFalse(tools.test(disk("max-bio-size")));
        assertFalse(tools.test(disk("block-size")));
        assertTrue(tools.test(disk("al-extents")));
    }

    @Test
    void theFileSaysWhatItsConnectionsWereMadeWith() {
        VolumeSpec volume = Specs.volume(0, 1000);
        ResourceSpec spec = Specs.with(
                Specs.resource("n1"),
                List.of(volume),
                List.of(
                        Specs.with(
                                Specs.peer("n2", 1, "10.1.0.2", volume),
                                Map.of("transport", "lb-tcp", "load-balance-paths", "yes", "max-buffers", "8000"),
                                Map.of("c-plan-ahead", "11")),
                        Specs.peer("n3", 2, "10.1.0.3", volume)));

        ResourceFile file = new ResourceFile(
                ResourceFileWriter.write(Specs.CLUSTER, spec, DEVICES, Dialect.DRBD_9, "9.2.18", option -> true));

        assertEquals(
                Map.of("n2", Map.of("transport", "lb-tcp", "load-balance-paths", "yes"), "n3", Map.of()), file.fixed());
        assertEquals(spec.fixedOptions(), file.fixed());
    }

    private static DrbdOption disk(String name) {
        return DrbdOptionCatalogue.find(OptionSection.DISK.prefix() + name).orElseThrow();
    }

    private static String someValue(DrbdOption option) {
        return switch (option.type()) {
            case BOOLEAN -> option.initial().filter("yes"::equals).isPresent() ? "no" : "yes";
            case NUMBER, NUMBER_OR_WORD ->
                Long.toString(option.minimum().getAsLong() + 1)
                                .equals(option.initial().orElse(""))
                        ? Long.toString(option.minimum().getAsLong() + 2)
                        : Long.toString(option.minimum().getAsLong() + 1);
            case WORD ->
                option.words().stream()
                        .filter(word -> !word.equals(option.initial().orElse("")))
                        .findFirst()
                        .orElseThrow();
            case TEXT -> "sha256";
            case COMMAND -> "/bin/true";
            case RESERVED -> throw new IllegalArgumentException(option.key());
        };
    }

    private static String text(DrbdOption option, Map<String, String> options, Predicate<DrbdOption> tools)
            throws IOException {
        VolumeSpec volume = Specs.volume(0, 1000);
        PeerSpec peer = Specs.peer("n2", 1, "10.1.0.2", volume);
        OptionSection section = option.section();
        VolumeSpec own = section == OptionSection.DISK ? Specs.with(volume, options) : volume;
        PeerSpec theirs = switch (section) {
            case NET -> Specs.with(peer, options, Map.of());
            case PEER_DEVICE -> Specs.with(peer, Map.of(), options);
            default -> peer;
        };
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        ResourceSpec resource = Specs.with(
                Specs.resource(host),
                Specs.RESOURCE,
                List.of(own),
                List.of(theirs),
                section == OptionSection.RESOURCE ? options : Map.of());
        return ResourceFileWriter.write(
                Specs.CLUSTER,
                section == OptionSection.HANDLERS ? Specs.with(resource, options) : resource,
                DEVICES,
                Dialect.DRBD_9,
                "9.3.3",
                tools);
    }

    /** What {@code drbdsetup show} prints of that resource while it runs. */
    private static String show(DrbdOption option, Map<String, String> options) {
        String in = options.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue() + ";")
                .findFirst()
                .orElse("");
        OptionSection section = option.section();
        return "resource \"db1\" {\n"
                + "  options { " + (section == OptionSection.RESOURCE ? in : "") + " }\n"
                + "  _this_host { node-id 0; volume 0 {\n"
                + "    device minor 1000; disk \"/dev/vg0/db1_00000\"; meta-disk internal;\n"
                + "    disk { size 131072s; " + (section == OptionSection.DISK ? in : "") + " }\n"
                + "  } }\n"
                + "  connection {\n"
                + "    _peer_node_id 1;\n"
                + "    path { _this_host ipv4 10.1.0.1:7000; _remote_host ipv4 10.1.0.2:7000; }\n"
                + "    net { cram-hmac-alg \"sha256\"; shared-secret \"" + Specs.SECRET + "\"; _name \"n2\"; "
                + (section == OptionSection.NET && !in.startsWith("cram-hmac-alg") ? in : "") + " }\n"
                + "    volume 0 { disk { " + (section == OptionSection.PEER_DEVICE ? in : "") + " } }\n"
                + "  }\n"
                + "}\n";
    }

    private CommandResult adjust(String file, String show) throws IOException {
        Path configuration = Files.writeString(directory.resolve("db1.res"), file);
        Path running = Files.writeString(directory.resolve("show"), show);
        return new ExecCommandRunner()
                .run(new Command(
                        List.of("drbdadm", "-c", configuration.toString(), "-d", "adjust", "db1"),
                        Duration.ofMinutes(1),
                        false,
                        Optional.empty(),
                        Ordered.map(Map.of(
                                "DRBD_DRIVER_VERSION_OVERRIDE", "9.2.18", "FAKE_DRBDSETUP_SHOW", running.toString()))));
    }

    private static void assumeInstalled() {
        boolean installed = Files.isExecutable(Path.of("/usr/sbin/drbdadm"));
        if (!installed) {
            System.out.println("skipped: needs the real drbdadm, and drbd-utils are not installed");
        }
        Assumptions.assumeTrue(installed, "drbd-utils are not installed");
    }
}
