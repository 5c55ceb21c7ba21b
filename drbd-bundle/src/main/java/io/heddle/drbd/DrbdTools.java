package io.heddle.drbd;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Runs drbdadm, drbdsetup and drbdmeta; it knows how they are called and hides secrets in what they print. */
final class DrbdTools {
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration CHANGE = Duration.ofMinutes(2);
    /** create-md writes the bitmaps of all peers: 7 GiB of zeros for 32 TiB and 7 peers. */
    private static final Duration WRITE_METADATA = Duration.ofMinutes(30);

    private final CommandRunner runner;

    DrbdTools(CommandRunner runner) {
        this.runner = runner;
    }

    /** {@code drbdadm} with one resource's file, so that neither the number nor the faults of other files matter. */
    CommandResult drbdadm(Path file, String... arguments) {
        return change("drbdadm", prepend(List.of("-c", file.toString()), arguments));
    }

    /** The same for a command that only looks. */
    CommandResult drbdadmQuery(Path file, String... arguments) {
        return query("drbdadm", prepend(List.of("-c", file.toString()), arguments));
    }

    CommandResult drbdsetup(String... arguments) {
        return change("drbdsetup", arguments);
    }

    CommandResult drbdsetupQuery(String... arguments) {
        return query("drbdsetup", arguments);
    }

    /** {@code drbdadm --version}. */
    CommandResult version() {
        return query("drbdadm", "--version");
    }

    /** {@code drbdmeta} on the internal metadata of a device. */
    CommandResult drbdmetaQuery(int minor, MetadataFormat format, String device, String... arguments) {
        return query(
                "drbdmeta", prepend(List.of(Integer.toString(minor), format.word(), device, "internal"), arguments));
    }

    /** The same for a command that changes it. */
    CommandResult drbdmeta(int minor, MetadataFormat format, String device, String... arguments) {
        return change(
                "drbdmeta", prepend(List.of(Integer.toString(minor), format.word(), device, "internal"), arguments));
    }

    /** {@code drbdmeta --force create-md}, which writes all bitmaps. */
    CommandResult createMetadata(int minor, MetadataFormat format, String device, int maximumPeers) {
        List<String> arguments = new ArrayList<>(List.of(
                "drbdmeta", "--force", Integer.toString(minor), format.word(), device, "internal", "create-md"));
        if (format == MetadataFormat.V09) {
            arguments.add(Integer.toString(maximumPeers));
        }
        return Failure.redacted(
                runner.run(new Command(arguments, WRITE_METADATA, true, Optional.empty(), new TreeMap<>())));
    }

    /** The stream of events of all resources; {@code lines} and {@code ended} are called on threads of the runner's. */
    RunningCommand events(Consumer<String> lines, Consumer<CommandResult> ended) {
        return runner.start(
                Command.query(LOOK, "drbdsetup", "events2", "--timestamps", "--statistics"),
                lines,
                result -> ended.accept(Failure.redacted(result)));
    }

    /** One dump of events of one resource. */
    CommandResult eventsNow(String resource) {
        return query("drbdsetup", "events2", "--now", "--timestamps", "--statistics", resource);
    }

    /** One dump of events of all resources. */
    CommandResult eventsNow() {
        return query("drbdsetup", "events2", "--now", "--timestamps", "--statistics");
    }

    private CommandResult query(String program, String... arguments) {
        return Failure.redacted(runner.run(Command.query(LOOK, prepend(List.of(program), arguments))));
    }

    private CommandResult change(String program, String... arguments) {
        return Failure.redacted(runner.run(Command.change(CHANGE, prepend(List.of(program), arguments))));
    }

    private static String[] prepend(List<String> first, String... rest) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(rest));
        return all.toArray(String[]::new);
    }
}
