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
 * @param selector null when it distributes among none
 * @param count of its destinations
 * @param hash of its destinations
 */
record Balancer(
        String uid,
        long version,
        List<String> families,
        @Nullable LabelSelector selector,
        int count,
        Hash hash) {

    /** Without destinations yet. */
    static Balancer of(BalancerRow row) {
        return new Balancer(
                row.getUid(),
                row.getVersion(),
                List.copyOf(row.getIpFamilies()),
                LoadBalancerCodec.requirements(row.getSelector()),
                0,
                Hash.ZERO);
    }

    Balancer with(int newCount, Hash newHash) {
        return new Balancer(uid, version, families, selector, newCount, newHash);
    }

    byte[] toBytes() {
        var bytes = new Bytes.Writer();
        bytes.text(uid);
        bytes.number(version);
        bytes.texts(families);
        bytes.number(count);
        bytes.number(hash.high());
        bytes.number(hash.low());
        if (selector != null) {
            bytes.number(1);
            bytes.number(selector.requirements().size());
            for (Requirement requirement : selector.requirements()) {
                bytes.text(requirement.key());
                bytes.text(requirement.operator().name());
                bytes.texts(requirement.values());
            }
        } else {
            bytes.number(0);
        }
        return bytes.toBytes();
    }

    static Balancer fromBytes(byte[] row) {
        var bytes = new Bytes.Reader(row);
        String uid = bytes.text();
        long version = bytes.longNumber();
        var families = bytes.texts();
        int count = bytes.number();
        long high = bytes.longNumber();
        var hash = new Hash(high, bytes.longNumber());
        LabelSelector selector = null;
        if (bytes.number() == 1) {
            var requirements = new ArrayList<Requirement>();
            for (int left = bytes.number(); left > 0; left--) {
                String key = bytes.text();
                var operator = Operator.valueOf(bytes.text());
                requirements.add(new Requirement(key, operator, new TreeSet<>(bytes.texts())));
            }
            selector = new LabelSelector(requirements);
        }
        return new Balancer(uid, version, families, selector, count, hash);
    }
}
