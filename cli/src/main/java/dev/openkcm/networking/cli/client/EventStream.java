package dev.openkcm.networking.cli.client;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;

/** Server-sent events, read one by one. */
final class EventStream implements Closeable {
    private final BufferedReader lines;
    private String event = "";
    private String data = "";
    private String id = "";

    EventStream(BufferedReader lines) {
        this.lines = lines;
    }

    /** Moves to the next event; false at the end of the stream. */
    boolean next() throws IOException {
        event = "";
        StringBuilder collected = new StringBuilder();
        String line = lines.readLine();
        while (line != null) {
            if (line.isEmpty() && !collected.isEmpty()) {
                data = collected.toString();
                return true;
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            value = value.startsWith(" ") ? value.substring(1) : value;
            switch (field) {
                case "event" -> event = value;
                case "id" -> id = value;
                case "data" -> collected.append(collected.isEmpty() ? "" : "\n").append(value);
                default -> {
                    // Comments keep the connection alive; other fields are not for us.
                }
            }
            line = lines.readLine();
        }
        return false;
    }

    String event() {
        return event;
    }

    String data() {
        return data;
    }

    String id() {
        return id;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
