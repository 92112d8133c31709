package dev.openkcm.networking.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What a benchmark found.
 *
 * @param raw every figure of every repeat, for programs
 */
record Report(String benchmark, List<Sheet> sheets, List<Goal> goals, Object raw) {

    /** A table: aligned columns, the first on the left, figures on the right. */
    record Sheet(String title, List<String> header, List<List<String>> rows) {

        List<String> lines() {
            var all = new ArrayList<List<String>>();
            all.add(header);
            all.addAll(rows);
            int[] widths =
                    IntStream.range(0, header.size())
                            .map(column ->
                                    all.stream()
                                            .mapToInt(row -> row.get(column).length())
                                            .max()
                                            .orElse(0))
                            .toArray();
            var lines = new ArrayList<String>();
            for (var row : all) {
                var line = new StringBuilder();
                for (int column = 0; column < widths.length; column++) {
                    String cell = row.get(column);
                    String space = " ".repeat(widths[column] - cell.length());
                    line.append(column == 0 ? cell + space : "   " + space + cell);
                }
                lines.add(line.toString().stripTrailing());
            }
            return lines;
        }
    }

    /**
     * A figure that was aimed at.
     *
     * @param atMost whether less is better
     */
    record Goal(String what, Spread measured, boolean atMost, double limit) {

        /** For a figure of which there is one. */
        static Goal atMost(String what, double value, double limit) {
            return new Goal(what, Spread.of(DoubleStream.of(value)), true, limit);
        }

        boolean reached() {
            return measured.known()
                    && (atMost ? measured.median() <= limit : measured.median() >= limit);
        }

        String line() {
            return "%-7s %s: %s, goal %s %s"
                    .formatted(
                            !measured.known() ? "unknown" : reached() ? "reached" : "MISSED",
                            what,
                            measured.full(2),
                            atMost ? "≤" : "≥",
                            new Spread(limit, limit, limit, 1).text(2));
        }
    }

    List<String> lines() {
        var lines = new ArrayList<String>();
        for (var sheet : sheets) {
            lines.add("");
            lines.add(sheet.title());
            lines.addAll(sheet.lines());
        }
        lines.add("");
        goals.forEach(goal -> lines.add(goal.line()));
        return lines;
    }
}
