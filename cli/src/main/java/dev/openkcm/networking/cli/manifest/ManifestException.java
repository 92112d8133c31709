package dev.openkcm.networking.cli.manifest;

/** A manifest that cannot be read, with the place where. */
public final class ManifestException extends Exception {
    public ManifestException(String message) {
        super(message);
    }
}
