package dev.openkcm.networking.loadbalancer.topology;

import dev.openkcm.networking.kernel.Hash;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.LabelSelector.Operator;
import dev.openkcm.networking.kernel.LabelSelector.Requirement;
import dev.openkcm.networking.loadbalancer.codec.LoadBalancerCodec;
import dev.openkcm.networking.schemas.loadbalancer.v1.BalancerRow;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A balancer as the routing knows it, and the sum of its destinations.
 *
 * @param count of its destinations
 * @param hash of its destinations
 */
record Balancer(Definition definition, int count, Hash hash) {

    /**
     * What the sum does not change. It is kept as it is written, too: a change of one destination
     * writes the row of its balancer anew, and would otherwise read all of a selector for it.
     */
    static final class Definition {
        private final String uid;
        private final long version;
        private final List<String> families;
        private final @Nullable LabelSelector selector;
        private final byte[] bytes;

        Definition(
                String uid, long version, List<String> families, @Nullable LabelSelector selector) {
            this.uid = uid;
            this.version = version;
            this.families = List.copyOf(families);
            this.selector = selector;
            this.bytes = toBytes();
        }

        private byte[] toBytes() {
            var row = new Bytes.Writer();
            row.text(uid);
            row.number(version);
            row.texts(families);
            if (selector != null) {
                row.number(1);
                row.number(selector.requirements().size());
                for (Requirement requirement : selector.requirements()) {
                    row.text(requirement.key());
                    row.text(requirement.operator().name());
                    row.texts(requirement.values());
                }
            } else {
                row.number(0);
            }
            return row.toBytes();
        }

        static Definition read(Bytes.Reader row) {
            String uid = row.text();
            long version = row.longNumber();
            var families = row.texts();
            LabelSelector selector = null;
            if (row.number() == 1) {
                var requirements = new ArrayList<Requirement>();
                for (int left = row.number(); left > 0; left--) {
                    String key = row.text();
                    var operator = Operator.valueOf(row.text());
                    requirements.add(new Requirement(key, operator, new TreeSet<>(row.texts())));
                }
                selector = new LabelSelector(requirements);
            }
            return new Definition(uid, version, families, selector);
        }
    }

    /** Without destinations yet. */
    static Balancer of(BalancerRow row) {
        return new Balancer(
                new Definition(
                        row.getUid(),
                        row.getVersion(),
                        row.getIpFamilies(),
                        LoadBalancerCodec.requirements(row.getSelector())),
                0,
                Hash.ZERO);
    }

    String uid() {
        return definition.uid;
    }

    long version() {
        return definition.version;
    }

    List<String> families() {
        return definition.families;
    }

    /** Null when it distributes among none. */
    @Nullable LabelSelector selector() {
        return definition.selector;
    }

    Balancer with(int newCount, Hash newHash) {
        return new Balancer(definition, newCount, newHash);
    }

    byte[] toBytes() {
        var row = new Bytes.Writer();
        row.number(count);
        row.hash(hash);
        row.bytes(definition.bytes);
        return row.toBytes();
    }

    static Balancer fromBytes(byte[] bytes) {
        var row = new Bytes.Reader(bytes);
        int count = row.number();
        var hash = row.hash();
        return new Balancer(Definition.read(row), count, hash);
    }
}
