package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerDestination;
import dev.openkcm.networking.schemas.loadbalancer.v1.LoadBalancerObservation;
import dev.openkcm.networking.schemas.loadbalancer.v1.RoutingEnded;
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
                String, @Nullable SpecificRecord, String, @Nullable SpecificRecord> {

    /** Where rows go. */
    static final String ROWS = "to-routing";

    /** Where balancers learn that no row of theirs is left. */
    static final String OBSERVATIONS = "to-routing-observations";

    /** The store of the application; the book has the rows of two words. */
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
    public void init(ProcessorContext<String, @Nullable SpecificRecord> context) {
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
            var balancer = (BalancerRow) record.value();
            book.balancer(record.key(), balancer, rows);
            if (balancer != null && balancer.getEnding()) {
                ended(record, balancer);
            }
        }
        trueEvaluations.record((double) (book.index().trueEvaluations() - trueBefore));
        falseEvaluations.record((double) (book.index().falseEvaluations() - falseBefore));
    }

    /** In the transaction of the tombstones, so whoever hears of it finds them before. */
    private void ended(Record<String, @Nullable SpecificRecord> cause, BalancerRow balancer) {
        String key = cause.key();
        context()
                .forward(
                        new Record<>(
                                key.substring(0, key.indexOf('/') + 1) + balancer.getName(),
                                new LoadBalancerObservation(
                                        causedBy(cause), new RoutingEnded(balancer.getUid())),
                                cause.timestamp(),
                                cause.headers()),
                        OBSERVATIONS);
    }

    private static String causedBy(Record<?, ?> cause) {
        return CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
    }

    private void forward(
            Record<String, @Nullable SpecificRecord> cause,
            String key,
            @Nullable LoadBalancerDestination row) {
        String causedBy = causedBy(cause);
        var headers =
                CloudEventHeaders.of(
                        "load-balancer",
                        row == null ? "Tombstone" : "LoadBalancerDestination",
                        causedBy + "/" + key,
                        key,
                        Instant.ofEpochMilli(cause.timestamp()),
                        causedBy,
                        cause.headers());
        context().forward(new Record<>(key, row, cause.timestamp(), headers), ROWS);
        destinations.record();
    }
}
