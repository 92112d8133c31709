package dev.openkcm.networking.cli.verify;

import java.util.List;
import org.apache.avro.generic.GenericRecord;

/** The status of one resource, from its events alone. */
interface Fold {

    /** What happened next. */
    void happened(String event, GenericRecord data);

    /** How the published state differs; empty when it does not. */
    List<String> differences(GenericRecord state);
}
