package io.heddle.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ResourceRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line without a controller. What needs one is tested in the container. */
@Timeout(120)
class HeddleTest {
    @TempDir
    Path home;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCommandAndEveryWordOfItIsExplained() {
        List<String> unexplained = new ArrayList<>();
        explain(Heddle.commandLine(new Session(new PrintWriter(out), new PrintWriter(err), Map.of())), unexplained);

        assertEquals(List.of(), unexplained);
    }

    private static void explain(CommandLine line, List<String> unexplained) {
        CommandLine.Model.CommandSpec spec = line.getCommandSpec();
        if (spec.usageMessage().description().length == 0) {
            unexplained.add(spec.qualifiedName());
        }
        for (CommandLine.Model.OptionSpec option : spec.options()) {
            if (option.description().length == 0) {
                unexplained.add(spec.qualifiedName() + " " + option.longestName());
            }
        }
        line.getSubcommands().values().stream().distinct().forEach(sub -> explain(sub, unexplained));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node create pve1 10.1.0.11",
                "resource-group create vms --place-count 3 -s drbdpool",
                "rg m vms --nodes - -d -",
                "resource-group delete vms",
                "node interface create pve1 data 10.2.0.11",
                "node list",
                "n l",
                "storage-pool create lvmthin pve1 drbdpool pve/drbdpool",
                "storage-pool set-property pve1 drbdpool PrefNic data",
                "resource-definition create vm-100-disk-1",
                "volume-definition create vm-100-disk-1 4G",
                "resource create vm-100-disk-1 --auto-place 3 -s drbdpool",
                "resource create pve1 pve2 vm-100-disk-1 -s drbdpool",
                "resource list",
                "-m resource list",
                "resource list -m",
                "resource delete pve1 vm-100-disk-1",
                "resource promote pve2 vm-100-disk-1 --peer-is-dead",
                "resource toggle-disk pve3 vm-100-disk-1 -s drbdpool",
                "resource toggle-disk pve3 vm-100-disk-1 --diskless",
                "resource toggle-disk pve3 vm-100-disk-1 -s drbdpool --migrate-from pve1",
                "controller rest open 10.1.0.0/16 --role operator",
                "controller drbd-options --after-sb-0pri=discard-zero-changes --after-sb-1pri=discard-secondary"
                        + " --after-sb-2pri=disconnect",
                "controller drbd-options --max-buffers=36864 --rcvbuf-size=2097152 --sndbuf-size=1048576",
                "controller drbd-options --c-fill-target=10240 --c-max-rate=737280 --c-min-rate=20480"
                        + " --c-plan-ahead=10",
                "controller drbd-options --list",
                "resource-group drbd-options DfltRscGrp --unset-max-buffers",
                "resource-definition drbd-options vm-100-disk-1 --protocol A",
                "volume-definition drbd-options vm-100-disk-1 0 --on-io-error=detach",
                "resource drbd-options pve1 vm-100-disk-1 --all",
                "resource drbd-peer-options pve1 pve2 vm-100-disk-1 --ping-timeout 9",
                "resource-connection drbd-peer-options pve1 pve2 vm-100-disk-1 --volume 0 --c-plan-ahead=5",
                "node-connection drbd-peer-options pve1 pve2 --unset-ping-timeout",
                "node delete pve1",
                "storage-pool delete pve1 drbdpool",
                "volume-definition delete vm-100-disk-1 0",
                "resource-definition delete vm-100-disk-1"
            })
    void theStorysCommandsReachForTheController(String command) throws IOException {
        int status = run(closedPort(), command);

        assertEquals(Session.REFUSED, status, err.toString());
        assertTrue((out.toString() + err).contains("no controller answers at 127.0.0.1"), out.toString() + err);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node",
                "node create pve1",
                "resource create db1",
                "storage-pool create x a b c",
                "resource toggle-disk pve3 vm-100-disk-1 --diskless -s drbdpool",
                "resource toggle-disk pve3 vm-100-disk-1 --diskless --migrate-from pve1",
                "node-connection"
            })
    void aWrongCommandLineIsAnsweredWithItsUse(String command) throws IOException {
        assertEquals(2, run(closedPort(), command));
        assertTrue(err.toString().contains("Usage: heddle"), err.toString());
    }

    @Test
    void aMisspeltCommandIsAnsweredWithTheNearest() throws IOException {
        assertEquals(2, run(closedPort(), "nodes list"));
        assertTrue(err.toString().contains("Did you mean: heddle node"), err.toString());
    }

    @Test
    void aMisspeltOptionIsAnsweredWithTheNearest() throws IOException {
        assertEquals(2, run(closedPort(), "controller drbd-options --max-bufers=1"));
        assertTrue(err.toString().contains("--max-buffers"), err.toString());
    }

    @Test
    void aFailureIsJsonWhereJsonIsAskedFor() throws IOException {
        run(closedPort(), "-m node list");

        assertTrue(out.toString().contains("\"code\" : \"LINK_LOST\""), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void helpNeedsNoController() throws IOException {
        assertEquals(0, run(closedPort(), "resource create --help"));
        assertTrue(out.toString().contains("--auto-place"), out.toString());
        assertTrue(out.toString().contains("Examples:"), out.toString());
    }

    @Test
    void whoeverIsNotRootIsToldHowToConnect() {
        int status = Heddle.execute(
                List.of("node", "list"),
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of("HOME", home.toString(), "HEDDLE_STATE_DIRECTORY", home.toString()));

        assertEquals(Session.REFUSED, status);
        assertTrue(err.toString().contains("UNAUTHENTICATED"), err.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "pve1,pve1,3369",
        "10.1.0.123:3380,10.1.0.123,3380",
        "[fd00::1]:3380,fd00::1,3380",
        "fd00::1,fd00::1,3369"
    })
    void anAddressMayHaveAPort(String text, String host, int port) {
        assertEquals(new Endpoint(host, port), Endpoint.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host:", "host:port", "host:70000", "[]:1"})
    void whatIsNoAddressIsRefused(String text) {
        assertThrows(Refusal.class, () -> Endpoint.parse(text));
    }

    @Test
    void aRefusalOfTheControllersIsShownWithItsCorrection() {
        Refusal refusal = Refusal.parse(
                "NODE_EXISTS: cannot create node pve1\nwhy: it is there: since\nnoon\ncorrection: choose");

        assertEquals("NODE_EXISTS", refusal.code());
        assertEquals("cannot create node pve1", refusal.what());
        assertEquals("it is there: since\nnoon", refusal.why());
        assertEquals("choose", refusal.correction());
        assertEquals("something else", Refusal.parse("something else").what());
    }

    @Test
    void whatAResourceWaitsForIsBelowItsState() {
        ResourceRow waiting = new ResourceRow(
                "db1",
                "n1",
                7000,
                "InUse",
                "Ok",
                "UpToDate",
                "WORKING",
                List.of(),
                List.of("n3 to come"),
                "",
                "",
                "",
                Map.of());
        ResourceRow held = new ResourceRow(
                "db1",
                "n1",
                7000,
                "InUse",
                "Ok",
                "UpToDate",
                "HELD",
                List.of(),
                List.of(),
                "X: it is so",
                "do that",
                "",
                Map.of());

        ResourceRow syncing = new ResourceRow(
                "db1",
                "n1",
                7000,
                "Unused",
                "Ok",
                "SyncTarget(42.10%)",
                "READY",
                List.of("SyncTarget from n2: 42 %, 118 MiB/s, 1 m 20 s left"),
                List.of(),
                "",
                "",
                "",
                Map.of());

        assertEquals("SyncTarget from n2: 42 %, 118 MiB/s, 1 m 20 s left", ResourceCommands.state(syncing));
        assertEquals("UpToDate\nn3 to come", ResourceCommands.state(waiting));
        assertEquals("UpToDate\nX: it is so - do that", ResourceCommands.state(held));
    }

    @Test
    void tablesLineUp() {
        Table table = new Table("Node", "State");
        table.row("pve1", "OFFLINE\nsince noon");

        assertEquals("""
                ┌──────┬────────────┐
                │ Node │ State      │
                ├──────┼────────────┤
                │ pve1 │ OFFLINE    │
                │      │ since noon │
                └──────┴────────────┘
                """, table.toString());
        assertFalse(table.toString().isEmpty());
    }

    private int run(int port, String command) {
        return Heddle.execute(
                List.of(command.split(" ")),
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of(
                        "HOME",
                        home.toString(),
                        "HEDDLE_CONTROLLERS",
                        "127.0.0.1:" + port,
                        "HEDDLE_USER",
                        "admin",
                        "HEDDLE_SECRET",
                        "x"));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
