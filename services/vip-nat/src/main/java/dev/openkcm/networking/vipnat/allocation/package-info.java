/**
 * Who gets which public address and which ports: the two single writers, as plain Java in memory.
 * What they decide is told to a journal, from which they can be restored.
 */
@NullMarked
package dev.openkcm.networking.vipnat.allocation;

import org.jspecify.annotations.NullMarked;
