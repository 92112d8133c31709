package dev.openkcm.networking.kernel.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The id by which the transactions of an application's process are known: who starts with it ends
 * what its predecessor left open.
 *
 * <p>Kafka Streams draws one and keeps it in the folder of the application. It is lost with the
 * folder, and then nobody reads what follows an open transaction until that times out; and in a
 * copy of the folder, as when a second instance is made from the disk of the first, two have one
 * id, and end each other's transactions for ever. So the id is put there before Kafka Streams looks
 * for it, and follows from the name of the instance.
 */
final class ProcessIdentity {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessIdentity.class);

    private final Path folder;
    private final Path file;
    private final String member;
    private final byte[] content;

    /**
     * @param stateDir of all applications of the process
     * @param member what the instance is called in the group of the application, which no other is
     */
    ProcessIdentity(Path stateDir, String applicationId, String member) {
        this.folder = stateDir.resolve(applicationId);
        this.file = folder.resolve("kafka-streams-process-metadata");
        this.member = member;
        var id = UUID.nameUUIDFromBytes(member.getBytes(UTF_8));
        this.content = "{\"processId\":\"%s\"}".formatted(id).getBytes(UTF_8);
    }

    /** Before a client is made. Deletes the folder first if it is another's. */
    void establish() {
        try {
            if (Files.exists(file)) {
                if (Arrays.equals(Files.readAllBytes(file), content)) {
                    return;
                }
                LOG.warn("{} is not what {} had there; built anew", folder, member);
                Utils.delete(folder.toFile());
            }
            Files.createDirectories(folder);
            Files.write(file, content);
        } catch (IOException failure) {
            throw new IllegalStateException(
                    "the folder %s can't be read or written: %s".formatted(folder, failure),
                    failure);
        }
    }
}
