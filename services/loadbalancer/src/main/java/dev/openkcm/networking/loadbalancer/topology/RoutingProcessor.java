package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkMember;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Joins the interfaces and the balancers of the Networks of one partition. */
final class RoutingProcessor
        extends ContextualProcessor<
                String, @Nullable SpecificRecord, String, @Nullable LoadBalancerDestination> {

    static final String STORE = "load-balancer-routing";

    @SuppressWarnings("NullAway.Init") // Set by init(), which Streams calls before process().
    private RoutingBook book;

    @SuppressWarnings("NullAway.Init")
    private Sensor trueEvaluations;

    @SuppressWarnings("NullAway.Init")
    private Sensor falseEvaluations;

    @SuppressWarnings("NullAway.Init")
    private Sensor destinations;

    /** Also called anew on the same object when the task had to be restored. */
    @Override
    public void init(ProcessorContext<String, @Nullable LoadBalancerDestination> context) {
        super.init(context);
        book = RoutingBook.of(context.getStateStore(STORE));
        trueEvaluations = sensor(context, "selector-evaluations-true");
        falseEvaluations = sensor(context, "selector-evaluations-false");
        destinations = sensor(context, "destination-rows");
    }

    private static Sensor sensor(ProcessorContext<?, ?> context, String operation) {
        return context.metrics()
                .addRateTotalSensor(
                        "openkcm",
                        "load-balancer-" + context.taskId(),
                        operation,
                        Sensor.RecordingLevel.INFO,
                        "kind",
                        "LoadBalancerRouting");
    }

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        long trueBefore = book.index().trueEvaluations();
        long falseBefore = book.index().falseEvaluations();
        RoutingBook.Rows rows = (key, row) -> forward(record, key, row);
        String topic = context().recordMetadata().orElseThrow().topic();
        if (topic.equals(LoadBalancerTopology.MEMBERS)) {
            book.member(record.key(), (NetworkMember) record.value(), rows);
        } else {
            book.balancer(record.key(), (BalancerRow) record.value(), rows);
        }
        trueEvaluations.record((double) (book.index().trueEvaluations() - trueBefore));
        falseEvaluations.record((double) (book.index().falseEvaluations() - falseBefore));
    }

    private void forward(
            Record<String, @Nullable SpecificRecord> cause,
            String key,
            @Nullable LoadBalancerDestination row) {
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        var headers =
                CloudEventHeaders.of(
                        "load-balancer",
                        row == null ? "Tombstone" : "LoadBalancerDestination",
                        causedBy + "/" + key,
                        key,
                        Instant.ofEpochMilli(cause.timestamp()),
                        causedBy,
                        cause.headers());
        context().forward(new Record<>(key, row, cause.timestamp(), headers));
        destinations.record();
    }
}
