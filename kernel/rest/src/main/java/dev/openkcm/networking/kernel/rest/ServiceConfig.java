package dev.openkcm.networking.kernel.rest;

import io.quarkus.runtime.annotations.StaticInitSafe;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** The settings that all services share. */
@StaticInitSafe
@ConfigMapping(prefix = "openkcm")
public interface ServiceConfig {

    /** The service, as in the names of clients, groups and folders; the entity if it owns one. */
    String entity();

    /** Kept over restarts; one per instance. */
    @WithDefault(".kcm/state/${openkcm.entity}-${openkcm.instance}")
    String stateDir();

    /** The ordinal of this instance among those of the service. */
    @WithDefault("0")
    int instance();

    /** The host by which other instances reach this one. */
    @WithDefault("localhost")
    String host();

    /** Of every topic; never changes once there are topics. */
    @WithName("topics.partitions")
    @WithDefault("4")
    int partitions();

    /** Longer commands are refused. */
    @WithName("commands.max-bytes")
    @WithDefault("262144")
    int maxCommandBytes();
}
