package io.heddle.core.option;

import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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
                    });
            options.put(option.key(), option);
        }
        return Collections.unmodifiableSortedMap(options);
    }
}
