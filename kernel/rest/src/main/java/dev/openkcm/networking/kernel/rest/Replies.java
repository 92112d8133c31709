package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.Texts;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers answers to where the header {@code reply-to} of the command asked for them, at least
 * once; a topic that does not take them is left out for a minute, so that it holds up nobody.
 */
@ApplicationScoped
public class Replies {

    private static final Logger LOG = LoggerFactory.getLogger(Replies.class);
    private static final Pattern TOPIC =
            Pattern.compile("(?!openkcm\\.|__|\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");
    private static final Duration LEFT_OUT = Duration.ofSeconds(60);
    private static final int REMEMBERED = 1_000;
    private static final int ATTEMPTS = 3;

    private final ServiceRuntime runtime;
    private final Map<String, Long> leftOut =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.@Nullable Entry<String, Long> eldest) {
                    return size() > REMEMBERED;
                }
            };
    private @Nullable Producer<byte[], byte[]> producer;

    Replies(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    private record Reply(ProducerRecord<byte[], byte[]> answer, Future<RecordMetadata> delivery) {}

    /** Answers that somebody wants; returns once they are delivered. */
    @Incoming("replies")
    @Blocking(ordered = true)
    synchronized void wanted(ConsumerRecords<byte[], byte[]> results) {
        var replies = new ArrayList<Reply>();
        for (var result : results) {
            var topic = CloudEventHeaders.text(result.headers(), CloudEventHeaders.REPLY_TO);
            if (topic.isPresent() && takes(topic.get())) {
                begin(topic.get(), result, replies);
            }
        }
        replies.forEach(this::finish);
    }

    private boolean takes(String topic) {
        if (!TOPIC.matcher(topic).matches()) {
            leaveOut(topic, "its name is not allowed");
            return false;
        }
        Long since = leftOut.get(topic);
        return since == null || System.nanoTime() - since > LEFT_OUT.toNanos();
    }

    /** Waits for the metadata of the topic only. */
    private void begin(String topic, ConsumerRecord<byte[], byte[]> result, List<Reply> replies) {
        var answer =
                new ProducerRecord<>(
                        topic, null, null, result.key(), result.value(), result.headers());
        try {
            var reply = new Reply(answer, producer().send(answer));
            if (reply.delivery().isDone()) {
                finish(reply);
            } else {
                replies.add(reply);
            }
        } catch (RuntimeException refused) {
            leaveOut(topic, refused.toString());
        }
    }

    private void finish(Reply reply) {
        String topic = reply.answer().topic();
        try {
            var delivery = reply.delivery();
            for (int attempt = 1; ; attempt++) {
                try {
                    delivery.get();
                    leftOut.remove(topic);
                    return;
                } catch (ExecutionException failure) {
                    if (attempt == ATTEMPTS || !passes(failure.getCause())) {
                        leaveOut(topic, "" + failure.getCause());
                        return;
                    }
                }
                delivery = producer().send(reply.answer());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the service is stopping", stopped);
        } catch (RuntimeException refused) {
            leaveOut(topic, refused.toString());
        }
    }

    private static boolean passes(@Nullable Throwable failure) {
        return failure instanceof RetriableException
                && !(failure instanceof UnknownTopicOrPartitionException)
                && !(failure.getCause() instanceof UnknownTopicOrPartitionException);
    }

    private void leaveOut(String topic, String why) {
        if (leftOut.put(topic, System.nanoTime()) == null) {
            LOG.warn("No answers are delivered to {}: {}", Texts.quoted(topic), why);
        }
    }

    private Producer<byte[], byte[]> producer() {
        var known = producer;
        if (known != null) {
            return known;
        }
        var settings = new HashMap<String, Object>(runtime.client());
        settings.put("client.id", "openkcm.%s.replies".formatted(runtime.name()));
        settings.put("acks", "all");
        settings.put("max.block.ms", 2_000);
        settings.put("request.timeout.ms", 5_000);
        settings.put("delivery.timeout.ms", 20_000);
        settings.put("max.request.size", 2 * 1024 * 1024);
        var made =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        producer = made;
        return made;
    }

    @PreDestroy
    synchronized void close() {
        var known = producer;
        if (known != null) {
            known.close(Duration.ofSeconds(5));
        }
    }
}
