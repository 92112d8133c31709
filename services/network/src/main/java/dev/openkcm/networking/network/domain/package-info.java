/** What a Network is and how it behaves: plain Java. Start at NetworkDecider. */
@NullMarked
package dev.openkcm.networking.network.domain;

import org.jspecify.annotations.NullMarked;
