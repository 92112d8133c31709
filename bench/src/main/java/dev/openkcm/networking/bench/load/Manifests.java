package dev.openkcm.networking.bench.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Manifests of the resources of a run, which all live in one namespace. */
final class Manifests {

    static final String NAMESPACE = "bench";

    private Manifests() {}

    /** The labels of a resource, which change with every order. */
    static Map<String, String> labels(Order order) {
        return Map.of("app", "app-" + order.resource() % 20, "revision", "r" + order.revision());
    }

    /**
     * A manifest with these labels.
     *
     * @param spec the members of the object, in JSON
     */
    static String json(String kind, String name, Order order, String spec) {
        String labels =
                new TreeMap<>(labels(order))
                        .entrySet().stream()
                                .map(label ->
                                        "\"%s\":\"%s\"".formatted(label.getKey(), label.getValue()))
                                .collect(Collectors.joining(","));
        return """
        {"apiVersion":"networking.OpenKCM.dev/v1alpha1","kind":"%s",\
        "metadata":{"name":"%s","namespace":"%s","labels":{%s}},"spec":{%s}}\
        """
                .formatted(kind, name, NAMESPACE, labels, spec);
    }
}
