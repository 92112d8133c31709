package dev.openkcm.networking.network.topology;

import java.nio.ByteBuffer;
import org.apache.kafka.streams.state.KeyValueStore;

/** Numbers by row; what counts nothing has no row. */
final class Counts {

    private Counts() {}

    static int of(KeyValueStore<String, byte[]> rows, String row) {
        byte[] bytes = rows.get(row);
        return bytes == null ? 0 : ByteBuffer.wrap(bytes).getInt();
    }

    static void add(KeyValueStore<String, byte[]> rows, String row, int change) {
        int total = of(rows, row) + change;
        if (total == 0) {
            rows.delete(row);
        } else {
            rows.put(row, ByteBuffer.allocate(Integer.BYTES).putInt(total).array());
        }
    }
}
