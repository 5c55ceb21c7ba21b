package io.heddle.core.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ExecCommandRunnerTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private final CommandRunner runner = new ExecCommandRunner();

    @Test
    void anExitCodeIsAResultAndStderrIsKept() {
        CommandResult result = runner.run(Command.query(LONG, "sh", "-c", "echo out; echo err >&2; exit 5"));

        assertEquals(5, result.exitCode());
        assertEquals("out\n", result.output());
        assertTrue(result.explanation().contains("exit code 5: err"), result.explanation());
    }

    @Test
    void aShortCommandIsAnsweredWhenItHasEnded() {
        Duration shortest = IntStream.range(0, 20)
                .mapToObj(run -> runner.run(Command.query(LONG, "true")).duration())
                .min(Comparator.naturalOrder())
                .orElseThrow();

        assertTrue(shortest.toMillis() < 45, shortest.toString());
    }

    @Test
    void argumentsReachTheProgramAsTheyAre() {
        CommandResult result = runner.run(Command.query(LONG, "printf", "%s|", "a b", "\"q\"", "$HOME", "'", ""));

        assertEquals("a b|\"q\"|$HOME|'||", result.output());
    }

    @Test
    void theInputIsReadAndIsEmptyOtherwise() {
        Command command = new Command(List.of("cat"), LONG, false, Optional.of("hello"), Ordered.map(null));

        assertEquals("hello", runner.run(command).output());
        assertEquals("", runner.run(Command.query(LONG, "cat")).output());
    }

    @Test
    void messagesAreInOneLanguage() {
        assertEquals(
                "C",
                runner.run(Command.query(LONG, "sh", "-c", "printf $LC_ALL")).output());
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        HeddleException failure =
                assertThrows(HeddleException.class, () -> runner.run(Command.query(LONG, "no-such-program-here")));

        assertEquals(ErrorCode.COMMAND_NOT_FOUND, failure.code());
    }

    @Test
    void allThatIsPrintedIsKeptOnBothSidesAtOnce() {
        CommandResult result = runner.run(
                Command.query(LONG, "sh", "-c", "seq 100000 >&2 & seq 200000; wait; printf end; printf fin >&2"));

        assertEquals(1288895 + 3, result.output().length());
        assertTrue(result.output().endsWith("200000\nend"));
        assertEquals(588895 + 3, result.errorOutput().length());
    }

    @Test
    void whatACommandLeavesBehindDoesNotHoldItsResult() {
        CommandResult result = runner.run(Command.query(LONG, "sh", "-c", "echo done; sleep 20 &"));

        assertEquals("done\n", result.output());
        assertTrue(result.duration().compareTo(Duration.ofSeconds(15)) < 0, result.toString());
    }

    @Test
    void oneThreadReadsTheOutputOfManyCommands() {
        for (int run = 0; run < 50; run++) {
            runner.run(Command.query(LONG, "echo", "one"));
        }

        long threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("heddle-command-output"))
                .count();
        assertTrue(threads > 0 && threads <= 20, threads + " threads after 50 commands");
    }

    @Test
    void aProgramThatHangsIsKilledAtItsDeadline() {
        HeddleException failure = assertThrows(
                HeddleException.class, () -> runner.run(Command.query(Duration.ofMillis(300), "sleep", "100")));

        assertEquals(ErrorCode.COMMAND_TIMED_OUT, failure.code());
    }

    @Test
    void aStreamGivesLinesAsTheyComeAndTellsItsEnd() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        CompletableFuture<CommandResult> end = new CompletableFuture<>();

        RunningCommand running =
                runner.start(Command.query(LONG, "sh", "-c", "echo one; exec sleep 100"), lines::add, end::complete);
        assertEquals("one", lines.poll(60, TimeUnit.SECONDS));
        running.close();

        assertTrue(end.get(60, TimeUnit.SECONDS).exitCode() != 0);
    }
}
