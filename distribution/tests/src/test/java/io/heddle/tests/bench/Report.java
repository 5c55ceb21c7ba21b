package io.heddle.tests.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The figures as they come, and in the end the table. Progress goes to stderr, so that stdout has nothing but the table. */
final class Report {
    private final Map<String, String> machine;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    Report(Map<String, String> machine) {
        this.machine = machine;
    }

    /** Says what is being done. */
    void progress(String text) {
        System.err.println("bench: " + text);
    }

    void add(Row row) {
        rows.add(row);
        System.err.println("bench:   " + row.what() + ", " + row.at() + ": " + row.figure()
                + (row.note().isEmpty() ? "" : " (" + row.note() + ")"));
    }

    /** Something to know when reading the figures. */
    void remark(String text) {
        remarks.add(text);
        progress(text);
    }

    String json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", machine);
        document.put("rows", rows);
        document.put("remarks", remarks);
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document);
        } catch (JsonProcessingException impossible) {
            throw new AssertionError(impossible);
        }
    }

    String table() {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("what", "at", "Heddle", "aim", "LINSTOR 1.34", "note"));
        rows.forEach(
                row -> cells.add(List.of(row.what(), row.at(), row.figure(), row.aim(), row.linstor(), row.note())));
        int[] widths = new int[cells.get(0).size()];
        for (List<String> line : cells) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        Function<String, String> rule = stroke -> {
            StringBuilder line = new StringBuilder("|");
            for (int width : widths) {
                line.append(stroke.repeat(width + 2)).append('|');
            }
            return line.append('\n').toString();
        };
        StringBuilder text = new StringBuilder();
        machine.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        String part = "";
        for (int number = 0; number < cells.size(); number++) {
            if (number > 0 && !rows.get(number - 1).part().equals(part)) {
                part = rows.get(number - 1).part();
                text.append(rule.apply("-"));
            } else if (number == 0) {
                text.append('\n');
            }
            text.append('|');
            for (int column = 0; column < widths.length; column++) {
                String cell = cells.get(number).get(column);
                String space = " ".repeat(widths[column] - cell.length());
                boolean right = column == 2;
                text.append(' ').append(right ? space + cell : cell + space).append(" |");
            }
            text.append('\n');
        }
        text.append('\n');
        remarks.forEach(remark -> text.append("- ").append(remark).append('\n'));
        return text.toString();
    }
}
