package dev.openkcm.networking.bench.load;

import org.jspecify.annotations.Nullable;

/**
 * Whom a driver loads.
 *
 * @param sendTo the topic of the commands
 * @param answers the topic with one record for each command
 * @param states the topic of the states, where there is one
 * @param entity what kind of resource the commands are for, even when only a baseline gets them
 * @param prefix of the names of the resources
 * @param resources how many there are
 */
public record Assignment(
        String bootstrapServers,
        String registryUrl,
        String sendTo,
        String answers,
        @Nullable String states,
        String entity,
        String prefix,
        int resources,
        long seed) {}
