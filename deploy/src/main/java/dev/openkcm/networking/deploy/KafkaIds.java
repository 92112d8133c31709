package dev.openkcm.networking.deploy;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** Ids in the form Kafka writes them: a UUID in URL-safe Base64. */
final class KafkaIds {
    private KafkaIds() {}

    static String random() {
        while (true) {
            UUID uuid = UUID.randomUUID();
            byte[] bytes =
                    ByteBuffer.allocate(16)
                            .putLong(uuid.getMostSignificantBits())
                            .putLong(uuid.getLeastSignificantBits())
                            .array();
            String id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            // A leading dash would be read as an option by the storage tool.
            if (!id.startsWith("-")) {
                return id;
            }
        }
    }
}
