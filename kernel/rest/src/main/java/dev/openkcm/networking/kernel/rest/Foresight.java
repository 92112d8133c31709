package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.streams.Kind;

/**
 * What a change would do beyond the resource that is changed: a bean that is shown what a dry run
 * decided, and adds to the answer.
 */
public interface Foresight {

    /**
     * Adds to the answer of a dry run that was not refused.
     *
     * @param before the state of the resource as it is
     * @param after as it would be
     */
    void add(Kind<?, ?, ?> kind, ResourceKey key, Object before, Object after, ObjectNode answer);
}
