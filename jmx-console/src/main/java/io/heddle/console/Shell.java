package io.heddle.console;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine;
import picocli.shell.jline3.PicocliJLineCompleter;

/** The interactive shell: the same commands, one connection, history and completion. */
final class Shell {
    private Shell() {}

    static void run(CommandLine line, Session session) {
        try (Terminal terminal =
                TerminalBuilder.builder().system(true).dumb(true).build()) {
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .completer(new PicocliJLineCompleter(line.getCommandSpec()))
                    .build();
            session.out().println("Heddle " + Version.CURRENT + ". 'help' shows the commands, 'exit' leaves.");
            while (true) {
                ParsedLine parsed;
                try {
                    reader.readLine("heddle> ");
                    parsed = reader.getParsedLine();
                } catch (UserInterruptException e) {
                    continue;
                } catch (EndOfFileException e) {
                    return;
                }
                List<String> words =
                        parsed.words().stream().filter(word -> !word.isEmpty()).toList();
                if (words.isEmpty()) {
                    continue;
                }
                switch (words.get(0)) {
                    case "exit", "quit" -> {
                        return;
                    }
                    case "help" -> line.usage(line.getOut());
                    default -> {
                        session.machineReadable(false);
                        line.execute(words.toArray(String[]::new));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
