package dev.openkcm.networking.policy.engine;

import dev.openkcm.networking.kernel.IpFamily;
import dev.openkcm.networking.policy.domain.Direction;
import dev.openkcm.networking.policy.engine.Evaluator.Subject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who can reach whom among interfaces of one Network: a row of marks per source, a mark per
 * destination.
 */
public final class Matrix {

    public static final char ALLOWED = '.';
    public static final char DENIED = 'X';

    /** Only one family is allowed. */
    public static final char ONLY_IPV4 = '4';

    public static final char ONLY_IPV6 = '6';

    /** The two have no family of addresses in common. */
    public static final char NO_ADDRESS = '?';

    /** The marks of one source. */
    public record Row(String from, String ingress, String egress, String combined) {}

    private record Node(Member member, Subject egress, Subject ingress, List<Endpoint> endpoints) {}

    private Matrix() {}

    /**
     * Judges every pair.
     *
     * @param family null for every family that both ends have
     */
    public static List<Row> of(
            PolicyEngine engine,
            List<Member> from,
            List<Member> to,
            Protocol protocol,
            int port,
            @Nullable IpFamily family) {
        var sources = nodes(engine, from, family);
        var destinations = nodes(engine, to, family);
        int number = PortSet.number(protocol, port);
        var rows = new ArrayList<Row>(sources.size());
        for (var source : sources) {
            var ingress = new StringBuilder(destinations.size());
            var egress = new StringBuilder(destinations.size());
            var combined = new StringBuilder(destinations.size());
            for (var destination : destinations) {
                var cell = new Cell(source, destination, number);
                ingress.append(cell.ingress.mark());
                egress.append(cell.egress.mark());
                combined.append(cell.combined.mark());
            }
            rows.add(
                    new Row(
                            source.member.name(),
                            ingress.toString(),
                            egress.toString(),
                            combined.toString()));
        }
        return rows;
    }

    private static List<Node> nodes(
            PolicyEngine engine, List<Member> members, @Nullable IpFamily family) {
        var evaluator = new Evaluator(engine);
        var nodes = new ArrayList<Node>(members.size());
        for (var member : members) {
            var groups = Endpoint.of(engine, Address.first(IpFamily.IPv4), member.key()).groups();
            var endpoints = new ArrayList<Endpoint>(2);
            for (var address : member.addresses()) {
                if (address.isAddress() && (family == null || family == address.family())) {
                    endpoints.add(new Endpoint(Address.firstOf(address), groups));
                }
            }
            nodes.add(
                    new Node(
                            member,
                            evaluator.subject(member.key(), Direction.Egress),
                            evaluator.subject(member.key(), Direction.Ingress),
                            endpoints));
        }
        return nodes;
    }

    /** The verdicts for all pairs of addresses of one pair of interfaces. */
    private static final class Cell {
        private final Tally ingress = new Tally();
        private final Tally egress = new Tally();
        private final Tally combined = new Tally();

        Cell(Node source, Node destination, int port) {
            boolean self = source.member.key().equals(destination.member.key());
            for (var from : source.endpoints) {
                for (var to : destination.endpoints) {
                    var family = from.address().family();
                    if (family != to.address().family()) {
                        continue;
                    }
                    boolean out = self || source.egress.allows(to, port);
                    boolean in = self || destination.ingress.allows(from, port);
                    ingress.add(family, in);
                    egress.add(family, out);
                    combined.add(family, in && out);
                }
            }
        }
    }

    /** Verdicts by family. */
    private static final class Tally {
        private boolean asked4;
        private boolean asked6;
        private boolean open4 = true;
        private boolean open6 = true;

        void add(IpFamily family, boolean open) {
            if (family == IpFamily.IPv4) {
                asked4 = true;
                open4 &= open;
            } else {
                asked6 = true;
                open6 &= open;
            }
        }

        char mark() {
            boolean yes4 = asked4 && open4;
            boolean yes6 = asked6 && open6;
            if (!asked4 && !asked6) {
                return NO_ADDRESS;
            }
            if (yes4 == asked4 && yes6 == asked6) {
                return ALLOWED;
            }
            if (yes4) {
                return ONLY_IPV4;
            }
            return yes6 ? ONLY_IPV6 : DENIED;
        }
    }
}
