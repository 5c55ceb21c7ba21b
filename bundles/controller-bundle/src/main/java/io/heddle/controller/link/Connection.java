package io.heddle.controller.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.MessageReader;
import io.heddle.core.link.MessageWriter;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a satellite, from the first try on. It sends one message at a time, in fragments; it reads the next message
 * only when the one before was dealt with, so a satellite that tells much delays itself alone.
 */
final class Connection implements WebSocket.Listener {
    /** Longest answer from who has not proven yet to be a satellite. */
    private static final int MAXIMUM_WELCOME_BYTES = 64 * 1024;

    /** What a connection tells; called on any thread, and to be handed on at once. */
    interface Events {
        /** The connection stands and the satellite has the right key. */
        void connected(Connection connection);

        /** A message has come; {@code done} asks for the next. */
        void message(Connection connection, LinkMessage message, Runnable done);

        /** The message given last was written. */
        void sent(Connection connection);

        /** The connection did not come about, or is over; may be called more than once. */
        void failed(Connection connection, HeddleException failure);
    }

    private final NodeName node;
    private final NetInterface address;
    private final Optional<String> pin;
    private final Doors doors;
    private final Events events;
    // Of the thread that reads; the WebSocket has one at a time.
    private final MessageReader reader = new MessageReader(MAXIMUM_WELCOME_BYTES);
    private final AtomicBoolean heard = new AtomicBoolean();
    private final AtomicBoolean progressed = new AtomicBoolean();

    private volatile Optional<String> shown = Optional.empty();
    private volatile boolean wrongKey;
    private volatile @Nullable WebSocket socket;
    private volatile boolean abandoned;

    Connection(NodeName node, NetInterface address, Optional<String> pin, Doors doors, Events events) {
        this.node = node;
        this.address = address;
        this.pin = pin;
        this.doors = doors;
        this.events = events;
    }

    NodeName node() {
        return node;
    }

    Door door() {
        return Door.of(address);
    }

    /** The key that the satellite showed, even if it was the wrong one. */
    Optional<String> shown() {
        return shown;
    }

    /** Called by the trust manager. */
    void check(String fingerprint) throws CertificateException {
        shown = Optional.of(fingerprint);
        if (pin.isPresent() && !pin.get().equals(fingerprint)) {
            wrongKey = true;
            throw new CertificateException("the satellite of " + node + " shows another key than the pinned one");
        }
    }

    /** Begins to connect. The connection must have been let in by {@link Doors#enter}. */
    void open(HttpClient client, Duration limit) {
        String scheme = address.encryption() == LinkEncryption.TLS ? "wss" : "ws";
        var unused = client.newWebSocketBuilder()
                .connectTimeout(limit)
                .buildAsync(URI.create(scheme + "://" + door().authority() + "/link"), this)
                .whenComplete((opened, failure) -> {
                    if (opened == null) {
                        doors.leave(this);
                        events.failed(this, explain(failure));
                    } else if (address.encryption() == LinkEncryption.TLS && shown.isEmpty()) {
                        // Cannot be; but a connection whose key nobody judged must never be used.
                        opened.abort();
                        doors.leave(this);
                        events.failed(this, unjudged());
                    } else if (abandoned) {
                        opened.abort();
                        doors.leave(this);
                    } else {
                        events.connected(this);
                    }
                });
    }

    /** Ends the connection, whatever its state; its door is free as soon as nothing of it is left. */
    void abandon() {
        abandoned = true;
        WebSocket opened = socket;
        // If it does not stand yet, it is ended as soon as it does.
        if (opened != null) {
            opened.abort();
            doors.leave(this);
        }
    }

    /** Reads the first, or the next, message. */
    void read() {
        WebSocket opened = socket;
        if (opened != null && !abandoned) {
            opened.request(1);
        }
    }

    /** Lets long messages in, now that the satellite has proven to be one. */
    void trust() {
        reader.limit(LinkMessage.MAXIMUM_BYTES);
    }

