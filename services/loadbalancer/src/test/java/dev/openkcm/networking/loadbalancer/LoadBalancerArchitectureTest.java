package dev.openkcm.networking.loadbalancer;

import dev.openkcm.networking.kernel.test.ServiceArchitecture;
import org.junit.jupiter.api.Test;

class LoadBalancerArchitectureTest {

    @Test
    void keepsTheRules() {
        ServiceArchitecture.check("loadbalancer");
    }
}
