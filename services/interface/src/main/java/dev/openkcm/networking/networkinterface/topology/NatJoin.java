package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.natgateway.v1.NatPortRange;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRange;
import dev.openkcm.networking.schemas.networkinterface.v1.NatRangeObserved;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Turns the rows of port tables around: the interface learns which ports it has. */
final class NatJoin
        extends ContextualProcessor<
                String, @Nullable NatPortRange, String, NetworkInterfaceObservation> {

    /** The key of a row is {@code <namespace>/<gateway>/<interface>}. */
    @Override
    public void process(Record<String, @Nullable NatPortRange> record) {
        int last = record.key().lastIndexOf('/');
        var gateway = ResourceKey.parse(record.key().substring(0, last));
        String nic = gateway.sibling(record.key().substring(last + 1)).toString();
        var row = record.value();
        var observed =
                row == null
                        ? new NatRangeObserved(gateway.name(), "", null)
                        : new NatRangeObserved(
                                gateway.name(),
                                row.getUid(),
                                new NatRange(
                                        gateway.name(),
                                        row.getPublicIP(),
                                        row.getPort(),
                                        row.getEndPort()));
        String causedBy =
                CloudEventHeaders.text(record.headers(), CloudEventHeaders.ID).orElse("unknown");
        context()
                .forward(
                        new Record<>(
                                nic,
                                new NetworkInterfaceObservation(causedBy, observed),
                                record.timestamp(),
                                record.headers()));
    }
}