    /**
     * Sends a message; the next may be sent after {@link Events#sent}.
     *
     * @throws HeddleException FRAME_TOO_LARGE
     */
    void send(LinkMessage message) {
        sendFragment(new MessageWriter(message));
    }

    /** Whether anything has come since this was asked last. */
    boolean hasHeard() {
        return heard.getAndSet(false);
    }

    /** Whether anything could be sent since this was asked last. */
    boolean hasProgressed() {
        return progressed.getAndSet(false);
    }

    private void sendFragment(MessageWriter writer) {
        WebSocket opened = socket;
        if (opened == null || abandoned) {
            return;
        }
        String fragment = writer.next();
        var unused = opened.sendText(fragment, !writer.hasNext()).whenComplete((done, failure) -> {
            progressed.set(true);
            if (failure != null) {
                events.failed(this, explain(failure));
            } else if (writer.hasNext()) {
                sendFragment(writer);
            } else {
                events.sent(this);
            }
        });
    }

    // Told by the WebSocket.

    @Override
    public void onOpen(WebSocket opened) {
        socket = opened;
        if (abandoned) {
            opened.abort();
            doors.leave(this);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        heard.set(true);
        try {
            Optional<String> whole = reader.add(data, last);
            if (whole.isEmpty()) {
                read();
            } else {
                events.message(this, MessageReader.read(whole.get()), this::read);
            }
        } catch (HeddleException unreadable) {
            events.failed(this, unreadable);
        }
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        events.failed(
                this,
                new HeddleException(
                        ErrorCode.OUTPUT_UNREADABLE,
                        "cannot read what the satellite of " + node + " tells",
                        "its message is binary",
                        "make sure that Heddle's satellite listens at " + door().authority()));
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        events.failed(this, lost("the satellite closed it" + (reason.isEmpty() ? "" : " (" + reason + ")")));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        events.failed(this, explain(failure));
    }

    // Texts.

    HeddleException lost(String why) {
        return new HeddleException(
                ErrorCode.LINK_LOST,
                "the link to " + node + " was lost",
                why,
                "it is connected again by itself; see on " + node + " whether heddled runs, and whether "
                        + door().authority() + " can be reached from here");
    }

    private HeddleException unjudged() {
        return new HeddleException(
                ErrorCode.IDENTITY_MISMATCH,
                "the connection to the satellite of " + node + " is not used",
                "it came about without a look at the satellite's key",
                "report it with the log of this time");
    }

    private HeddleException explain(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (wrongKey) {
            return new HeddleException(
                    ErrorCode.IDENTITY_MISMATCH,
                    "the satellite at " + door().authority() + " is not the one that was paired as " + node,
                    "its key is " + shown.orElse("") + ", pinned is " + pin.orElse(""),
                    "if the node was installed anew: heddle node claim " + node
                            + " --code CODE; otherwise see who answers there",
                    cause);
        }
        if (socket != null) {
            return lost(text(cause));
        }
        return new HeddleException(
                ErrorCode.NODE_OFFLINE,
                "cannot connect to the satellite of " + node + " at " + door().authority(),
                text(cause),
                hint(cause),
                cause);
    }

    private String hint(Throwable cause) {
        if (cause instanceof SSLException) {
            return "see that link-encryption is TLS in heddle.conf of " + node
                    + ", or set PLAIN for its interface here";
        }
        if (cause instanceof ConnectException || cause instanceof HttpTimeoutException) {
            return "start heddled on " + node + ", or correct the address and port of its interface";
        }
        return address.encryption() == LinkEncryption.PLAIN
                ? "see that link-encryption is PLAIN in heddle.conf of " + node + " too"
                : "see in the log of " + node + " why";
    }

    private static String text(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getMessage() == null && deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        if (deepest instanceof ConnectException && deepest.getMessage() == null) {
            return "the connection was refused or there is no way to that address";
        }
        return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
    }
}
