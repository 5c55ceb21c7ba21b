package io.heddle.tests.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection to REST, kept alive, for one thread. As light as can be, since it runs on the cores of what it measures: answers
 * are read to their end and dropped, but for the beginning of the last one.
 */
final class RestClient implements AutoCloseable {
    private static final int KEPT = 4096;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[256 * 1024];
    private int start;
    private int end;
    private long length;
    private String beginning = "";

    RestClient(int port) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** Asks for a page; an answer other than 200 is a failure. */
    void get(String path) {
        expect(request("GET", path, ""), 200, path);
    }

    /** Sends a body; an answer other than a good one is a failure. */
    void post(String path, String body) {
        expect(request("POST", path, body), 201, path);
    }

    void delete(String path) {
        expect(request("DELETE", path, ""), 200, path);
    }

    private void expect(int status, int wanted, String path) {
        // Creating a volume definition is answered with 200 in LINSTOR's dialect, other creations with 201.
        if (status != wanted && status != 200) {
            throw new AssertionError(path + " was answered with " + status + ": " + beginning());
        }
    }

    /** Bytes of the last answer's body. */
    long length() {
        return length;
    }

    /** The beginning of the last answer's body. */
    String beginning() {
        return beginning;
    }

    /** Sends a request, reads the answer and returns its status. */
    int request(String method, String path, String body) {
        try {
            byte[] content = body.getBytes(StandardCharsets.UTF_8);
            String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                    + (content.length == 0
                            ? "\r\n"
                            : "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n\r\n");
            byte[] sent = new byte[head.length() + content.length];
            System.arraycopy(head.getBytes(StandardCharsets.US_ASCII), 0, sent, 0, head.length());
            System.arraycopy(content, 0, sent, head.length(), content.length);
            out.write(sent);
            return answer();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private int answer() throws IOException {
        int status = Integer.parseInt(line().split(" ")[1]);
        long announced = -1;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String small = header.toLowerCase(Locale.ROOT);
            if (small.startsWith("content-length:")) {
                announced = Long.parseLong(small.substring(15).strip());
            } else if (small.startsWith("transfer-encoding:")) {
                chunked = small.contains("chunked");
            }
        }
        length = 0;
        beginning = "";
        if (chunked) {
            for (long chunk = chunk(); chunk > 0; chunk = chunk()) {
                skip(chunk);
                line();
            }
            line();
        } else if (announced > 0) {
            skip(announced);
        } else if (announced < 0) {
            throw new IOException("an answer without a length");
        }
        return status;
    }

    private long chunk() throws IOException {
        return Long.parseLong(line().strip(), 16);
    }

    private void skip(long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            if (start == end) {
                fill();
            }
            int taken = (int) Math.min(left, end - start);
            if (length == 0) {
                beginning = new String(buffer, start, Math.min(taken, KEPT), StandardCharsets.UTF_8);
            }
            start += taken;
            left -= taken;
            length += taken;
        }
    }

    private String line() throws IOException {
        StringBuilder text = new StringBuilder(64);
        while (true) {
            if (start == end) {
                fill();
            }
            char letter = (char) buffer[start++];
            if (letter == '\n') {
                return text.toString();
            }
            if (letter != '\r') {
                text.append(letter);
            }
        }
    }

    private void fill() throws IOException {
        start = 0;
        end = in.read(buffer);
        if (end < 0) {
            end = 0;
            throw new IOException("the connection was closed");
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
