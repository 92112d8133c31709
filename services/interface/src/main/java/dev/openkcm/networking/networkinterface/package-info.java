/** The service that owns NetworkInterfaces. */
@NullMarked
package dev.openkcm.networking.networkinterface;

import org.jspecify.annotations.NullMarked;
