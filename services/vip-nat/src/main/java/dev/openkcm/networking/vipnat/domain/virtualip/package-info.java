/** What a VirtualIP is and how it behaves: plain Java. Start at VirtualIpDecider. */
@NullMarked
package dev.openkcm.networking.vipnat.domain.virtualip;

import org.jspecify.annotations.NullMarked;
