package dev.openkcm.networking.kernel.streams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeFeaturesResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes sure, before anything runs, that cluster and topics are what the design relies on. */
public final class TopicAdmin {

    private static final Logger LOG = LoggerFactory.getLogger(TopicAdmin.class);
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Admin admin;
    private final int partitions;

    public TopicAdmin(Admin admin, int partitions) {
        this.admin = admin;
        this.partitions = partitions;
    }

    /**
     * Waits for the cluster, creates missing topics, waits until brokers know them, and returns
     * what is wrong for good with the cluster or with topics that exist: sentences, none when all
     * is well.
     *
     * @param writers by topic, the application whose work is lost with it: once that has committed,
     *     the topic is not made anew, since an empty one would say that nothing ever happened
     */
    public List<String> prepare(Collection<TopicSpec> topics, Map<String, String> writers)
            throws InterruptedException {
        for (long pause = SHORTEST_PAUSE.toMillis(); ; pause = longer(pause)) {
            try {
                // Asked for together; a start waits for each answer.
                var features = admin.describeFeatures();
                var names = admin.listTopics().names();
                var problems = new ArrayList<>(transactionProtocol(features));
                var existing = names.get();
                var lost = lost(writers, existing);
                problems.addAll(lost);
                if (lost.isEmpty()) {
                    create(topics, existing);
                    problems.addAll(differences(topics));
                }
                return problems;
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof RetriableException away)) {
                    throw new IllegalStateException("the Kafka cluster refuses", failed);
                }
                LOG.warn("Kafka is not ready, trying again: {}", away.getMessage());
                Thread.sleep(pause);
            }
        }
    }

    private static long longer(long pause) {
        return Math.min(2 * pause, LONGEST_PAUSE.toMillis());
    }

    /**
     * Before version 2 of the protocol a delayed end of a transaction could hit the next one
     * (KIP-890), and a log could be torn.
     */
    private static List<String> transactionProtocol(DescribeFeaturesResult features)
            throws ExecutionException, InterruptedException {
        var finalized = features.featureMetadata().get().finalizedFeatures();
        var version = finalized.get("transaction.version");
        return version != null && version.maxVersionLevel() >= 2
                ? List.of()
                : List.of(
                        "the cluster's feature transaction.version is "
                                + (version == null ? "not set" : version.maxVersionLevel())
                                + ", but at least 2 is needed: kafka-features.sh upgrade --feature"
                                + " transaction.version=2");
    }

    private List<String> lost(Map<String, String> writers, Set<String> existing)
            throws ExecutionException, InterruptedException {
        var lost = new ArrayList<String>();
        for (var written : new TreeMap<>(writers).entrySet()) {
            if (!existing.contains(written.getKey()) && hasCommitted(written.getValue())) {
                lost.add(
                        "topic %s is gone, but %s has written to it; restore it, or begin with an"
                                        .formatted(written.getKey(), written.getValue())
                                + " empty cluster");
            }
        }
        return lost;
    }

    private boolean hasCommitted(String application)
            throws ExecutionException, InterruptedException {
        try {
            return !admin.listConsumerGroupOffsets(application)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .isEmpty();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof GroupIdNotFoundException) {
                return false;
            }
            throw failed;
        }
    }

    private void create(Collection<TopicSpec> topics, Set<String> existing)
            throws ExecutionException, InterruptedException {
        var missing =
                topics.stream()
                        .filter(t -> !existing.contains(t.name()))
                        .map(t ->
                                new NewTopic(t.name(), Optional.of(partitions), Optional.empty())
                                        .configs(t.config()))
                        .toList();
        for (var creation : admin.createTopics(missing).values().entrySet()) {
            try {
                creation.getValue().get();
                LOG.info("Created topic {}", creation.getKey());
            } catch (ExecutionException failed) {
                if (!(failed.getCause() instanceof TopicExistsException)) {
                    throw failed;
                }
            }
        }
    }

    private List<String> differences(Collection<TopicSpec> topics)
            throws ExecutionException, InterruptedException {
        var names = topics.stream().map(TopicSpec::name).toList();
        var resources =
                names.stream().map(n -> new ConfigResource(ConfigResource.Type.TOPIC, n)).toList();
        var describing = admin.describeTopics(names).allTopicNames();
        var configs = admin.describeConfigs(resources).all().get();
        var descriptions = describing.get();
        var problems = new ArrayList<String>();
        for (TopicSpec topic : topics) {
            var description = descriptions.get(topic.name());
            if (description != null && description.partitions().size() != partitions) {
                problems.add(
                        "topic %s has %d partitions, but %d are configured; keys would move"
                                .formatted(
                                        topic.name(), description.partitions().size(), partitions));
            }
            var config = configs.get(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
            var policy = config == null ? null : config.get("cleanup.policy");
            if (policy != null && !policy.value().equals(topic.cleanupPolicy())) {
                problems.add(
                        "topic %s has cleanup.policy=%s, but must have %s"
                                .formatted(topic.name(), policy.value(), topic.cleanupPolicy()));
            }
        }
        return problems;
    }
}
