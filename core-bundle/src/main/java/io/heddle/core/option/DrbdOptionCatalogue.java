package io.heddle.core.option;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Every option of DRBD that Heddle knows, from the data file {@code drbd-options.tsv}. */
public final class DrbdOptionCatalogue {
    private static final SortedMap<String, DrbdOption> OPTIONS = load();

    private DrbdOptionCatalogue() {}

    /** All options in the order of their keys; read-only. */
    public static Collection<DrbdOption> all() {
        return OPTIONS.values();
    }

    /** The option of a property such as {@code DrbdOptions/Net/max-buffers}. */
    public static Optional<DrbdOption> find(String key) {
        return Optional.ofNullable(OPTIONS.get(key));
    }

    /**
     * The option that a person names on a level: {@code max-buffers}, {@code handler-split-brain}, or with its section
     * {@code Disk/bitmap}. A name that two sections have means the one that can be set there; of two, that of the peer device.
     *
     * @throws HeddleException UNKNOWN_PROPERTY with the nearest name, INVALID_PROPERTY if it cannot be set there
     */
    public static DrbdOption named(PropertyLevel level, String name) {
        List<DrbdOption> found = OPTIONS.values().stream()
                .filter(option -> option.spelt(name))
                .sorted(Comparator.comparing((DrbdOption option) ->
                                !option.section().levels().contains(level))
                        .thenComparing(option -> option.section() != OptionSection.PEER_DEVICE))
                .toList();
        if (found.isEmpty()) {
            String shown = name.replaceAll("\\p{Cntrl}", "?");
            throw new HeddleException(
                    ErrorCode.UNKNOWN_PROPERTY,
                    "cannot set '" + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown) + "'",
                    "DRBD has no such option",
                    Nearest.to(
                                    name,
                                    OPTIONS.values().stream()
                                            .map(DrbdOption::spelling)
                                            .toList())
                            .map(near -> "did you mean " + near + "?")
                            .orElse("drbd.conf(5) lists the options"));
        }
        return found.get(0);
    }

    /**
     * The options that can be set on a level, each by a word that means it there.
     *
     * @param otherwise the word of an option whose spelling means another one there
     */
    public static SortedMap<String, DrbdOption> settable(PropertyLevel level, Function<DrbdOption, String> otherwise) {
        TreeMap<String, DrbdOption> options = new TreeMap<>();
        for (DrbdOption option : OPTIONS.values()) {
            if (option.type() != DrbdOption.Type.RESERVED
                    && option.section().levels().contains(level)) {
                boolean plain = named(level, option.spelling()).equals(option);
                options.put(plain ? option.spelling() : otherwise.apply(option), option);
            }
        }
        return Collections.unmodifiableSortedMap(options);
    }

    static Collection<String> keys() {
        return OPTIONS.keySet();
    }

    private static SortedMap<String, DrbdOption> load() {
        TreeMap<String, DrbdOption> options = new TreeMap<>();
        for (Map<String, String> row : Table.read("drbd-options.tsv")) {
            DrbdOption option = new DrbdOption(
                    OptionSection.of(row.get("section")),
                    row.get("name"),
                    DrbdOption.Type.valueOf(
                            row.get("type").toUpperCase(Locale.ROOT).replace('-', '_')),
                    Table.words(row.get("values")),
                    Table.number(row.get("minimum")),
                    Table.number(row.get("maximum")),
                    Optional.of(row.get("default")).filter(text -> !text.isEmpty()),
                    row.get("unit"),
                    switch (row.get("scale")) {
                        case "s" -> 512;
                        case "k" -> 1024;
                        default -> 1;
                    },
                    row.get("since").isEmpty() ? "8.4" : row.get("since"),
                    switch (row.get("change")) {
                        case "next-connect" -> DrbdOption.Change.NEXT_CONNECT;
                        case "new-connection" -> DrbdOption.Change.NEW_CONNECTION;
                        case "next-device" -> DrbdOption.Change.NEXT_DEVICE;
                        default -> DrbdOption.Change.LIVE;
                    });
            options.put(option.key(), option);
        }
        return Collections.unmodifiableSortedMap(options);
    }
}
