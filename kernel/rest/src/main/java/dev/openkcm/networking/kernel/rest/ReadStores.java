package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** What is in the stores of the service's own reading applications, in all instances. */
@Singleton
public class ReadStores {

    /** What a question found. */
    public sealed interface Found {

        /** Everything, in all instances, or here alone when another instance asks. */
        record Complete(List<JsonNode> items) implements Found {}

        /** Stores are moving or being restored; asking again soon helps. */
        record NotReady(String reason) implements Found {}
    }

    private final ServiceRuntime runtime;
    private final ServiceConfig config;
    private final Forwarding forwarding;

    ReadStores(ServiceRuntime runtime, ServiceConfig config, Forwarding forwarding) {
        this.runtime = runtime;
        this.config = config;
        this.forwarding = forwarding;
    }

    /**
     * Asks this instance's part of a store, and the others by the same request. While nobody looks
     * after some part, there is no answer: one that leaves somebody out would be a wrong one.
     *
     * @param items where in the answer of another instance its items are
     */
    public Found everywhere(
            String application,
            String store,
            UriInfo uri,
            HttpHeaders headers,
            String items,
            Function<ReadOnlyKeyValueStore<String, byte[]>, List<JsonNode>> question) {
        var streams = runtime.reader(application);
        if (streams.isEmpty()) {
            return new Found.NotReady("the service is starting; see /q/health");
        }
        try {
            var hosts = hosts(streams.get(), store);
            var found = new ArrayList<JsonNode>();
            if (hosts.stream().anyMatch(this::isHere)) {
                found.addAll(question.apply(store(streams.get(), store)));
            }
            if (!Forwarding.wasForwarded(headers)) {
                String query = uri.getRequestUri().getRawQuery();
                String path = uri.getRequestUri().getRawPath() + (query == null ? "" : "?" + query);
                for (HostInfo host : hosts) {
                    if (!isHere(host)) {
                        forwarding
                                .ask(host, path)
                                .ifPresent(answer -> answer.path(items).forEach(found::add));
                    }
                }
            }
            return new Found.Complete(List.copyOf(found));
        } catch (InvalidStateStoreException moving) {
            return new Found.NotReady("the store is not ready: " + moving.getMessage());
        } catch (Views.NotReady away) {
            return new Found.NotReady(String.valueOf(away.getMessage()));
        }
    }

    private static ReadOnlyKeyValueStore<String, byte[]> store(KafkaStreams streams, String name) {
        return streams.store(
                StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.keyValueStore()));
    }

    /** Who looks after parts of the store; together they have all of it. */
    private List<HostInfo> hosts(KafkaStreams streams, String store) throws Views.NotReady {
        var hosts = new ArrayList<HostInfo>();
        var partitions = new HashSet<Integer>();
        for (StreamsMetadata instance : streams.streamsMetadataForStore(store)) {
            hosts.add(instance.hostInfo());
            instance.topicPartitions().forEach(p -> partitions.add(p.partition()));
        }
        if (partitions.size() < config.partitions()) {
            throw new Views.NotReady("parts of the store are on their way to another instance");
        }
        return hosts;
    }

    private boolean isHere(HostInfo host) {
        return "%s:%d".formatted(host.host(), host.port()).equals(runtime.server());
    }
}
