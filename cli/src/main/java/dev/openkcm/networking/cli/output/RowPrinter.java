package dev.openkcm.networking.cli.output;

import java.util.ArrayList;
import java.util.List;

/** Prints rows one by one, when nobody can know yet how wide their columns will be. */
public final class RowPrinter {
    private static final int MARGIN = 4;
    private static final int GAP = 3;

    private final Console console;
    private final List<String> header;
    private final List<Integer> widths = new ArrayList<>();

    public RowPrinter(Console console, List<String> header) {
        this.console = console;
        this.header = List.copyOf(header);
    }

    public void print(List<String> cells, boolean struck) {
        List<String> shown = cells.stream().map(cell -> cell.isEmpty() ? "<none>" : cell).toList();
        if (widths.isEmpty()) {
            for (int column = 0; column < header.size(); column++) {
                widths.add(
                        Math.max(header.get(column).length(), shown.get(column).length() + MARGIN));
            }
            console.data(line(header, Palette.PLAIN));
        }
        console.data(line(shown, console.palette()) + (struck ? "   (deleted)" : ""));
    }

    private String line(List<String> cells, Palette palette) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            line.append(header.get(column).equals("STATE") ? palette.state(cell) : cell);
            if (column + 1 < cells.size()) {
                line.append(" ".repeat(Math.max(1, widths.get(column) - cell.length() + GAP)));
            }
        }
        return line.toString();
    }
}
