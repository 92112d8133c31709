package dev.openkcm.networking.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.client.RestClient;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.kind.Kinds;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a person pointed at: all resources of a kind, or the one of a name. */
record Resource(Kind kind, String name) {
    private static final Pattern COMMA = Pattern.compile(",");

    boolean isAll() {
        return name.isEmpty();
    }

    String title() {
        return kind.singular() + "/" + name;
    }

    /** Understands {@code KIND}, {@code KIND,KIND}, {@code KIND NAME…} and {@code KIND/NAME…}. */
    static List<Resource> parse(List<String> words) {
        if (words.isEmpty()) {
            throw new Failure("Name a kind: one of " + Kinds.choice() + ".");
        }
        List<Resource> all = new ArrayList<>();
        if (words.stream().anyMatch(word -> word.contains("/"))) {
            for (String word : words) {
                all.add(pair(word));
            }
            return all;
        }
        List<Kind> kinds = COMMA.splitAsStream(words.getFirst()).map(Resource::kind).toList();
        List<String> names = words.size() == 1 ? List.of("") : words.subList(1, words.size());
        for (Kind kind : kinds) {
            names.forEach(name -> all.add(new Resource(kind, name)));
        }
        return all;
    }

    /** As {@link #parse}, where every resource has to be named. */
    static List<Resource> parseNamed(List<String> words) {
        List<Resource> all = parse(words);
        if (all.stream().anyMatch(Resource::isAll)) {
            throw new Failure("Name a resource: KIND NAME or KIND/NAME.");
        }
        return all;
    }

    /** As {@link #parse}, where none may be named. */
    static List<Resource> parseKinds(List<String> words) {
        List<Resource> all = parse(words);
        if (!all.stream().allMatch(Resource::isAll)) {
            throw new Failure("With --all or a selector, name kinds alone.");
        }
        return all;
    }

    /** The resources of the kind that labels select, each by its name. */
    Stream<Resource> inAll(RestClient client, String namespace, String selector) {
        JsonNode list = Answers.required(client.list(kind, namespace, selector));
        return list.path("items")
                .valueStream()
                .map(item -> new Resource(kind, Documents.name(item)));
    }

    private static Resource pair(String word) {
        int slash = word.indexOf('/');
        if (slash <= 0 || slash == word.length() - 1) {
            throw new Failure(word + " is not of the form KIND/NAME.");
        }
        return new Resource(kind(word.substring(0, slash)), word.substring(slash + 1));
    }

    private static Kind kind(String word) {
        return Kinds.find(word)
                .orElseThrow(() ->
                        new Failure(
                                "The platform has no kind \""
                                        + word
                                        + "\": one of "
                                        + Kinds.choice()
                                        + "."));
    }
}
