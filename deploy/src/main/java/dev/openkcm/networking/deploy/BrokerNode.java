package dev.openkcm.networking.deploy;

import java.nio.file.Path;
import java.util.List;

/**
 * One broker of a cluster: its number, where it listens and where it keeps its log.
 *
 * @param advertisedPort where clients and other brokers are told to connect; another than the one
 *     it listens on when something stands between
 */
public record BrokerNode(
        int id, int port, int controllerPort, Path data, String directoryId, int advertisedPort) {

    BrokerNode(int id, int port, int controllerPort, Path data, String directoryId) {
        this(id, port, controllerPort, data, directoryId, port);
    }

    public static BrokerNode of(int id, int port, int controllerPort, Path data) {
        return new BrokerNode(id, port, controllerPort, data, KafkaIds.random());
    }

    /** The same broker, reached through another port, such as that of a proxy. */
    public BrokerNode behind(int otherPort) {
        return new BrokerNode(id, port, controllerPort, data, directoryId, otherPort);
    }

    /** On which it listens. */
    public List<Integer> ports() {
        return List.of(port, controllerPort);
    }

    String address() {
        return "localhost:" + port;
    }

    String advertisedAddress() {
        return "localhost:" + advertisedPort;
    }

    String controllerAddress() {
        return "localhost:" + controllerPort;
    }

    String voter() {
        return id + "@" + controllerAddress() + ":" + directoryId;
    }
}
