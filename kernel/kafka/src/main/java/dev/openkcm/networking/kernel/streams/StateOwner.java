package dev.openkcm.networking.kernel.streams;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.utils.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * To which instance the folder of an application belongs.
 *
 * <p>Kafka Streams keeps the id in there by which the transactions of a process are known, so that
 * its successor ends what it left open. In a copy of the folder, as when a second instance is made
 * from the disk of the first, both have one id: each ends the transactions of the other, for ever.
 */
final class StateOwner {

    private static final Logger LOG = LoggerFactory.getLogger(StateOwner.class);

    private final Path folder;
    private final Path process;
    private final Path note;
    private final String member;

    /**
     * Of the folder of an application.
     *
     * @param stateDir of all applications of the process
     * @param member what the instance is called in its group
     */
    StateOwner(Path stateDir, String applicationId, String member) {
        this.folder = stateDir.resolve(applicationId);
        this.process = folder.resolve("kafka-streams-process-metadata");
        this.note = stateDir.resolve(applicationId + ".owner");
        this.member = member;
    }

    /** Before the client is made: deletes the folder if it is another's. */
    void open() {
        try {
            if (Files.exists(note) && Files.exists(process) && !text(note).equals(owner())) {
                LOG.warn("{} is not what {} had there; built anew", folder, member);
                Utils.delete(folder.toFile());
            }
        } catch (IOException failure) {
            throw new IllegalStateException(
                    "the folder %s can't be read: %s".formatted(folder, failure), failure);
        }
    }

    /** Once the client is made, which has an id. */
    void keep() {
        try {
            if (Files.exists(process)) {
                Files.writeString(note, owner(), StandardCharsets.ISO_8859_1);
            }
        } catch (IOException failure) {
            LOG.warn("It can't be told that {} belongs to {}", folder, member, failure);
        }
    }

    private String owner() throws IOException {
        return member + " " + text(process);
    }

    /** Whatever became of a file, it is read. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }
}
