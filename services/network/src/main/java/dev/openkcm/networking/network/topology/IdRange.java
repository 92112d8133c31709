package dev.openkcm.networking.network.topology;

import java.time.Duration;

/**
 * The ids that Networks can get, both ends included.
 *
 * @param quarantine how long an id rests before another Network gets it
 */
public record IdRange(int min, int max, Duration quarantine) {

    public IdRange {
        if (min < 1 || max > 0xffffff || min >= max) {
            throw new IllegalArgumentException(
                    "openkcm.network.ids: min %d and max %d must be a range within 1..16777215"
                            .formatted(min, max));
        }
    }
}
