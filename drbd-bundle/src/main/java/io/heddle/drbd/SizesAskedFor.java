package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sizes that the kernel was given for the devices of this node, from the text of {@code drbdsetup show}. Not from its JSON,
 * which 8.4 does not have.
 */
final class SizesAskedFor {
    private static final Pattern MINOR = Pattern.compile("device\\s+(?:\"[^\"]*\"\\s+)?minor\\s+([0-9]+);.*");
    private static final Pattern SIZE = Pattern.compile("size\\s+([0-9]+)([A-Za-z]*);.*");
    /** 8.4 and 9 print sectors ({@code s}) whatever the file says; the others are what drbd.conf(5) knows. */
    private static final Map<String, Long> UNITS =
            Map.of("s", 512L, "k", 1L << 10, "K", 1L << 10, "M", 1L << 20, "G", 1L << 30, "T", 1L << 40);

    private SizesAskedFor() {}

    /**
     * Reads a successful {@code drbdsetup show} of one resource.
     *
     * @return sizes by minor; a device that was given none is not in it
     * @throws HeddleException OUTPUT_UNREADABLE
     */
    static Map<Integer, Bytes> of(CommandResult show) {
        Map<Integer, Bytes> sizes = new HashMap<>();
        Deque<String> blocks = new ArrayDeque<>();
        int minor = -1;
        for (String line : show.output().lines().map(String::strip).toList()) {
            Matcher device = MINOR.matcher(line);
            Matcher size = SIZE.matcher(line);
            if (line.endsWith("{")) {
                blocks.addLast(line.split("\\s")[0]);
                minor = isWithin(blocks, "volume") ? -1 : minor;
            } else if (line.startsWith("}")) {
                if (blocks.pollLast() == null) {
                    throw unreadable(show, "a block ends that did not begin");
                }
            } else if (isWithin(blocks, "volume") && device.matches()) {
                minor = Integer.parseInt(device.group(1));
            } else if (isWithin(blocks, "volume", "disk") && size.matches()) {
                if (minor < 0) {
                    throw unreadable(show, "a volume with a size has no minor");
                }
                sizes.put(minor, bytes(size, show));
            }
        }
        if (!blocks.isEmpty()) {
            throw unreadable(show, "it ends within a block");
        }
        return sizes;
    }

    /** Whether this is such a block of this node; those of a connection have sizes of nothing. */
    private static boolean isWithin(Deque<String> blocks, String... inner) {
        List<String> wanted = new ArrayList<>(List.of("resource", "_this_host"));
        wanted.addAll(List.of(inner));
        return new ArrayList<>(blocks).equals(wanted);
    }

    private static Bytes bytes(Matcher size, CommandResult show) {
        Long unit = UNITS.get(size.group(2));
        if (unit == null) {
            throw unreadable(show, "the size '" + size.group(1) + size.group(2) + "' has an unknown unit");
        }
        try {
            return new Bytes(Math.multiplyExact(unit, Long.parseLong(size.group(1))));
        } catch (ArithmeticException | NumberFormatException failure) {
            throw unreadable(show, "the size '" + size.group(1) + size.group(2) + "' is no number of bytes");
        }
    }

    private static HeddleException unreadable(CommandResult show, String why) {
        return new HeddleException(
                ErrorCode.OUTPUT_UNREADABLE,
                "cannot tell the sizes that DRBD was given",
                "'" + show.command().text() + "' printed what cannot be read: " + why,
                "report it with the versions of DRBD and drbd-utils");
    }
}
