package dev.openkcm.networking.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import dev.openkcm.networking.cli.kind.Column;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The table of one kind, with the columns that were asked for. */
public final class ResourceTable {
    private final List<Column> columns;
    private final boolean showNamespace;

    public ResourceTable(Kind kind, boolean wide, boolean allNamespaces) {
        this.columns =
                kind.columns().stream().filter(column -> wide || !column.wideOnly()).toList();
        this.showNamespace = allNamespaces && kind.namespaced();
    }

    public Table of(Iterable<JsonNode> documents, Instant now) {
        Table table = new Table(header());
        documents.forEach(document -> table.add(row(document, now)));
        return table;
    }

    public List<String> header() {
        List<String> header = new ArrayList<>();
        if (showNamespace) {
            header.add("NAMESPACE");
        }
        columns.forEach(column -> header.add(column.header()));
        return header;
    }

    public List<String> row(JsonNode document, Instant now) {
        List<String> cells = new ArrayList<>();
        if (showNamespace) {
            cells.add(Documents.namespace(document));
        }
        columns.forEach(column -> cells.add(column.cell().apply(document, now)));
        return cells;
    }
}
