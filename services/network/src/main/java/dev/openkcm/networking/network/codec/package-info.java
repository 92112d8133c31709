/** Where the domain of Networks and its Avro records meet. */
@NullMarked
package dev.openkcm.networking.network.codec;

import org.jspecify.annotations.NullMarked;
