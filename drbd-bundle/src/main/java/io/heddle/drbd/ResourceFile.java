package io.heddle.drbd;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.status.KernelStatus.Dialect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A resource file of Heddle's, read back: only what {@link ResourceFileWriter} put there, not drbd.conf(5) at large.
 *
 * @param text the whole text
 */
record ResourceFile(String text) {
    static final String FIRST_LINE = "# Made by Heddle, do not edit: it is replaced when the resource changes.";
    static final String CLUSTER = "# heddle-cluster ";
    static final String DEFINITION = "# heddle-definition ";
    static final String RESOURCE = "# heddle-resource ";
    static final String DIALECT = "# heddle-dialect ";
    static final String DIALECT_9 = "9";
    static final String DIALECT_8_4 = "8.4";
    static final String END = "# heddle-end";

    private static final Pattern HOST = Pattern.compile("(?m)^ {4}on \"([^\"]+)\" \\{$");
    private static final Pattern HOST_WITH_CONTENT = Pattern.compile("(?ms)^ {4}on \"([^\"]+)\" \\{$(.*?)^ {4}\\}$");
    /** The first of the hosts, to its closing brace. */
    private static final Pattern THIS_HOST = Pattern.compile("(?ms)(^ {4}on \"[^\"]+\" \\{$.*?^ {4}\\}$)");

    private static final Pattern QUORUM = Pattern.compile("(?m)^ {8}quorum ([a-z0-9]+);$");
    private static final Pattern VOLUME = Pattern.compile("(?ms)^ {8}volume ([0-9]+) \\{$(.*?)^ {8}\\}$");
    private static final Pattern NODE_ID = Pattern.compile("(?m)^ {8}node-id ([0-9]+);$");
    private static final Pattern MINOR = Pattern.compile("(?m)^ {12}device minor ([0-9]+);$");
    private static final Pattern DISK = Pattern.compile("(?m)^ {12}disk \"([^\"]+)\";$");
    private static final Pattern PATH = Pattern.compile("(?ms)^ {8}path \\{$(.*?)^ {8}\\}$");
    private static final Pattern END_OF_PATH =
            Pattern.compile("(?m)^ {12}host \"([^\"]+)\" address ipv[46] \\[?([0-9A-Fa-f.:]+?)\\]?:([0-9]+);$");
    private static final Pattern CONNECTION = Pattern.compile("(?ms)^ {4}connection \\{$(.*?)^ {4}\\}$");
    private static final Pattern FIXED = Pattern.compile("(?m)^ {12}(transport|load-balance-paths) ([a-z-]+);$");
    private static final Pattern UNCOUNTED = Pattern.compile("(?m)^ {12}" + PeerSpec.COUNTED + " no;$");
    private static final Pattern SIZE = Pattern.compile("(?m)^ {16}size ([0-9]+)k;$");

    /**
     * A volume as this node has it.
     *
     * @param number volume number
     * @param minor its minor
     * @param device its backing device; empty if it is diskless
     * @param size the size asked for; empty if it is diskless
     */
    record LocalVolume(int number, int minor, Optional<String> device, Optional<Bytes> size) {}

    /** Whether Heddle wrote the beginning of it. */
    boolean isOurs() {
        return text.startsWith(FIRST_LINE);
    }

    /** Whether all of it is there: a file that lost its end, or everything, counts as none. */
    boolean isWhole() {
        return isOurs() && text.endsWith("\n" + END + "\n");
    }

    Optional<UUID> cluster() {
        return uuid(CLUSTER);
    }

    Optional<UUID> resource() {
        return uuid(RESOURCE);
    }

    /** The dialect it is written in. */
    Dialect dialect() {
        return switch (header(DIALECT).orElse("")) {
            case DIALECT_9 -> Dialect.DRBD_9;
            case DIALECT_8_4 -> Dialect.DRBD_8_4;
            default -> Dialect.NONE;
        };
    }

    /** The quorum that it asks for; empty if none. */
    Optional<String> quorum() {
        return value(QUORUM, text).filter(votes -> !votes.equals("off"));
    }

    /** Node ids of the peers that have a disk; DRBD 8.4 has none. */
    SortedSet<Integer> voters() {
        TreeSet<Integer> nodeIds = new TreeSet<>();
        HOST_WITH_CONTENT
                .matcher(text)
                .results()
                .skip(1)
                .filter(host -> DISK.matcher(host.group(2)).find())
                .flatMap(host -> value(NODE_ID, host.group(2)).stream())
                .forEach(nodeId -> nodeIds.add(Integer.parseInt(nodeId)));
        return nodeIds;
    }

