package dev.openkcm.networking.cli.command;

import dev.openkcm.networking.cli.client.Change;
import dev.openkcm.networking.cli.kind.Documents;
import dev.openkcm.networking.cli.kind.Kind;
import dev.openkcm.networking.cli.output.DocumentWriter;
import dev.openkcm.networking.cli.output.OutputFormat;
import dev.openkcm.networking.cli.output.ResourceTable;
import dev.openkcm.networking.cli.output.RowPrinter;

/** Shows changes as they arrive, in the format asked for. */
final class WatchPrinter {
    private final Session session;
    private final Kind kind;
    private final OutputFormat format;
    private final ResourceTable table;
    private final RowPrinter rows;

    WatchPrinter(Session session, Kind kind, OutputFormat format, boolean allNamespaces) {
        this.session = session;
        this.kind = kind;
        this.format = format;
        this.table = new ResourceTable(kind, format == OutputFormat.WIDE, allNamespaces);
        this.rows = new RowPrinter(session.console(), table.header());
    }

    /** False once nobody reads any more. */
    boolean print(Change change) {
        switch (format) {
            case YAML -> {
                session.console().data("---");
                session.console().data(DocumentWriter.yaml(change.document()));
            }
            case JSON -> session.console().data(DocumentWriter.json(change.document()));
            case NAME ->
                    session.console()
                            .data(kind.singular() + "/" + Documents.name(change.document()));
            case TABLE, WIDE ->
                    rows.print(
                            table.row(change.document(), session.clock().instant()),
                            change.deleted());
        }
        return !session.console().out().checkError();
    }
}
