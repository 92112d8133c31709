package dev.openkcm.networking.kernel.streams;

import dev.openkcm.networking.kernel.Cause;
import dev.openkcm.networking.kernel.CommandResult;
import dev.openkcm.networking.kernel.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Answers as Avro records and back. */
public final class ResultCodec {

    private ResultCodec() {}

    /** The record of an answer; {@code key} is the key of the command's record, whatever it is. */
    static dev.openkcm.networking.schemas.common.v1.CommandResult toAvro(
            Kind<?, ?, ?> kind, String key, CommandResult result) {
        int slash = key.indexOf('/');
        var rejection = result.rejection();
        var causes = new ArrayList<dev.openkcm.networking.schemas.common.v1.Cause>();
        if (rejection != null) {
            for (Cause cause : rejection.causes()) {
                causes.add(
                        new dev.openkcm.networking.schemas.common.v1.Cause(
                                cause.reason().name(), cause.field(), cause.message()));
            }
        }
        return new dev.openkcm.networking.schemas.common.v1.CommandResult(
                result.commandId(),
                dev.openkcm.networking.schemas.common.v1.Outcome.valueOf(result.outcome().name()),
                kind.name(),
                slash < 0 ? "" : key.substring(0, slash),
                key.substring(slash + 1),
                result.uid() == null ? null : result.uid().toString(),
                result.resourceVersion(),
                result.created(),
                result.dryRun(),
                rejection == null ? null : rejection.reason().name(),
                rejection == null ? null : rejection.message(),
                causes,
                result.time());
    }

    public static CommandResult fromAvro(
            dev.openkcm.networking.schemas.common.v1.CommandResult avro) {
        return new CommandResult(
                avro.getCommandId(),
                CommandResult.Outcome.valueOf(avro.getOutcome().name()),
                avro.getUid() == null ? null : UUID.fromString(avro.getUid()),
                avro.getResourceVersion(),
                avro.getCreated(),
                avro.getDryRun(),
                avro.getReason() == null
                        ? null
                        : new Rejection(
                                Rejection.Reason.valueOf(avro.getReason()),
                                avro.getMessage() == null ? "" : avro.getMessage(),
                                causes(avro)),
                avro.getTime());
    }

    private static List<Cause> causes(dev.openkcm.networking.schemas.common.v1.CommandResult avro) {
        return avro.getCauses().stream()
                .map(c ->
                        new Cause(
                                Cause.Reason.valueOf(c.getReason()), c.getField(), c.getMessage()))
                .toList();
    }
}
