package dev.openkcm.networking.deploy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * Asks a broker for the members of its cluster, in Kafka's own protocol.
 *
 * <p>A port that accepts connections is no sign of a broker that serves: it is listed as a member
 * only once the controller lets it, and that is what clients wait for.
 */
final class KafkaProbe {
    private static final int TIMEOUT_MILLIS = 2000;
    private static final short METADATA = 3;
    private static final short VERSION = 1;
    private static final int CORRELATION = 1;
    private static final int NO_TOPICS = 0;
    private static final int LARGEST_ANSWER = 1 << 20;

    private KafkaProbe() {}

    /** How many brokers the one on this port sees alive; zero when it does not answer. */
    static int liveBrokers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] client = {'k', 'c', 'm'};
            out.writeInt(2 + 2 + 4 + 2 + client.length + 4);
            out.writeShort(METADATA);
            out.writeShort(VERSION);
            out.writeInt(CORRELATION);
            out.writeShort(client.length);
            out.write(client);
            out.writeInt(NO_TOPICS);
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int length = in.readInt();
            if (length < 8 || length > LARGEST_ANSWER || in.readInt() != CORRELATION) {
                return 0;
            }
            return Math.max(0, in.readInt());
        } catch (IOException e) {
            return 0;
        }
    }
}
