package dev.openkcm.networking.networkinterface;

import dev.openkcm.networking.kernel.test.ServiceArchitecture;
import org.junit.jupiter.api.Test;

class InterfaceArchitectureTest {

    @Test
    void keepsTheRules() {
        ServiceArchitecture.check("networkinterface");
    }
}
