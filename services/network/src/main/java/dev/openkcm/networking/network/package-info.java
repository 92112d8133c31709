/** The service that owns Networks. */
@NullMarked
package dev.openkcm.networking.network;

import org.jspecify.annotations.NullMarked;
