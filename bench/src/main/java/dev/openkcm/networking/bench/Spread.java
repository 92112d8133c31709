package dev.openkcm.networking.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** The median of repeated figures, and how far they lie apart. */
record Spread(double median, double min, double max, int count) {

    static Spread of(DoubleStream values) {
        double[] sorted = values.filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
        }
        int middle = sorted.length / 2;
        double median =
                sorted.length % 2 == 1
                        ? sorted[middle]
                        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    boolean known() {
        return count > 0;
    }

    String text(int digits) {
        return known() ? number(median, digits) : "-";
    }

    /** With min and max, when there is more than one. */
    String full(int digits) {
        return count < 2
                ? text(digits)
                : "%s (%s–%s)"
                        .formatted(
                                number(median, digits), number(min, digits), number(max, digits));
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
