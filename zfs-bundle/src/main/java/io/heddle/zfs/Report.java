package io.heddle.zfs;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code zfs get} printed. It prints what it can and then fails, so a report of a failed command holds what it holds; what
 * is missing from it is not absent.
 *
 * @param result the command's result
 * @param datasets datasets in it, by full name, in ZFS's order
 */
record Report(CommandResult result, Map<String, Dataset> datasets) {
    /** Properties that are asked for. */
    static final String PROPERTIES =
            "type,used,available,volsize,volblocksize,refreservation,quota,origin,volmode,sync," + "keystatus,"
                    + Dataset.CLUSTER + "," + Dataset.VOLUME + "," + Dataset.STAGE + "," + Dataset.SNAPSHOT_OF;

    private static final String OWN = "heddle:";
    private static final String LOCAL = "local";

    /**
     * Reads lines of name, property, value and source, with tabs between them ({@code -Hp}).
     *
     * @throws HeddleException OUTPUT_UNREADABLE
     */
    static Report of(CommandResult result) {
        Map<String, TreeMap<String, String>> values = new LinkedHashMap<>();
        Map<String, TreeMap<String, String>> marks = new LinkedHashMap<>();
        for (String line : result.output().lines().toList()) {
            String[] columns = line.split("\t", -1);
            if (columns.length != 4) {
                throw new HeddleException(
                        ErrorCode.OUTPUT_UNREADABLE,
                        "cannot read what '" + result.command().text() + "' printed",
                        "a line has " + columns.length + " columns, and not 4: " + line,
                        "run it by hand; OpenZFS 2.0 or newer is needed");
            }
            values.computeIfAbsent(columns[0], name -> new TreeMap<>()).put(columns[1], columns[2]);
            marks.computeIfAbsent(columns[0], name -> new TreeMap<>());
            if (columns[1].startsWith(OWN) && columns[3].equals(LOCAL)) {
                marks.get(columns[0]).put(columns[1], columns[2]);
            }
        }
        Map<String, Dataset> datasets = new LinkedHashMap<>();
        values.forEach((name, known) -> datasets.put(name, new Dataset(name, known, marks.get(name))));
        return new Report(result, datasets);
    }

    Optional<Dataset> dataset(String name) {
        return Optional.ofNullable(datasets.get(name));
    }
}
