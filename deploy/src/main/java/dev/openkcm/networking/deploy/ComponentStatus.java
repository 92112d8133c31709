package dev.openkcm.networking.deploy;

import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What is known of one component of the stack at a moment. */
public record ComponentStatus(
        String name,
        OptionalLong pid,
        int port,
        State state,
        long residentBytes,
        @Nullable Instant since) {

    /** Whether a component serves. */
    public enum State {
        /** It answers that it is ready. */
        READY("Ready"),
        /** Its process lives but does not say that it is ready. */
        UNREADY("Unready"),
        /** Its process ended without being told to. */
        DIED("Died"),
        /** Nobody started it. */
        STOPPED("Stopped"),
        /** Its module has no build output. */
        NOT_BUILT("NotBuilt");

        private final String word;

        State(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }
}
