package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.streams.AvroJson;
import dev.openkcm.networking.schemas.common.v1.OtherEvent;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;

/** What is read off documents, and how events are shown. */
final class Documents {

    private Documents() {}

    static Map<String, String> labels(JsonNode document) {
        var labels = new HashMap<String, String>();
        for (var label : document.path("metadata").path("labels").properties()) {
            labels.put(label.getKey(), label.getValue().asText());
        }
        return labels;
    }

    static long resourceVersion(JsonNode document) {
        return document.path("metadata").path("resourceVersion").asLong();
    }

    static boolean deleting(JsonNode document) {
        return document.path("metadata").has("deletionTimestamp");
    }

    static String key(JsonNode document) {
        var metadata = document.path("metadata");
        String namespace = metadata.path("namespace").asText();
        String name = metadata.path("name").asText();
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }

    /**
     * The envelope's fields, then the type and the fields of what happened; no fields when only a
     * later release knows them.
     */
    static ObjectNode event(IndexedRecord event) {
        var shown = JsonNodeFactory.instance.objectNode();
        var envelope = AvroJson.object(event);
        for (String field : new String[] {"uid", "sequence", "time"}) {
            shown.set(field, envelope.get(field));
        }
        var payload = (IndexedRecord) event.get(event.getSchema().getField("event").pos());
        String type =
                payload instanceof OtherEvent other
                        ? other.getType()
                        : payload.getSchema().getName();
        shown.put("type", type);
        shown.set("causedBy", envelope.get("causedBy"));
        if (envelope.has("actor")) {
            shown.set("actor", envelope.get("actor"));
        }
        shown.set(
                "data",
                payload instanceof OtherEvent ? other(event, type) : AvroJson.object(payload));
        return shown;
    }

    /** A type that came later has a field of its own in the envelope. */
    private static ObjectNode other(IndexedRecord event, String type) {
        return event.getSchema().getFields().stream()
                .map(field -> event.get(field.pos()))
                .filter(IndexedRecord.class::isInstance)
                .map(IndexedRecord.class::cast)
                .filter(record -> record.getSchema().getName().equals(type))
                .findFirst()
                .map(AvroJson::object)
                .orElseGet(JsonNodeFactory.instance::objectNode);
    }
}
