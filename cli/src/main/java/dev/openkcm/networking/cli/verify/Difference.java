package dev.openkcm.networking.cli.verify;

import java.util.List;

/**
 * Something that does not follow from the log.
 *
 * @param places the records that say so
 */
public record Difference(String what, List<String> places) {
    public Difference {
        places = List.copyOf(places);
    }

    public String line() {
        return places.isEmpty() ? what : what + "  [" + String.join(", ", places) + "]";
    }
}
