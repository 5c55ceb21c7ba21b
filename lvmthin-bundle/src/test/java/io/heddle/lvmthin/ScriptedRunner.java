package io.heddle.lvmthin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** A runner that knows the answers to some commands and fails on any other. */
final class ScriptedRunner implements CommandRunner {
    private final Map<String, Function<Command, CommandResult>> answers = new LinkedHashMap<>();
    final List<String> ran = new ArrayList<>();

    ScriptedRunner answer(String beginning, Function<Command, CommandResult> answer) {
        // the one given last counts first
        Map<String, Function<Command, CommandResult>> earlier = new LinkedHashMap<>(answers);
        answers.clear();
        answers.put(beginning, answer);
        earlier.forEach(answers::putIfAbsent);
        return this;
    }

    @Override
    public CommandResult run(Command command) {
        ran.add(command.text());
        return answers.entrySet().stream()
                .filter(entry -> command.text().startsWith(entry.getKey()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody expected '" + command.text() + "'"))
                .getValue()
                .apply(command);
    }

    @Override
    public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
        throw new AssertionError("nobody expected '" + command.text() + "' to be started");
    }
}
