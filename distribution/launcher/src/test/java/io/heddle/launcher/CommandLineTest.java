package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void withoutArgumentsItRuns() throws Exception {
        assertEquals(
                new CommandLine(CommandLine.Action.RUN, Optional.empty(), Map.of(), List.of()), CommandLine.parse());
    }

    @Test
    void settingsAndTheFileAreTaken() throws Exception {
        CommandLine line = CommandLine.parse("--check", "--config=/a/b.conf", "--keep-res=vm-100", "--claim-from=");

        assertEquals(CommandLine.Action.CHECK, line.action());
        assertEquals(Optional.of(Path.of("/a/b.conf")), line.file());
        assertEquals(Map.of("keep-res", "vm-100", "claim-from", ""), line.settings());
    }

    @Test
    void aTrainingRunHasPages() throws Exception {
        assertEquals(List.of("/a", "/b"), CommandLine.parse("--train=/a,/b").pages());
    }

    @Test
    void anythingElseIsRefused() {
        assertEquals(
                "Argument keep-res=x is not known; heddled --help shows what is.\n"
                        + "Argument --keep-res is not known; heddled --help shows what is.",
                assertThrows(RefusedException.class, () -> CommandLine.parse("keep-res=x", "--keep-res"))
                        .getMessage());
    }
}
