package dev.openkcm.networking.cli.output;

import java.util.Set;

/** How words about a state are marked: by colour on a terminal, not at all elsewhere. */
public enum Palette {
    PLAIN {
        @Override
        public String state(String word) {
            return word;
        }

        @Override
        public String faint(String text) {
            return text;
        }
    },
    COLOURED {
        @Override
        public String state(String word) {
            if (GOOD.contains(word)) {
                return "\u001b[32m" + word + RESET;
            }
            if (BAD.contains(word)) {
                return "\u001b[31m" + word + RESET;
            }
            return WAITING.contains(word) ? "\u001b[33m" + word + RESET : word;
        }

        @Override
        public String faint(String text) {
            return "\u001b[2m" + text + RESET;
        }
    };

    private static final String RESET = "\u001b[0m";
    private static final Set<String> GOOD =
            Set.of("Available", "Ready", "Bound", "True", "Running");
    private static final Set<String> WAITING =
            Set.of("Pending", "Unready", "Deleting", "Starting", "NotBuilt");
    private static final Set<String> BAD = Set.of("Error", "Died", "Rejected", "Failed");

    /** The word, marked as good, waiting or bad news. */
    public abstract String state(String word);

    public abstract String faint(String text);
}
