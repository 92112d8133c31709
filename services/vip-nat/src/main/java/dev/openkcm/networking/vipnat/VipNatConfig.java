package dev.openkcm.networking.vipnat;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import java.time.Duration;

/** The settings of the service. */
@StaticInitSafe
@ConfigMapping(prefix = "openkcm.vip-nat")
public interface VipNatConfig {

    /** How long a public address rests before it is given again. */
    @WithName("addresses.quarantine")
    Duration addressQuarantine();

    /** How long ports rest before another interface gets them. */
    @WithName("ports.quarantine")
    Duration portQuarantine();
}
