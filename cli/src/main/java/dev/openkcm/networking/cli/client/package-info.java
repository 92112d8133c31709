/** The REST side of the services, as a client sees it. */
@NullMarked
package dev.openkcm.networking.cli.client;

import org.jspecify.annotations.NullMarked;
