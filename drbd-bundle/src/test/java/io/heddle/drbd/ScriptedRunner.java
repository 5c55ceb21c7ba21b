package io.heddle.drbd;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Knows the answers to some commands, mostly recorded ones, and fails on any other. Remembers what was run. */
final class ScriptedRunner implements CommandRunner {
    private static final Path RECORDED = Path.of("src/test/resources/recorded");

    /** A stream that a test feeds. */
    static final class Stream implements RunningCommand {
        private final Command command;
        private final Consumer<String> lines;
        private final Consumer<CommandResult> ended;
        private volatile boolean closed;

        private Stream(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
            this.command = command;
            this.lines = lines;
            this.ended = ended;
        }

        void print(String... printed) {
            for (String line : printed) {
                lines.accept(line);
            }
        }

        void end(int exitCode, String errors) {
            ended.accept(new CommandResult(command, exitCode, "", errors, Duration.ZERO));
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private record Answer(int exitCode, String output, String errors) {}

    private final Map<String, List<Answer>> answers = new ConcurrentHashMap<>();
    private final List<String> ran = new CopyOnWriteArrayList<>();
    private final List<Stream> streams = new CopyOnWriteArrayList<>();

    /** Answers a command; said several times, it answers in that order, and the last for ever. */
    ScriptedRunner answer(String command, int exitCode, String output, String errors) {
        answers.computeIfAbsent(command, key -> new ArrayList<>()).add(new Answer(exitCode, output, errors));
        return this;
    }

    /** Answers a command with a recording: {@code CASE.out}, {@code CASE.err} and {@code CASE.rc}. */
    ScriptedRunner recorded(String command, String recording) {
        return answer(
                command,
                Integer.parseInt(text(recording + ".rc", "0").strip()),
                text(recording + ".out", ""),
                text(recording + ".err", ""));
    }

    /** Forgets what a command answered before. */
    ScriptedRunner forget(String command) {
        answers.remove(command);
        return this;
    }

    /** A recording's result, for tests of what results mean. */
    static CommandResult result(String recording) {
        return new CommandResult(
                Command.query(Duration.ofSeconds(1), recording),
                Integer.parseInt(text(recording + ".rc", "0").strip()),
                text(recording + ".out", ""),
                text(recording + ".err", ""),
                Duration.ZERO);
    }

    static String text(String recording, String absent) {
        Path path = RECORDED.resolve(recording);
        try {
            return Files.exists(path) ? Files.readString(path) : absent;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> ran() {
        return ran;
    }

    List<Stream> streams() {
        return streams;
    }

    @Override
    public CommandResult run(Command command) {
        ran.add(command.text());
        List<Answer> known = answers.get(command.text());
        if (known == null) {
            throw new AssertionError("nobody said what '" + command.text() + "' answers");
        }
        Answer answer;
        synchronized (known) {
            answer = known.size() > 1 ? known.remove(0) : known.get(0);
        }
        return new CommandResult(command, answer.exitCode(), answer.output(), answer.errors(), Duration.ZERO);
    }

    @Override
    public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
        ran.add(command.text());
        Stream stream = new Stream(command, lines, ended);
        streams.add(stream);
        return stream;
    }
}