    /** Node ids of the peers without a disk that DRBD counts as tie-breakers; DRBD 8.4 has none. */
    SortedSet<Integer> tieBreakers() {
        Set<String> uncounted = CONNECTION
                .matcher(text)
                .results()
                .map(connection -> connection.group(1))
                .filter(connection -> UNCOUNTED.matcher(connection).find())
                .flatMap(connection ->
                        END_OF_PATH.matcher(connection).results().skip(1).limit(1))
                .map(end -> end.group(1))
                .collect(Collectors.toSet());
        TreeSet<Integer> nodeIds = new TreeSet<>();
        HOST_WITH_CONTENT
                .matcher(text)
                .results()
                .skip(1)
                .filter(host -> !DISK.matcher(host.group(2)).find() && !uncounted.contains(host.group(1)))
                .flatMap(host -> value(NODE_ID, host.group(2)).stream())
                .forEach(nodeId -> nodeIds.add(Integer.parseInt(nodeId)));
        return nodeIds;
    }

    /** Paths to each peer, by its name; DRBD 8.4 has none of its own. */
    SortedMap<String, List<PathSpec>> paths() {
        TreeMap<String, List<PathSpec>> paths = new TreeMap<>();
        PATH.matcher(text).results().forEach(path -> {
            List<MatchResult> ends =
                    END_OF_PATH.matcher(path.group(1)).results().toList();
            if (ends.size() == 2) {
                paths.computeIfAbsent(ends.get(1).group(1), peer -> new ArrayList<>())
                        .add(new PathSpec(
                                address(ends.get(0)), port(ends.get(0)), address(ends.get(1)), port(ends.get(1))));
            }
        });
        return paths;
    }

    /** Options of the connection to each peer that DRBD takes for a new connection only, by its name. */
    SortedMap<String, SortedMap<String, String>> fixed() {
        TreeMap<String, SortedMap<String, String>> fixed = new TreeMap<>();
        CONNECTION
                .matcher(text)
                .results()
                .map(connection -> connection.group(1))
                .forEach(connection -> {
                    List<MatchResult> ends =
                            END_OF_PATH.matcher(connection).results().toList();
                    if (ends.size() >= 2) {
                        TreeMap<String, String> options = new TreeMap<>();
                        FIXED.matcher(connection)
                                .results()
                                .forEach(option -> options.put(option.group(1), option.group(2)));
                        fixed.put(ends.get(1).group(1), options);
                    }
                });
        return fixed;
    }

    private static IpAddress address(MatchResult end) {
        return new IpAddress(end.group(2));
    }

    private static int port(MatchResult end) {
        return Integer.parseInt(end.group(3));
    }

    /** Names of the nodes, this one first. */
    List<String> hosts() {
        return HOST.matcher(text).results().map(host -> host.group(1)).toList();
    }

    /** Volumes of this node. */
    List<LocalVolume> volumes() {
        List<LocalVolume> volumes = new ArrayList<>();
        Matcher volume = VOLUME.matcher(thisHost());
        while (volume.find()) {
            String content = volume.group(2);
            volumes.add(new LocalVolume(
                    Integer.parseInt(volume.group(1)),
                    value(MINOR, content).map(Integer::parseInt).orElse(-1),
                    value(DISK, content),
                    value(SIZE, content).map(size -> Bytes.ofKib(Long.parseLong(size)))));
        }
        return volumes;
    }

    /** The same file with another size of one volume of this node. */
    ResourceFile withSize(int number, Bytes size) {
        String host = thisHost();
        String changed = VOLUME.matcher(host)
                .replaceAll(volume -> Matcher.quoteReplacement(
                        Integer.parseInt(volume.group(1)) == number
                                ? volume.group().replaceFirst("\\bsize [0-9]+k;", "size " + size.kib() + "k;")
                                : volume.group()));
        return new ResourceFile(text.replace(host, changed));
    }

    private String thisHost() {
        return value(THIS_HOST, text).orElse("");
    }

    private static Optional<String> value(Pattern pattern, String content) {
        Matcher matcher = pattern.matcher(content);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private Optional<UUID> uuid(String key) {
        try {
            return header(key).map(UUID::fromString);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // an edited identity is none
        }
    }

    private Optional<String> header(String key) {
        if (!isOurs()) {
            return Optional.empty();
        }
        return text.lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(key.length()).strip())
                .findFirst();
    }
}
