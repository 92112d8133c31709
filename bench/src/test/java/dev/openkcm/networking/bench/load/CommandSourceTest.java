package dev.openkcm.networking.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.openkcm.networking.bench.load.Order.Action;
import dev.openkcm.networking.kernel.registry.AvroSerializer;
import java.io.IOException;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders in words: whole, under keys of their own, and different where they must be. */
class CommandSourceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "network",
                "network-interface",
                "virtual-ip",
                "nat-gateway",
                "load-balancer",
                "network-policy"
            })
    void anUpdateIsAChangeAndBothFormatsNameTheSame(String entity) throws IOException {
        var source = CommandSource.of(entity, "p-", 10_000);
        var keys = new HashSet<String>();
        for (int resource = 0; resource < 2_000; resource++) {
            assertThat(keys.add(source.key(resource))).isTrue();
            var create = new Order(Action.CREATE, resource, 1);
            var update = new Order(Action.UPDATE, resource, 2);
            assertThat(AvroSerializer.encode(1, source.avro(create)))
                    .isNotEqualTo(AvroSerializer.encode(1, source.avro(update)));
            var manifest = JSON.readTree(source.json(create));
            assertThat(source.key(resource))
                    .isEqualTo("bench/" + manifest.at("/metadata/name").asText());
            assertThat(manifest.path("spec").isObject()).isTrue();
            assertThat(manifest).isNotEqualTo(JSON.readTree(source.json(update)));
        }
        assertThat(source.json(new Order(Action.DELETE, 1, 3))).isNull();
        assertThat(source.avro(new Order(Action.INVALID, 1, 4)))
                .isNotEqualTo(source.avro(new Order(Action.UPDATE, 1, 4)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                EstateCommands.NETWORKS,
                EstateCommands.INTERFACES,
                EstateCommands.BALANCERS,
                EstateCommands.POLICIES,
                EstateCommands.CROWD,
                VipUserCommands.USERS,
                PeeringCommands.PAIRED,
                BalancerCommands.CHOOSING,
                BalancerCommands.POPULAR,
                BalancerCommands.DOOMED,
                BalancerCommands.FICKLE,
                RoutedInterfaces.SPREAD,
                RoutedInterfaces.MOVED,
                RoutedInterfaces.CROWDED,
                RoutedInterfaces.CLUBBED
            })
    void everyResourceHasAKeyOfItsOwn(String entity) {
        var source = CommandSource.of(entity, "", 1_000);
        var keys = new HashSet<String>();
        for (int resource = 0; resource < 1_000; resource++) {
            assertThat(keys.add(source.key(resource))).isTrue();
            assertThat(AvroSerializer.encode(1, source.avro(new Order(Action.CREATE, resource, 1))))
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RoutedInterfaces.SPREAD,
                RoutedInterfaces.NOTED,
                RoutedInterfaces.POPULAR,
                RoutedInterfaces.CROWDED,
                RoutedInterfaces.CLUBBED
            })
    void oneLabelComesAndGoes(String entity) {
        var source = CommandSource.of(entity, "", 0);
        String with = source.avro(new Order(Action.UPDATE, 50, 2)).toString();
        String without = source.avro(new Order(Action.UPDATE, 50, 3)).toString();
        assertThat(with).hasSizeGreaterThan(without.length());
        assertThat(source.avro(new Order(Action.CREATE, 50, 2))).hasToString(without);
    }

    @Test
    void theHalvesOfAPairNameEachOther() {
        var source = CommandSource.of(PeeringCommands.PAIRED, "", 0);
        assertThat(source.avro(new Order(Action.CREATE, 7, 1)).toString()).contains("second-7");
        var second = new Order(Action.CREATE, PeeringCommands.PAIRS + 7, 1);
        assertThat(source.avro(second).toString()).contains("first-7");
    }

    @Test
    void interfacesOfPeersHaveDifferentAddresses() {
        var addresses = new HashSet<String>();
        for (int network : new int[] {0, 1}) {
            for (int nic = network; nic < 10_000; nic += 100) {
                assertThat(addresses.add(EstateCommands.address(nic, 100))).isTrue();
            }
        }
    }
}
