package dev.openkcm.networking.bench.load;

/** How commands are written. */
public enum Format {
    AVRO,
    JSON
}
