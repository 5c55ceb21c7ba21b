package io.heddle.tests.link;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A WebSocket server (RFC 6455) that waits for one message and then sends frames that were made before, whatever they are. */
final class RawSatellite implements AutoCloseable {
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final byte[][] frames;
    private final String answer;

    RawSatellite(byte[]... frames) {
        this("", frames);
    }

    /** One that answers the request with this, and is no WebSocket server at all. */
    RawSatellite(String answer) {
        this(answer, new byte[0][]);
    }

    private RawSatellite(String answer, byte[][] frames) {
        this.answer = answer;
        this.frames = frames;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        threads.execute(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** All that was received so far. */
    String heard() {
        return String.join("\n", heard);
    }

    static byte[] text(String content) {
        return frame(1, true, content);
    }

    static byte[] frame(int opcode, boolean last, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(bytes.length + 10);
        frame.put((byte) ((last ? 0x80 : 0) | opcode));
        if (bytes.length < 126) {
            frame.put((byte) bytes.length);
        } else if (bytes.length < 65536) {
            frame.put((byte) 126);
            frame.putShort((short) bytes.length);
        } else {
            frame.put((byte) 127);
            frame.putLong(bytes.length);
        }
        frame.put(bytes);
        return Arrays.copyOf(frame.array(), frame.position());
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                sockets.add(socket);
                threads.execute(() -> serve(socket));
            }
        } catch (IOException closed) {
            threads.shutdown();
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            String request = request(in);
            if (!answer.isEmpty()) {
                out.write(answer.getBytes(StandardCharsets.US_ASCII));
                return;
            }
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept(request) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            read(in);
            for (byte[] frame : frames) {
                out.write(frame);
            }
            while (true) {
                read(in);
            }
        } catch (IOException over) {
            // The controller has gone, as it should.
            heard.add("(over)");
        }
    }

    private static String request(DataInputStream in) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        while (!request.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            request.write(in.readUnsignedByte());
        }
        return request.toString(StandardCharsets.US_ASCII);
    }

    private static String accept(String request) {
        String name = "sec-websocket-key: ";
        String key = request.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow();
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                    .getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void read(DataInputStream in) throws IOException {
        in.readUnsignedByte();
        long length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] mask = new byte[4];
        in.readFully(mask);
        byte[] content = new byte[(int) length];
        in.readFully(content);
        for (int i = 0; i < content.length; i++) {
            content[i] ^= mask[i % 4];
        }
        heard.add(new String(content, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            // With it the thread that accepts ends, and ends the others when it has started the last.
            listening.close();
            for (Socket each : sockets) {
                each.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
