package dev.openkcm.networking.deploy;

import java.nio.file.Path;

/** One broker of a cluster: its number, where it listens and where it keeps its log. */
public record BrokerNode(int id, int port, int controllerPort, Path data, String directoryId) {

    public static BrokerNode of(int id, int port, int controllerPort, Path data) {
        return new BrokerNode(id, port, controllerPort, data, KafkaIds.random());
    }

    String address() {
        return "localhost:" + port;
    }

    String controllerAddress() {
        return "localhost:" + controllerPort;
    }

    String voter() {
        return id + "@" + controllerAddress() + ":" + directoryId;
    }
}
