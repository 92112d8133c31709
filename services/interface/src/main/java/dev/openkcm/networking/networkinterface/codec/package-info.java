/** Where the domain of NetworkInterfaces and its Avro records meet. */
@NullMarked
package dev.openkcm.networking.networkinterface.codec;

import org.jspecify.annotations.NullMarked;
