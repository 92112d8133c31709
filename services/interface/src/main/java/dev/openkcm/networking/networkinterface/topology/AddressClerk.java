package dev.openkcm.networking.networkinterface.topology;

import dev.openkcm.networking.kernel.streams.CloudEventHeaders;
import dev.openkcm.networking.kernel.streams.Part;
import dev.openkcm.networking.networkinterface.codec.NetworkInterfaceCodec;
import dev.openkcm.networking.networkinterface.domain.NetworkFact;
import dev.openkcm.networking.schemas.network.v1.Network;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressAnswer;
import dev.openkcm.networking.schemas.networkinterface.v1.AddressClaim;
import dev.openkcm.networking.schemas.networkinterface.v1.NetworkInterfaceObservation;
import java.nio.charset.StandardCharsets;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the address books of the Networks of one partition, joined with the Networks' states, and
 * answers every claimant whose situation changed: interfaces by observations, others by the topic
 * of answers. The one writer of addresses.
 */
final class AddressClerk
        extends ContextualProcessor<String, @Nullable SpecificRecord, String, SpecificRecord> {

    private static final String PART = "addresses";

    /** The children of this processor. */
    static final String TO_INTERFACES = "to-address-observations";

    static final String TO_OTHERS = "to-address-answers";

    @Override
    public void process(Record<String, @Nullable SpecificRecord> record) {
        var rows = Part.of(context().getStateStore(InterfaceTopology.ADDRESSES_STORE), PART);
        var book = new AddressBook(rows, record.key());
        switch (record.value()) {
            case AddressClaim claim -> claim(rows, book, record, claim);
            case Network network -> network(rows, book, record, fact(network));
            case null -> network(rows, book, record, NetworkFact.Missing);
            default -> throw new IllegalStateException("unknown: " + record.value());
        }
    }

    private void claim(
            KeyValueStore<String, byte[]> rows,
            AddressBook book,
            Record<String, @Nullable SpecificRecord> record,
            AddressClaim claim) {
        String claimant = Claimant.of(claim).text();
        var fact = fact(rows, record.key());
        if (claim.getWanted()) {
            // All claims in a Network come by one partition, so its offsets order them.
            long order = context().recordMetadata().orElseThrow().offset();
            var others =
                    book.replace(
                            claimant,
                            order,
                            claim.getUid(),
                            claim.getClaim(),
                            claim.getAddresses());
            answer(book, record, claimant, fact);
            others.forEach(other -> answer(book, record, other, fact));
        } else {
            book.remove(claimant).forEach(other -> answer(book, record, other, fact));
        }
    }

    private void network(
            KeyValueStore<String, byte[]> rows,
            AddressBook book,
            Record<String, @Nullable SpecificRecord> record,
            NetworkFact fact) {
        if (fact == fact(rows, record.key())) {
            return;
        }
        String row = "network " + record.key();
        if (fact == NetworkFact.Missing) {
            rows.delete(row);
        } else {
            rows.put(row, fact.name().getBytes(StandardCharsets.UTF_8));
        }
        book.claimants().forEach(claimant -> answer(book, record, claimant, fact));
    }

    private static NetworkFact fact(KeyValueStore<String, byte[]> rows, String network) {
        byte[] bytes = rows.get("network " + network);
        return bytes == null
                ? NetworkFact.Missing
                : NetworkFact.valueOf(new String(bytes, StandardCharsets.UTF_8));
    }

    private static NetworkFact fact(Network network) {
        return switch (network.getStatus().getState()) {
            case Pending, Error -> NetworkFact.Pending;
            case Available -> NetworkFact.Available;
            case Deleting -> NetworkFact.Deleting;
        };
    }

    private void answer(
            AddressBook book,
            Record<String, @Nullable SpecificRecord> cause,
            String claimant,
            NetworkFact network) {
        var claim = book.claim(claimant);
        if (claim == null) {
            return;
        }
        var to = Claimant.parse(claimant);
        var answer =
                NetworkInterfaceCodec.answered(
                        network, claim.generation(), claim.uid(), book.conflicts(claimant, claim));
        String causedBy =
                CloudEventHeaders.text(cause.headers(), CloudEventHeaders.ID).orElse("unknown");
        SpecificRecord told =
                to.isInterface()
                        ? new NetworkInterfaceObservation(causedBy, answer)
                        : new AddressAnswer(
                                to.kind(),
                                to.namespace(),
                                to.name(),
                                to.uid(),
                                answer.getNetwork(),
                                answer.getClaim(),
                                answer.getConflicts());
        context()
                .forward(
                        new Record<>(to.key(), told, cause.timestamp(), cause.headers()),
                        to.isInterface() ? TO_INTERFACES : TO_OTHERS);
    }
}
