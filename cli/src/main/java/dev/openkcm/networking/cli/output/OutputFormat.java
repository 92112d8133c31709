package dev.openkcm.networking.cli.output;

/** How documents are shown. */
public enum OutputFormat {
    TABLE,
    WIDE,
    YAML,
    JSON,
    NAME
}
