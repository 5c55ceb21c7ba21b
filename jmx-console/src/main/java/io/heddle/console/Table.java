package io.heddle.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table for people, with lines around it. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();

    Table(String... headers) {
        rows.add(headers);
    }

    /** Adds a row with as many cells as there are headers; null is an empty cell. */
    void row(Object... cells) {
        if (cells.length != rows.get(0).length) {
            throw new IllegalArgumentException("a row has " + rows.get(0).length + " cells");
        }
        rows.add(Arrays.stream(cells)
                .map(cell -> cell == null ? "" : String.valueOf(cell))
                .toArray(String[]::new));
    }

    @Override
    public String toString() {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int column = 0; column < columns; column++) {
                for (String line : row[column].split("\n", -1)) {
                    widths[column] = Math.max(widths[column], line.length());
                }
            }
        }
        StringBuilder text = new StringBuilder();
        border(text, widths, "┌", "┬", "┐");
        cells(text, widths, rows.get(0));
        border(text, widths, "├", "┼", "┤");
        rows.stream().skip(1).forEach(row -> cells(text, widths, row));
        border(text, widths, "└", "┴", "┘");
        return text.toString();
    }

    private static void border(StringBuilder text, int[] widths, String left, String middle, String right) {
        text.append(left);
        for (int column = 0; column < widths.length; column++) {
            text.append(column == 0 ? "" : middle).append("─".repeat(widths[column] + 2));
        }
        text.append(right).append('\n');
    }

    private static void cells(StringBuilder text, int[] widths, String[] row) {
        String[][] lines = Arrays.stream(row).map(cell -> cell.split("\n", -1)).toArray(String[][]::new);
        int height = Arrays.stream(lines).mapToInt(cell -> cell.length).max().orElse(1);
        for (int line = 0; line < height; line++) {
            for (int column = 0; column < widths.length; column++) {
                String cell = line < lines[column].length ? lines[column][line] : "";
                text.append("│ ").append(cell).append(" ".repeat(widths[column] - cell.length() + 1));
            }
            text.append("│\n");
        }
    }
}
