/** What an AddressPool is and how it behaves: plain Java. Start at AddressPoolDecider. */
@NullMarked
package dev.openkcm.networking.vipnat.domain.addresspool;

import org.jspecify.annotations.NullMarked;
