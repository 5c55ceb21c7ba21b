package io.heddle.core.option;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A table of the catalogues' data: tab-separated, a header line, lines that begin with {@code #} are remarks. */
final class Table {
    private Table() {}

    /** The rows as maps from column to text; what is missing at the end of a line is empty. */
    static List<Map<String, String>> read(String name) {
        List<String> lines;
        try (InputStream in = Table.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new HeddleException(
                        ErrorCode.INTERNAL_ERROR, "cannot read " + name, "it is not packed in", "report it");
            }
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String[] columns = lines.get(0).split("\t", -1);
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t", -1);
            Map<String, String> row = new HashMap<>();
            for (int i = 0; i < columns.length; i++) {
                row.put(columns[i], i < cells.length ? cells[i] : "");
            }
            rows.add(row);
        }
        return rows;
    }

    static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    static OptionalLong number(String text) {
        return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }
}
