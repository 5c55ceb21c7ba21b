package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code drbdadm -d adjust} says that an adjust would do: it prints the commands, one a line, and runs none of them. Pure.
 *
 * @param commands the words that say what each does to DRBD
 */
record DryRun(Set<String> commands) {
    /** {@code check-resize} notes the size of the backing device after a resize. */
    private static final Set<String> SIZES = Set.of("resize", "check-resize");

    /** What drbdadm 9 does with {@code --skip-disk} too (its adjust_net, and the options of the resource). */
    private static final Set<String> NETWORK = Set.of(
            "connect",
            "del-path",
            "del-peer",
            "disconnect",
            "net-options",
            "new-path",
            "new-peer",
            "peer-device-options",
            "resource-options");

    private static final String SOMETHING_ELSE = "";

    DryRun {
        commands = Set.copyOf(commands);
    }

    /** Reads a successful dry run. Whatever is no call of drbdsetup does something else. */
    static DryRun of(CommandResult printed) {
        return new DryRun(printed.output()
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .map(DryRun::command)
                .collect(Collectors.toSet()));
    }

    private static String command(String line) {
        String[] words = line.split("\\s+");
        boolean ofDrbdsetup = words.length > 1 && (words[0].equals("drbdsetup") || words[0].equals("drbdsetup-84"));
        return ofDrbdsetup ? words[1] : SOMETHING_ELSE;
    }

    /** Whether all would be as it is, but for sizes. */
    boolean changesSizesAtMost() {
        return SIZES.containsAll(commands);
    }

    /** Whether disks would be left as they are, but for sizes. */
    boolean leavesDisksAlone() {
        return commands.stream().allMatch(command -> SIZES.contains(command) || NETWORK.contains(command));
    }
}
