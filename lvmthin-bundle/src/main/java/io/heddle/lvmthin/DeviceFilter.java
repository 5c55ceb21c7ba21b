package io.heddle.lvmthin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The devices that LVM must not open, as a value for {@code --config}. LVM reads the label of every device that it may use: on a
 * DRBD device whose I/O is suspended it would hang, and on others it would find the VGs of guests. {@code --config} replaces
 * the setting of lvm.conf, so the administrator's own filter is repeated behind ours; the first pattern that matches counts.
 */
final class DeviceFilter {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final String OURS = "\"r|^/dev/drbd|\",\"r|^/dev/zd[0-9]|\",\"r|^/dev/zvol/|\"";
    private static final Pattern SETTING = Pattern.compile("global_filter=(?:\\[(.*)]|(\".*\"))");

    private final CommandRunner runner;
    private final Path directory;
    private volatile @Nullable Known known;

    private record Known(List<String> files, String setting) {}

    /**
     * A filter.
     *
     * @param directory {@code /etc/lvm}
     */
    DeviceFilter(CommandRunner runner, Path directory) {
        this.runner = runner;
        this.directory = directory;
    }

    /**
     * The setting; asks LVM for the administrator's part only where its files have changed.
     *
     * @throws HeddleException if LVM cannot read its configuration
     */
    String setting() {
        List<String> files = List.of(version("lvm.conf"), version("lvmlocal.conf"));
        Known last = known;
        if (last != null && last.files().equals(files)) {
            return last.setting();
        }
        String setting = with(runner.run(Command.query(DEADLINE, "lvmconfig", "devices/global_filter")));
        known = new Known(files, setting);
        return setting;
    }

    /** What tells two versions of a file apart, well enough. */
    private String version(String name) {
        Path file = directory.resolve(name);
        try {
            return Files.getLastModifiedTime(file) + " " + Files.size(file);
        } catch (NoSuchFileException absent) {
            return "absent";
        } catch (IOException unreadable) {
            // LVM itself will say what is wrong with it.
            return unreadable.toString();
        }
    }

    static String with(CommandResult asked) {
        if (!asked.succeeded() && !asked.errorOutput().contains("not found")) {
            throw LvmFailure.of(asked, "cannot read LVM's configuration");
        }
        Matcher matcher = SETTING.matcher(asked.output().strip());
        List<String> patterns = new ArrayList<>(List.of(OURS));
        if (asked.succeeded() && matcher.matches()) {
            Optional.ofNullable(matcher.group(1))
                    .or(() -> Optional.of(matcher.group(2)))
                    .map(String::strip)
                    .filter(theirs -> !theirs.isEmpty())
                    .ifPresent(patterns::add);
        }
        return "devices{global_filter=[" + String.join(",", patterns) + "]}";
    }
}
