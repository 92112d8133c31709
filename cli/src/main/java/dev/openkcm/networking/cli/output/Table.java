package dev.openkcm.networking.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Rows under a header, each column as wide as its widest cell. */
public final class Table {
    private static final int GAP = 3;
    private static final Set<String> COLOURED = Set.of("STATE", "STATUS", "PHASE");

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(List<String> header) {
        this.header = header.stream().map(name -> name.toUpperCase(Locale.ROOT)).toList();
    }

    public void add(List<String> cells) {
        if (cells.size() != header.size()) {
            throw new IllegalArgumentException(
                    cells.size() + " cells for " + header.size() + " columns");
        }
        rows.add(cells.stream().map(cell -> cell.isEmpty() ? "<none>" : cell).toList());
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public List<String> lines(Palette palette) {
        return lines(palette, true);
    }

    public List<String> lines(Palette palette, boolean withHeader) {
        List<Integer> widths = widths();
        List<String> lines = new ArrayList<>();
        if (withHeader) {
            lines.add(line(header, widths, Palette.PLAIN));
        }
        rows.forEach(row -> lines.add(line(row, widths, palette)));
        return lines;
    }

    private List<Integer> widths() {
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < header.size(); column++) {
            int at = column;
            widths.add(
                    Math.max(
                            header.get(at).length(),
                            rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0)));
        }
        return widths;
    }

    private String line(List<String> cells, List<Integer> widths, Palette palette) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            line.append(COLOURED.contains(header.get(column)) ? palette.state(cell) : cell);
            if (column + 1 < cells.size()) {
                // Padded by the plain text's length: colour codes take no room on the screen.
                line.append(" ".repeat(widths.get(column) - cell.length() + GAP));
            }
        }
        return line.toString().stripTrailing();
    }
}
