package dev.openkcm.networking.cli.kind;

import java.util.List;
import java.util.Locale;

/** A kind of resource: its names, the service that owns it, and how its table looks. */
public record Kind(
        String name,
        String plural,
        List<String> shortNames,
        String entity,
        String service,
        Scope scope,
        List<Column> columns) {

    /** Whether resources of a kind live in namespaces. */
    public enum Scope {
        NAMESPACED,
        CLUSTER
    }

    public Kind {
        shortNames = List.copyOf(shortNames);
        columns = List.copyOf(columns);
    }

    /** The name in messages: {@code network} as in {@code network/a}. */
    public String singular() {
        return name.toLowerCase(Locale.ROOT);
    }

    public boolean namespaced() {
        return scope == Scope.NAMESPACED;
    }

    boolean answersTo(String lowerCaseWord) {
        return lowerCaseWord.equals(plural)
                || lowerCaseWord.equals(singular())
                || shortNames.contains(lowerCaseWord);
    }
}
