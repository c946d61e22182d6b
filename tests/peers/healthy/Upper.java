// A healthy server: sends messages back in upper case, with a big-endian length of 4 bytes in front (`>I`).
//
//     javac Upper.java && java Upper PORT

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

public class Upper {
    /** The longest message that is taken, in bytes. */
    static final int LIMIT = 16 * 1024 * 1024;

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        try (ServerSocket listener = new ServerSocket(port, 128, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket socket = listener.accept();
                new Thread(() -> converse(socket)).start();
            }
        }
    }

    /** One client's trouble ends that client only. */
    static void converse(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (true) {
                // readInt and readFully read until all the bytes are there, or the stream ends.
                int size = in.readInt();
                if (size < 0 || size > LIMIT) {
                    return;
                }
                ByteBuffer answer = ByteBuffer.allocate(4 + size).putInt(size);
                in.readFully(answer.array(), 4, size);
                for (int at = 4; at < 4 + size; at++) {
                    byte letter = answer.get(at);
                    if ('a' <= letter && letter <= 'z') {
                        answer.put(at, (byte) (letter - 'a' + 'A'));
                    }
                }
                socket.getOutputStream().write(answer.array());
            }
        } catch (EOFException end) {
            // The client has hung up.
        } catch (IOException error) {
            System.err.println(error);
        }
    }
}
