/**
 * {@code kcm verify}: proves that what the platform shows follows from its log.
 *
 * <p>Nothing here is shared with the services but the decoding of records: the rules are written
 * down a second time, as simply as they can be, and everything is computed from scratch.
 */
@NullMarked
package dev.openkcm.networking.cli.verify;

import org.jspecify.annotations.NullMarked;
