package dev.openkcm.networking.network;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import java.time.Duration;

/** The settings of the service. */
@StaticInitSafe
@ConfigMapping(prefix = "openkcm.network")
public interface NetworkConfig {

    /** The first segment of provider ids. */
    String systemNamespace();

    /** The first id. */
    @WithName("ids.min")
    int firstId();

    /** The last id. */
    @WithName("ids.max")
    int lastId();

    /** How long an id rests before another Network gets it. */
    @WithName("ids.quarantine")
    Duration quarantine();
}
