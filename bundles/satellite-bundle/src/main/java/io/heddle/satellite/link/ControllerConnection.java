package io.heddle.satellite.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.MessageReader;
import io.heddle.core.link.MessageWriter;
import io.heddle.core.link.SerialExecutor;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.api.StatusCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from a controller: reads its messages, answers pings at once, and sends what is to be sent, one message at a
 * time, as fast as the other side reads. What it sends is either small and counted, or folded into the latest state, so a
 * controller that does not read costs no memory. Public only since Jetty calls it by reflection.
 */
public final class ControllerConnection implements Session.Listener {
    /** Longest message from who has not been let in. */
    static final int MAXIMUM_HELLO_BYTES = 64 * 1024;

    /** Not more is read while so many characters wait for the satellite. */
    private static final long MAXIMUM_BACKLOG = 1024 * 1024;

    private static final int MAXIMUM_ACTIONS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(ControllerConnection.class);

    /** What the connection tells the server. */
    interface Events {
        /** The first message has come; called once. */
        void hello(ControllerConnection connection, String text);

        /** A later message for the satellite has come; {@code done} is to be run when it was dealt with. */
        void message(ControllerConnection connection, LinkMessage message, Runnable done);

        /** The connection is over; may be called more than once. */
        void closed(ControllerConnection connection);
    }

    private final Events events;
    private final EndPoint endPoint;
    private final Optional<String> key;
    private final AtomicBoolean heard = new AtomicBoolean();
    private final PendingStatus pending = new PendingStatus();
    private final AtomicBoolean changesAnnounced = new AtomicBoolean();

    // Of the thread that reads; Jetty has one at a time.
    private final MessageReader reader = new MessageReader(MAXIMUM_HELLO_BYTES);
    private boolean greeted;

    /** Whether the next fragment was asked for; it may be asked for only once. */
    private final AtomicBoolean demanded = new AtomicBoolean();
    /** Characters that wait for the satellite. */
    private final AtomicLong backlog = new AtomicLong();

    private volatile @Nullable Session session;
    private volatile boolean ended;
    private volatile boolean turnedAway;

    // Of the turns of out.
    private final SerialExecutor out;
    private final Queue<LinkMessage> answers = new ArrayDeque<>();
    private Optional<Long> pong = Optional.empty();
    private Optional<SpecVersion> stored = Optional.empty();
    private boolean needFullSpec;
    private boolean pingDue;
    private Optional<NodeStatus> fullStatus = Optional.empty();
    private boolean changesMayFollow;
    private int actions;
    private @Nullable MessageWriter sending;
    private Optional<Problem> refusal = Optional.empty();
    private boolean refused;
    private boolean sentSinceTick;

    // Of the server's ticks.
    private int silentTicks;

    ControllerConnection(Events events, Executor executor, EndPoint endPoint, Optional<String> key) {
        this.events = events;
        this.endPoint = endPoint;
        this.key = key;
        this.out = new SerialExecutor(executor);
    }

    /** The socket under it. */
    EndPoint endPoint() {
        return endPoint;
    }

    /** Fingerprint of the key that the controller proved to hold; empty over PLAIN. */
    Optional<String> key() {
        return key;
    }

    /** Address of the controller. */
    InetAddress from() {
        Session open = session;
        if (open != null && open.getRemoteSocketAddress() instanceof InetSocketAddress address) {
            return address.getAddress();
        }
        throw new HeddleException(
                ErrorCode.LINK_LOST, "a controller was not let in", "it is gone already", "nothing needs to be done");
    }

