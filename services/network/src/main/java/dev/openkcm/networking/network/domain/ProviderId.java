package dev.openkcm.networking.network.domain;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * What the network plugin knows a Network by: {@code OpenKCM-net://<system namespace>/<uid of the
 * Network>/<id>/<uid>}.
 *
 * @param pluginUid the uid of the plugin's own object; follows from the Network's uid
 */
public record ProviderId(String systemNamespace, UUID networkUid, int id, UUID pluginUid) {

    private static final String SCHEME = "OpenKCM-net://";

    static ProviderId of(String systemNamespace, UUID networkUid, int id) {
        var seed = "core.apinet.OpenKCM.dev/Network/" + networkUid;
        return new ProviderId(
                systemNamespace,
                networkUid,
                id,
                UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)));
    }

    /** Reads one; only a corrupt log holds anything else. */
    static ProviderId parse(String text) {
        String[] parts =
                text.startsWith(SCHEME)
                        ? text.substring(SCHEME.length()).split("/", -1)
                        : new String[0];
        if (parts.length != 4) {
            throw new IllegalArgumentException("not a provider id of a Network: " + text);
        }
        return new ProviderId(
                parts[0],
                UUID.fromString(parts[1]),
                Integer.parseInt(parts[2]),
                UUID.fromString(parts[3]));
    }

    @Override
    public String toString() {
        return SCHEME + String.join("/", systemNamespace, "" + networkUid, "" + id, "" + pluginUid);
    }
}
