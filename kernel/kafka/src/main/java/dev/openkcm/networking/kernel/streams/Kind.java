package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Decider;
import dev.openkcm.networking.schemas.common.v1.ObjectMeta;
import dev.openkcm.networking.schemas.common.v1.OtherEvent;
import org.apache.avro.specific.SpecificRecord;

/**
 * A kind of resource: everything that the kernel must know of it.
 *
 * @param name as in manifests, such as {@code NetworkInterface}
 * @param plural as in URLs, such as {@code networkinterfaces}
 * @param entity as in topic names, such as {@code network-interface}
 * @param naming what its names look like
 */
public record Kind<S, C, E>(
        String name,
        String plural,
        String entity,
        Naming naming,
        Decider<S, C, E> decider,
        ResourceCodec<S, C, E> codec) {

    /** What names look like, and whether they live in a namespace. */
    public enum Naming {
        SUBDOMAIN_IN_NAMESPACE,
        LABEL_IN_NAMESPACE,
        LABEL_IN_CLUSTER;

        public boolean namespaced() {
            return this != LABEL_IN_CLUSTER;
        }
    }

    /** The group and version of all manifests, in the spelling that documents carry. */
    public static final String API_VERSION = "networking.OpenKCM.dev/v1alpha1";

    /** A topic of the public contract, or an internal one of the same form. */
    public String topic(String what) {
        return topicOf(entity, what);
    }

    /** A topic of some entity, possibly one of another service. */
    public static String topicOf(String entity, String what) {
        return "openkcm." + entity + "." + what + ".v1";
    }

    /** The entity of such a topic. */
    public static String entityOf(String topic) {
        int start = topic.indexOf('.') + 1;
        return topic.substring(start, topic.indexOf('.', start));
    }

    public String commands() {
        return topic("commands");
    }

    public String results() {
        return topic("results");
    }

    public String events() {
        return topic("events");
    }

    public String state() {
        return topic("state");
    }

    public String deadLetters() {
        return topic("dead-letters");
    }

    /** Internal: commands that a foreign client's partitioner put on another partition. */
    public String rerouted() {
        return topic("commands-rerouted");
    }

    /** Internal: answers that somebody wants on a topic of their own as well. */
    public String replies() {
        return topic("replies");
    }

    /** Internal: what other topologies of the owning service learned. */
    public String observations() {
        return topic("observations");
    }

    /**
     * The state after a published event. One of a type that only a later release knows changes
     * nothing that this one knows but the version.
     */
    public S evolve(S before, SpecificRecord event) {
        var published = codec.published(event);
        if (!(published.payload() instanceof OtherEvent)) {
            return decider.evolve(before, codec.event(event));
        }
        if (decider.meta(before) == null) {
            throw new IllegalStateException(published + " of what does not exist");
        }
        var document = codec.state(before);
        var metadata = (ObjectMeta) document.get(document.getSchema().getField("metadata").pos());
        metadata.put(metadata.getSchema().getField("resourceVersion").pos(), published.sequence());
        return codec.state(document);
    }

    /** The application that decides; it is never reset. */
    public String decideApplication() {
        return "openkcm." + entity + ".decide";
    }

    /** The application that serves reads; it can be reset at any time. */
    public String viewApplication() {
        return "openkcm." + entity + ".view";
    }
}
