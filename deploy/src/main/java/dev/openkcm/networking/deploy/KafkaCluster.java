package dev.openkcm.networking.deploy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Brokers that form one KRaft cluster, each both controller and broker.
 *
 * @param guarded whether access control lists are kept to; what none of them names is allowed
 */
public record KafkaCluster(String id, List<BrokerNode> nodes, boolean guarded) {
    private static final int FULL_REPLICATION = 3;
    private static final long TEN_YEARS_IN_MINUTES = 10L * 365 * 24 * 60;

    public KafkaCluster {
        nodes = List.copyOf(nodes);
    }

    public static KafkaCluster of(BrokerNode... nodes) {
        return new KafkaCluster(KafkaIds.random(), List.of(nodes), false);
    }

    /** The same cluster, from which rights can be taken. */
    public KafkaCluster asGuarded() {
        return new KafkaCluster(id, nodes, true);
    }

    public String bootstrapServers() {
        return nodes.stream().map(BrokerNode::advertisedAddress).collect(Collectors.joining(","));
    }

    /** The arguments of the storage tool that make a node's empty folder part of this cluster. */
    List<String> formatArguments() {
        return nodes.size() == 1
                ? List.of("--standalone")
                : List.of(
                        "--initial-controllers",
                        nodes.stream().map(BrokerNode::voter).collect(Collectors.joining(",")));
    }

    Map<String, String> properties(BrokerNode node) {
        int replicas = Math.min(FULL_REPLICATION, nodes.size());
        String replication = String.valueOf(replicas);
        String inSync = String.valueOf(replicas == 1 ? 1 : replicas - 1);
        Map<String, String> all = new LinkedHashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", String.valueOf(node.id()));
        all.put(
                "listeners",
                "PLAINTEXT://" + node.address() + ",CONTROLLER://" + node.controllerAddress());
        all.put("advertised.listeners", "PLAINTEXT://" + node.advertisedAddress());
        all.put("inter.broker.listener.name", "PLAINTEXT");
        all.put("controller.listener.names", "CONTROLLER");
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        all.put(
                "controller.quorum.bootstrap.servers",
                nodes.stream().map(BrokerNode::controllerAddress).collect(Collectors.joining(",")));
        all.put("log.dirs", node.data().resolve("log").toString());

        all.put("auto.create.topics.enable", "false");
        all.put("default.replication.factor", replication);
        all.put("min.insync.replicas", inSync);
        for (String topic :
                List.of(
                        "offsets.topic",
                        "transaction.state.log",
                        "share.coordinator.state.topic")) {
            all.put(topic + ".replication.factor", replication);
            all.put(topic + ".num.partitions", "4");
        }
        all.put("transaction.state.log.min.isr", inSync);
        all.put("share.coordinator.state.topic.min.isr", inSync);

        // A broker that was killed is let in again only when its former session is over.
        all.put("broker.session.timeout.ms", "3000");
        all.put("broker.heartbeat.interval.ms", "1000");
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("group.min.session.timeout.ms", "1000");
        all.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
        // A transaction that begins while the markers of the one before are written is tried again
        // after this, not after 20 ms.
        all.put("add.partitions.to.txn.retry.backoff.ms", "2");
        // A stack that rests for longer than a week must not forget what its services have decided.
        all.put("offsets.retention.minutes", String.valueOf(TEN_YEARS_IN_MINUTES));

        all.put("log.segment.bytes", String.valueOf(128L << 20));
        all.put("log.index.size.max.bytes", String.valueOf(2L << 20));
        all.put("log.cleaner.dedupe.buffer.size", String.valueOf(16L << 20));
        all.put("num.network.threads", "2");
        all.put("num.io.threads", "4");
        if (guarded) {
            guard(all);
        }
        return all;
    }

    /**
     * Controllers elect before they have read any list, when only superusers may do anything; so
     * they have a name of their own, and everybody else shares the anonymous one.
     */
    private static void guard(Map<String, String> all) {
        all.put("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        all.put("allow.everyone.if.no.acl.found", "true");
        all.put("super.users", "User:controller");
        all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT");
        all.put("sasl.mechanism.controller.protocol", "PLAIN");
        all.put("listener.name.controller.sasl.enabled.mechanisms", "PLAIN");
        all.put(
                "listener.name.controller.plain.sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username=\"controller\" password=\"of the tests\""
                        + " user_controller=\"of the tests\";");
    }
}
