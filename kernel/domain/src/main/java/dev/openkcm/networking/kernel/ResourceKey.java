package dev.openkcm.networking.kernel;

/**
 * What identifies a resource of one kind, and the key of its records: {@code <namespace>/<name>},
 * or {@code <name>} alone for kinds of the whole cluster, whose namespace is empty.
 */
public record ResourceKey(String namespace, String name) implements Comparable<ResourceKey> {

    /** Reads a record key; anything with more than one slash is not one. */
    public static ResourceKey parse(String key) {
        int slash = key.indexOf('/');
        if (slash != key.lastIndexOf('/')) {
            throw new IllegalArgumentException(
                    "the key must be <namespace>/<name>, but is " + Texts.quoted(key));
        }
        return slash < 0
                ? new ResourceKey("", key)
                : new ResourceKey(key.substring(0, slash), key.substring(slash + 1));
    }

    /** The same name in another kind's or the same namespace. */
    public ResourceKey sibling(String otherName) {
        return new ResourceKey(namespace, otherName);
    }

    @Override
    public int compareTo(ResourceKey other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
