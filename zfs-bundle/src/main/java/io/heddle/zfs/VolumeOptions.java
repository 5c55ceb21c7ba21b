package io.heddle.zfs;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How zvols of a pool are made: what {@code StorDriver/ZfscreateOptions} asks for. Only what can harm nobody is taken; what
 * would lose data, or take a volume away from its pool's kind or from Heddle, is refused with the reason.
 *
 * @param blockSize their volblocksize, which every size is a multiple of
 * @param properties further properties, as {@code name=value}
 */
record VolumeOptions(Bytes blockSize, List<String> properties) {
    /** Where the options are set. */
    static final String PROPERTY = "StorDriver/ZfscreateOptions";

    /**
     * ZFS's own default from 2.2 on. It is always told, since older ones take 8 KiB: all replicas get the same unit, whatever
     * version their node runs.
     */
    private static final Bytes DEFAULT_BLOCK_SIZE = Bytes.ofKib(16);

    private static final String BLOCK_SIZE = "volblocksize";
    private static final Bytes SMALLEST = Bytes.ofKib(4);
    private static final Bytes LARGEST = Bytes.ofKib(128);
    private static final Pattern KIBIBYTES = Pattern.compile("([0-9]{1,3})[kK]?");

    private static final Map<String, Pattern> TAKEN = Map.of(
            "compression",
            Pattern.compile(
                    "on|off|lzjb|lz4|zle|gzip(-[1-9])?|zstd(-1?[0-9])?|zstd-fast(-([1-9]|[1-9]0|100|500|1000))?"),
            "checksum",
            Pattern.compile("on|fletcher2|fletcher4|sha256|sha512|skein|edonr|blake3"),
            "copies",
            Pattern.compile("[123]"),
            "logbias",
            Pattern.compile("latency|throughput"),
            "primarycache",
            Pattern.compile("all|none|metadata"),
            "secondarycache",
            Pattern.compile("all|none|metadata"),
            "redundant_metadata",
            Pattern.compile("all|most|some|none"),
            "sync",
            Pattern.compile("standard|always"));

    private static final Map<String, String> REFUSED = Map.of(
            "sync=disabled",
            "a power cut would lose writes that were acknowledged",
            "checksum=off",
            "damaged blocks would be read as good ones",
            "-s",
            "it makes volumes thin: that is a pool of kind ZFS_THIN",
            "-p",
            "it makes datasets that nobody named");

    VolumeOptions {
        properties = List.copyOf(properties);
    }

    /**
     * Reads what is set on a pool.
     *
     * @param text empty text: nothing
     * @throws HeddleException INVALID_PROPERTY with what may be said
     */
    static VolumeOptions parse(String text) {
        List<String> words = text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
        Bytes blockSize = DEFAULT_BLOCK_SIZE;
        List<String> properties = new ArrayList<>();
        for (int i = 0; i < words.size(); i += 2) {
            String option = words.get(i);
            if (!option.equals("-b") && !option.equals("-o")) {
                throw refused(text, option);
            }
            if (i + 1 == words.size()) {
                throw refused(text, option + " without a value");
            }
            String value = words.get(i + 1);
            if (option.equals("-b")) {
                blockSize = blockSize(text, value);
            } else if (value.startsWith(BLOCK_SIZE + "=")) {
                blockSize = blockSize(text, value.substring(BLOCK_SIZE.length() + 1));
            } else {
                properties.add(property(text, value));
            }
        }
        return new VolumeOptions(blockSize, properties);
    }

    private static Bytes blockSize(String text, String value) {
        return Optional.of(KIBIBYTES.matcher(value))
                .filter(matcher -> matcher.matches() && !Character.isDigit(value.charAt(value.length() - 1)))
                .map(matcher -> Bytes.ofKib(Long.parseLong(matcher.group(1))))
                .or(() -> Optional.of(value)
                        .filter(digits -> digits.matches("[0-9]{4,6}"))
                        .map(digits -> new Bytes(Long.parseLong(digits))))
                .filter(size -> Long.bitCount(size.value()) == 1
                        && size.compareTo(SMALLEST) >= 0
                        && size.compareTo(LARGEST) <= 0)
                .orElseThrow(() -> refused(text, BLOCK_SIZE + "=" + value));
    }

    private static String property(String text, String assignment) {
        int equals = assignment.indexOf('=');
        Pattern values = equals < 0 ? null : TAKEN.get(assignment.substring(0, equals));
        if (values == null || !values.matcher(assignment.substring(equals + 1)).matches()) {
            throw refused(text, assignment);
        }
        return assignment;
    }

    private static HeddleException refused(String text, String part) {
        String why = REFUSED.getOrDefault(part, "Heddle does not hand it to zfs create");
        return new HeddleException(
                ErrorCode.INVALID_PROPERTY,
                "cannot make zvols with the options '" + text + "'",
                "'" + part + "': " + why,
                "correct " + PROPERTY + ": -b, or -o volblocksize=, with 4k to 128k, and -o with compression, checksum,"
                        + " copies, logbias, primarycache, secondarycache, redundant_metadata, sync=standard or sync=always");
    }

    /** Whether the options say how writes are synced. */
    boolean saysSync() {
        return properties.stream().anyMatch(property -> property.startsWith("sync="));
    }
}
