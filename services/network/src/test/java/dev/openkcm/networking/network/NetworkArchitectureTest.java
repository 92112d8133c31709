package dev.openkcm.networking.network;

import dev.openkcm.networking.kernel.test.ServiceArchitecture;
import org.junit.jupiter.api.Test;

class NetworkArchitectureTest {

    @Test
    void keepsTheRules() {
        ServiceArchitecture.check("network");
    }
}
