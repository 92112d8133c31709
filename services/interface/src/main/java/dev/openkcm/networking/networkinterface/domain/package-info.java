/** What a NetworkInterface is and how it behaves: plain Java. Start at NetworkInterfaceDecider. */
@NullMarked
package dev.openkcm.networking.networkinterface.domain;

import org.jspecify.annotations.NullMarked;
