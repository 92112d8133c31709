/** Where the domain of the service and its Avro records meet. */
@NullMarked
package dev.openkcm.networking.vipnat.codec;

import org.jspecify.annotations.NullMarked;