    // Reading.

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        demand();
    }

    @Override
    public void onWebSocketPartialText(String payload, boolean last) {
        heard.set(true);
        demanded.set(false);
        try {
            Optional<String> whole = reader.add(payload, last);
            if (whole.isEmpty()) {
                demand();
            } else if (!greeted) {
                greeted = true;
                // Nothing more is read until it was let in.
                events.hello(this, whole.get());
            } else {
                received(whole.get());
            }
        } catch (HeddleException unreadable) {
            refuse(unreadable.problem());
        }
    }

    @Override
    public void onWebSocketPartialBinary(ByteBuffer payload, boolean last, Callback callback) {
        callback.succeed();
        demanded.set(false);
        refuse(new Problem(
                ErrorCode.INVALID_INPUT,
                "cannot read a message on the link",
                "it is binary",
                "only a controller of Heddle connects here"));
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        LOG.debug("The connection from a controller failed", cause);
        over();
    }

    @Override
    public void onWebSocketClose(int status, String reason) {
        over();
    }

    private void received(String text) {
        LinkMessage message = MessageReader.read(text);
        if (message instanceof LinkMessage.Ping ping) {
            onOut(() -> pong = Optional.of(ping.nonce()));
            demand();
        } else if (message instanceof LinkMessage.Pong) {
            demand();
        } else {
            backlog.addAndGet(text.length());
            events.message(this, message, () -> dealtWith(text.length()));
            if (backlog.get() < MAXIMUM_BACKLOG) {
                demand();
            }
        }
    }

    private void dealtWith(int length) {
        if (backlog.addAndGet(-length) < MAXIMUM_BACKLOG) {
            demand();
        }
    }

    private void demand() {
        Session open = session;
        if (open != null && !ended && demanded.compareAndSet(false, true)) {
            open.demand();
        }
    }

    /** Whether it makes no sense to deal with what came from here. */
    boolean isOver() {
        return ended || turnedAway;
    }

    // What the server wants to be sent.

    /** Lets the controller in and reads on. */
    void welcome(LinkMessage.Welcome welcome) {
        reader.limit(LinkMessage.MAXIMUM_BYTES);
        onOut(() -> answers.add(welcome));
        demand();
    }

    /** Says why the controller is not let in, or not any more, and closes. */
    void refuse(Problem problem) {
        turnedAway = true;
        onOut(() -> {
            if (refusal.isEmpty()) {
                refusal = Optional.of(problem);
            }
        });
    }

    /** Sends the whole status, and from now on the changes that were announced since {@link #forgetChanges}. */
    void status(NodeStatus status) {
        onOut(() -> {
            fullStatus = Optional.of(status);
            changesMayFollow = true;
        });
    }

    /** Changes so far will be part of the whole status that is about to be looked at. */
    void forgetChanges() {
        pending.clear();
    }

    /** Sends a change when the controller has read what was sent before. Any thread; returns at once. */
    void change(StatusDelta delta) {
        pending.add(delta);
        // A burst of changes is one task.
        if (changesAnnounced.compareAndSet(false, true)) {
            onOut(() -> changesAnnounced.set(false));
        }
    }

    void stored(SpecVersion version) {
        onOut(() -> stored = Optional.of(version));
    }

    void needFullSpec() {
        onOut(() -> needFullSpec = true);
    }

    /** An action was asked for; refuses the controller if it asks for more than it reads answers to. */
    void actionStarted() {
        onOut(() -> {
            actions++;
            if (actions > MAXIMUM_ACTIONS) {
                refusal = refusal.or(() -> Optional.of(new Problem(
                        ErrorCode.INVALID_INPUT,
                        "the link is closed",
                        "more than " + MAXIMUM_ACTIONS + " actions wait for their end",
                        "ask for fewer at a time")));
            }
        });
    }

    void actionEnded(long id, Optional<Problem> problem) {
        onOut(() -> answers.add(new LinkMessage.ActionResult(id, problem)));
    }

    /** Time has passed: pings if nothing was sent for a while; how many ticks in a row nothing has come. */
    int tick() {
        onOut(() -> {
            pingDue = !sentSinceTick && sending == null;
            sentSinceTick = false;
        });
        silentTicks = heard.getAndSet(false) ? 0 : silentTicks + 1;
        return silentTicks;
    }

    /** Ends the connection without a word. */
    void disconnect() {
        Session open = session;
        if (open != null) {
            open.disconnect();
        } else {
            endPoint.close();
        }
        over();
    }

    private void over() {
        ended = true;
        events.closed(this);
    }

    // Sending, in the turns of out.

    private void onOut(Runnable change) {
        try {
            out.execute(() -> {
                change.run();
                sendNext();
            });
        } catch (RejectedExecutionException stopping) {
            disconnect();
        }
    }

    private void sendNext() {
        Session open = session;
        if (sending != null || ended || open == null || refused) {
            return;
        }
        try {
            Optional<LinkMessage> next = next();
            if (next.isPresent()) {
                MessageWriter writer = new MessageWriter(next.get());
                sending = writer;
                sendFragment(open, writer);
            }
        } catch (HeddleException tooLarge) {
            LOG.error("Cannot send to the controller: {}", tooLarge.problem().text());
            disconnect();
        }
    }

    private Optional<LinkMessage> next() {
        if (refusal.isPresent()) {
            refused = true;
            return Optional.of(new LinkMessage.Refused(refusal.get()));
        }
        LinkMessage answer = answers.poll();
        if (answer != null) {
            if (answer instanceof LinkMessage.ActionResult) {
                actions--;
            }
            return Optional.of(answer);
        }
        if (pong.isPresent()) {
            LinkMessage message = new LinkMessage.Pong(pong.get());
            pong = Optional.empty();
            return Optional.of(message);
        }
        if (needFullSpec) {
            needFullSpec = false;
            return Optional.of(new LinkMessage.NeedFullSpec("the change does not build on the spec that is held"));
        }
        if (stored.isPresent()) {
            LinkMessage message = new LinkMessage.SpecStored(stored.get());
            stored = Optional.empty();
            return Optional.of(message);
        }
        if (fullStatus.isPresent()) {
            LinkMessage message = new LinkMessage.FullStatus(fullStatus.get());
            fullStatus = Optional.empty();
            return Optional.of(message);
        }
        Optional<StatusDelta> changes = changesMayFollow ? pending.take() : Optional.empty();
        if (changes.isPresent()) {
            return Optional.of(new LinkMessage.StatusChange(changes.get()));
        }
        if (pingDue) {
            pingDue = false;
            return Optional.of(new LinkMessage.Ping(0));
        }
        return Optional.empty();
    }

    private void sendFragment(Session open, MessageWriter writer) {
        String fragment = writer.next();
        open.sendPartialText(
                fragment, !writer.hasNext(), Callback.from(() -> onOut(() -> sent(open, writer)), failure -> {
                    LOG.debug("Sending to the controller failed", failure);
                    disconnect();
                }));
    }

    private void sent(Session open, MessageWriter writer) {
        sentSinceTick = true;
        if (writer.hasNext()) {
            sendFragment(open, writer);
            return;
        }
        sending = null;
        if (refused) {
            // The other side's own close is still to be read.
            demand();
            open.close(
                    StatusCode.POLICY_VIOLATION,
                    refusal.map(problem -> problem.code().name()).orElse(""),
                    Callback.NOOP);
        }
    }
}
