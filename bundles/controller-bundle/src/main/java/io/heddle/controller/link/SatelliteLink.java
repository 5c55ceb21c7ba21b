package io.heddle.controller.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.ErrorType;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.MessageReader;
import io.heddle.core.link.NodeAction;
import io.heddle.core.link.SerialExecutor;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The link to one satellite: connects, greets, keeps the spec there up to date, listens, and begins anew when the connection is
 * lost. Everything happens in turns of its own, one after the other; so does every call of the listener.
 */
final class SatelliteLink {
    private static final Logger LOG = LoggerFactory.getLogger(SatelliteLink.class);

    /** More changes than these are replaced by the whole spec. */
    private static final int MAXIMUM_CHANGES = 256;

    private static final int MAXIMUM_ACTIONS = 256;

    /** What all links have in common. */
    record Common(
            SatelliteLinksConfig config,
            LinkListener listener,
            HttpClient client,
            Doors doors,
            Executor executor,
            ScheduledExecutorService scheduler,
            Clock clock) {}

    private enum Stage {
        /** Waits for the next try. */
        IDLE,
        /** TCP, TLS, WebSocket. */
        CONNECTING,
        /** The hello is on its way, or its answer. */
        GREETING,
        /** Let in; the first status has not come. */
        WELCOME,
        /** The status flows. */
        ONLINE
    }

    private record Action(NodeAction action, CompletableFuture<Void> result) {}

    private final NodeName node;
    private final Common common;
    private final SerialExecutor turns;
    private final Connection.Events events = new FromConnection();

    // All of the turns.
    private NetInterface address;
    private Optional<String> pin;
    private Optional<Secret> code = Optional.empty();
    private boolean acceptOlder;
    private boolean ended;

    private Stage stage = Stage.IDLE;
    private @Nullable Connection connection;
    private @Nullable Future<?> retry;
    private Duration nextDelay;
    private Optional<LinkStatus> told = Optional.empty();
    private Optional<String> shown = Optional.empty();
    private int silentTicks;
    private int stalledTicks;
    private int stageTicks;

    private boolean sending;
    private boolean sentSinceTick;
    private Optional<LinkMessage> hello = Optional.empty();
    private Optional<Long> pong = Optional.empty();
    private boolean pingDue;
    private boolean wholeNeeded;
    private Optional<SpecVersion> held = Optional.empty();
    private long sentRevision;
    private final Queue<SpecDelta> changes = new ArrayDeque<>();
    private final Queue<LinkMessage.ActionRequest> requests = new ArrayDeque<>();
    private final Map<Long, Action> actions = new HashMap<>();
    private long lastAction;

    SatelliteLink(NodeName node, NetInterface address, Optional<String> pin, Common common) {
        this.node = node;
        this.address = address;
        this.pin = pin;
        this.common = common;
        this.turns = new SerialExecutor(common.executor());
        this.nextDelay = common.config().firstRetry();
    }

    // Wishes, from any thread.

    void start() {
        turn(this::anew);
    }

    void connect(NetInterface wantedAddress, Optional<String> wantedPin) {
        turn(() -> {
            boolean same = address.equals(wantedAddress) && pin.equals(wantedPin);
            if (!same) {
                address = wantedAddress;
                pin = wantedPin;
                anew();
            }
        });
    }

    void reconnect(Optional<Secret> given, boolean older) {
        turn(() -> {
            code = given;
            acceptOlder = older;
            anew();
        });
    }

    void end(HeddleException why) {
        turn(() -> {
            drop(why);
            ended = true;
        });
    }

    void send(SpecDelta delta) {
        turn(() -> {
            if (stage.compareTo(Stage.WELCOME) < 0 || wholeNeeded) {
                return;
            }
            changes.add(delta);
            if (changes.size() > MAXIMUM_CHANGES) {
                changes.clear();
                wholeNeeded = true;
            }
            sendNext();
        });
    }

    CompletionStage<Void> perform(NodeAction action) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        try {
            turns.execute(() -> request(action, result));
        } catch (RejectedExecutionException stopping) {
            result.completeExceptionally(stopping());
        }
        CompletableFuture<Void> answer = new CompletableFuture<>();
        var unused = result.orTimeout(common.config().action().toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        answer.complete(null);
                    } else {
                        answer.completeExceptionally(
                                failure instanceof HeddleException known ? known : timedOut(action));
                    }
                });
        return answer;
    }

    /** Time has passed. */
    void tick(Duration passed) {
        turn(() -> {
            Connection now = connection;
            if (now == null || stage == Stage.IDLE || stage == Stage.CONNECTING) {
                return;
            }
            // Ticks are counted, and not time: when this process itself stood still, it is not held against the
            // satellite.
            silentTicks = now.hasHeard() ? 0 : silentTicks + 1;
            stalledTicks = now.hasProgressed() || !sending ? 0 : stalledTicks + 1;
            stageTicks++;
            // The first words may take longer: much is being loaded on both sides when all has just been started.
            if (stage != Stage.GREETING
                    && passed.multipliedBy(silentTicks)
                                    .compareTo(common.config().lostAfter())
                            >= 0) {
                lose(
                        now,
                        now.lost("nothing was heard for "
                                + common.config().lostAfter().toMillis() + " ms"));
            } else if (passed.multipliedBy(stalledTicks)
                            .compareTo(common.config().stalledAfter())
                    >= 0) {
                lose(
                        now,
                        now.lost("the satellite has read nothing for "
                                + common.config().stalledAfter().toMillis() + " ms"));
            } else if (passed.multipliedBy(stageTicks).compareTo(common.config().handshake()) >= 0) {
                tooLong(now);
            }
            pingDue = !sentSinceTick && !sending;
            sentSinceTick = false;
            sendNext();
        });
    }

    // Connecting.

    private void anew() {
        drop(offline("the link is being made anew"));
        nextDelay = common.config().firstRetry();
        tell(LinkStatus.State.CONNECTING, Optional.of(connecting()));
        tryNow();
    }

    private void tryNow() {
        if (ended) {
            return;
        }
        Connection next = new Connection(node, address, pin, common.doors(), events);
        Optional<Connection> before = common.doors().enter(next);
        if (before.isEmpty()) {
            connection = next;
            enter(Stage.CONNECTING);
            next.open(common.client(), common.config().connect());
        } else if (before.get().node().equals(node)) {
            // What was abandoned while it connected is not gone yet.
            retryIn(common.config().firstRetry());
        } else {
            failed(new Problem(
                    ErrorCode.IN_USE,
                    "cannot connect to the satellite of " + node,
                    next.door().authority() + " is the address of "
                            + before.get().node() + " as well",
                    "correct the address or port of one of them"));
        }
    }

    private void enter(Stage next) {
        stage = next;
        stageTicks = 0;
        silentTicks = 0;
        stalledTicks = 0;
    }

    private void greet(Connection now) {
        enter(Stage.GREETING);
        hello = Optional.of(new LinkMessage.Hello(
                LinkMessage.PROTOCOL,
                common.config().version(),
                common.listener().clusterId(),
                node,
                common.listener().version(),
                code,
                acceptOlder));
        now.read();
        sendNext();
    }

    private void tooLong(Connection now) {
        if (stage == Stage.GREETING) {
            lose(now, now.lost("the satellite did not answer the hello"));
        } else if (stage == Stage.WELCOME) {
            tell(
                    LinkStatus.State.OFFLINE,
                    Optional.of(new Problem(
                            ErrorCode.OBSERVATION_FAILED,
                            "the satellite of " + node + " is connected and does not tell its status",
                            "it is still looking after "
                                    + common.config().handshake().toSeconds() + " s",
                            "see in the log of " + node + " which command hangs")));
        }
    }

    /** The connection is over, for a reason that is shown; the next try follows by itself. */
    private void lose(Connection now, HeddleException why) {
        if (now != connection) {
            return;
        }
        shown = now.shown().or(() -> shown);
        drop(why);
        failed(why.problem());
    }

    private void failed(Problem problem) {
        retryIn(nextDelay);
        Duration doubled = nextDelay.multipliedBy(2);
        Duration longest = common.config().longestRetry();
        nextDelay = doubled.compareTo(longest) > 0 ? longest : doubled;
        tell(state(problem), Optional.of(problem));
    }

    private void retryIn(Duration delay) {
        enter(Stage.IDLE);
        cancelRetry();
        // Half of it by chance: after a power cut not all nodes are tried in the same moment.
        long half = delay.toMillis() / 2;
        long millis = half + ThreadLocalRandom.current().nextLong(half + 1);
        try {
            retry = common.scheduler().schedule(() -> turn(this::tryAgain), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("The link to {} ends with the controller", node);
        }
    }

    private void tryAgain() {
        if (stage == Stage.IDLE) {
            tryNow();
        }
    }

    private void cancelRetry() {
        Future<?> waiting = retry;
        if (waiting != null) {
            waiting.cancel(false);
            retry = null;
        }
    }

    /** Forgets the connection and all that belonged to it. */
    private void drop(HeddleException why) {
        cancelRetry();
        Connection old = connection;
        connection = null;
        enter(Stage.IDLE);
        sending = false;
        pingDue = false;
        hello = Optional.empty();
        pong = Optional.empty();
        wholeNeeded = false;
        held = Optional.empty();
        changes.clear();
        requests.clear();
        Map<Long, Action> open = Map.copyOf(actions);
        actions.clear();
        open.values().forEach(action -> action.result().completeExceptionally(cutOff(action.action(), why)));
        if (old != null) {
            old.abandon();
        }
    }

    private static LinkStatus.State state(Problem problem) {
        return switch (problem.code()) {
            case UNCLAIMED -> LinkStatus.State.UNCLAIMED;
            case VERSION_MISMATCH -> LinkStatus.State.VERSION_MISMATCH;
            case STALE_CONTROLLER, IDENTITY_MISMATCH -> LinkStatus.State.REFUSED;
            default ->
                problem.code().type() == ErrorType.FORBIDDEN ? LinkStatus.State.REFUSED : LinkStatus.State.OFFLINE;
        };
    }

    /** Tells the listener, if it is news. */
    private void tell(LinkStatus.State state, Optional<Problem> problem) {
        Optional<LinkStatus> before = told;
        boolean sameState = before.isPresent() && before.get().state() == state;
        LinkStatus next = new LinkStatus(
                state, sameState ? before.get().since() : common.clock().instant(), problem, shown);
        if (before.equals(Optional.of(next))) {
            return;
        }
        told = Optional.of(next);
        if (!sameState) {
            log(next);
        }
        common.listener().link(node, next);
    }

    private void log(LinkStatus status) {
        switch (status.state()) {
            case ONLINE -> LOG.info("Link to {} is ONLINE", node);
            case CONNECTING -> LOG.debug("Link to {} is being made", node);
            default ->
                LOG.warn(
                        "Link to {} is {}: {}",
                        node,
                        status.state(),
                        status.problem().map(Problem::text).orElse(""));
        }
    }

    // Reading.

    private void received(Connection now, LinkMessage message) {
        if (message instanceof LinkMessage.Refused refused) {
            // A code is good for one answer, and so is root's word.
            code = Optional.empty();
            acceptOlder = false;
            lose(now, refused.problem().exception());
        } else if (message instanceof LinkMessage.Ping ping) {
            pong = Optional.of(ping.nonce());
        } else if (stage == Stage.GREETING && message instanceof LinkMessage.Welcome welcome) {
            welcomed(now, welcome);
        } else if (stage.compareTo(Stage.WELCOME) >= 0) {
            obtained(message);
        } else {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot talk to the satellite of " + node,
                    "it answered the hello with " + message.getClass().getSimpleName(),
                    "make sure that the same version of Heddle runs on both");
        }
        sendNext();
    }

    private void welcomed(Connection now, LinkMessage.Welcome welcome) {
        if (welcome.protocol() != LinkMessage.PROTOCOL) {
            throw new HeddleException(
                    ErrorCode.VERSION_MISMATCH,
                    "the controller and the satellite of " + node + " do not speak the same version",
                    "the controller (Heddle " + common.config().version() + ") speaks version " + LinkMessage.PROTOCOL
                            + " of the link, the satellite (Heddle "
                            + new MessageReader.Greeting(welcome.protocol(), welcome.version()).version() + ") version "
                            + welcome.protocol(),
                    "install the same version of Heddle on both");
        }
        code = Optional.empty();
        acceptOlder = false;
        shown = now.shown();
        if (pin.isEmpty() && shown.isPresent()) {
            common.listener().paired(node, shown.get());
            pin = shown;
        }
        now.trust();
        held = welcome.held();
        wholeNeeded = true;
        enter(Stage.WELCOME);
    }

    private void obtained(LinkMessage message) {
        if (message instanceof LinkMessage.FullStatus whole) {
            common.listener().status(node, whole.status());
            if (stage != Stage.ONLINE) {
                enter(Stage.ONLINE);
                nextDelay = common.config().firstRetry();
            }
            tell(LinkStatus.State.ONLINE, Optional.empty());
        } else if (message instanceof LinkMessage.StatusChange change && stage == Stage.ONLINE) {
            common.listener().status(node, change.delta());
        } else if (message instanceof LinkMessage.SpecStored stored) {
            common.listener().stored(node, stored.version());
        } else if (message instanceof LinkMessage.NeedFullSpec need) {
            LOG.debug("{} needs the whole spec: {}", node, need.why());
            changes.clear();
            wholeNeeded = true;
        } else if (message instanceof LinkMessage.ActionResult result) {
            Action action = actions.remove(result.id());
            if (action != null) {
                result.problem()
                        .ifPresentOrElse(
                                problem -> action.result().completeExceptionally(problem.exception()),
                                () -> action.result().complete(null));
            }
        } else if (!(message instanceof LinkMessage.Pong)) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot follow what the satellite of " + node + " tells",
                    "it sent " + message.getClass().getSimpleName() + " out of turn",
                    "report it with the logs of both sides");
        }
    }

    // Sending.

    private void request(NodeAction action, CompletableFuture<Void> result) {
        if (stage.compareTo(Stage.WELCOME) < 0) {
            result.completeExceptionally(offline("there is no link to its satellite"));
        } else if (actions.size() >= MAXIMUM_ACTIONS) {
            result.completeExceptionally(offline(MAXIMUM_ACTIONS + " actions wait there already"));
        } else {
            lastAction++;
            long id = lastAction;
            actions.put(id, new Action(action, result));
            requests.add(new LinkMessage.ActionRequest(id, action));
            // However it ends, also by running out of time, nothing waits for it any more.
            var unused = result.whenComplete((done, failure) -> turn(() -> {
                actions.remove(id);
                requests.removeIf(waiting -> waiting.id() == id);
            }));
            sendNext();
        }
    }

    private void sendNext() {
        Connection now = connection;
        if (now == null || sending || stage.compareTo(Stage.GREETING) < 0) {
            return;
        }
        Optional<LinkMessage> next = next();
        if (next.isPresent()) {
            sending = true;
            sentSinceTick = true;
            now.send(next.get());
        }
    }

    private Optional<LinkMessage> next() {
        if (hello.isPresent()) {
            Optional<LinkMessage> first = hello;
            hello = Optional.empty();
            return first;
        }
        if (stage == Stage.GREETING) {
            return Optional.empty();
        }
        if (pong.isPresent()) {
            LinkMessage answer = new LinkMessage.Pong(pong.get());
            pong = Optional.empty();
            return Optional.of(answer);
        }
        Optional<LinkMessage> spec = nextSpec();
        if (spec.isPresent()) {
            return spec;
        }
        LinkMessage request = requests.poll();
        if (request != null) {
            return Optional.of(request);
        }
        if (pingDue) {
            pingDue = false;
            return Optional.of(new LinkMessage.Ping(0));
        }
        return Optional.empty();
    }

    private Optional<LinkMessage> nextSpec() {
        if (wholeNeeded) {
            return Optional.of(whole());
        }
        for (SpecDelta change = changes.poll(); change != null; change = changes.poll()) {
            if (change.base() > sentRevision) {
                // Something between was not sent.
                return Optional.of(whole());
            }
            if (change.version().revision() > sentRevision) {
                // What it builds on was sent and more, so it may be put over what was sent last.
                SpecDelta next = new SpecDelta(
                        sentRevision, change.version(), change.pools(), change.changed(), change.forgotten());
                sentRevision = change.version().revision();
                return Optional.of(new LinkMessage.Delta(next));
            }
        }
        return Optional.empty();
    }

    /**
     * What brings the satellite to the present. Where it is there already that is a change that changes nothing: a node that has
     * booted creates and removes only what a controller has confirmed since.
     */
    private LinkMessage whole() {
        NodeSpec spec = common.listener().spec(node);
        boolean there = held.equals(Optional.of(spec.version()));
        wholeNeeded = false;
        held = Optional.empty();
        sentRevision = spec.version().revision();
        // All that waited is part of it; a later change may wait already, and is sent after it.
        changes.removeIf(change -> change.version().revision() <= sentRevision);
        return there
                ? new LinkMessage.Delta(
                        new SpecDelta(sentRevision, spec.version(), Optional.empty(), List.of(), Ordered.set(null)))
                : new LinkMessage.FullSpec(spec);
    }

    // Turns.

    private void turn(Runnable task) {
        try {
            turns.execute(() -> {
                if (ended) {
                    return;
                }
                try {
                    task.run();
                } catch (RuntimeException failure) {
                    fault(failure);
                }
            });
        } catch (RejectedExecutionException stopping) {
            LOG.debug("The link to {} ends with the controller", node);
        }
    }

    /** The listener failed, or the satellite told nonsense: shown, and begun anew after a while. */
    private void fault(RuntimeException failure) {
        HeddleException known = HeddleException.of(failure);
        if (known.code() == ErrorCode.INTERNAL_ERROR) {
            LOG.error("The link to {} failed", node, failure);
        }
        Connection now = connection;
        if (now != null) {
            lose(now, known);
        } else {
            failed(known.problem());
        }
    }

    private final class FromConnection implements Connection.Events {
        @Override
        public void connected(Connection from) {
            turn(() -> {
                if (from == connection) {
                    greet(from);
                }
            });
        }

        @Override
        public void message(Connection from, LinkMessage message, Runnable done) {
            turn(() -> {
                if (from == connection) {
                    received(from, message);
                    done.run();
                }
            });
        }

        @Override
        public void sent(Connection from) {
            turn(() -> {
                if (from == connection) {
                    sending = false;
                    sendNext();
                }
            });
        }

        @Override
        public void failed(Connection from, HeddleException failure) {
            turn(() -> lose(from, failure));
        }
    }

    // Texts.

    private Problem connecting() {
        return new Problem(
                ErrorCode.STARTING,
                "the link to " + node + " does not stand yet",
                "it is being made",
                "wait some seconds");
    }

    private HeddleException offline(String why) {
        return new HeddleException(
                ErrorCode.NODE_OFFLINE,
                node + " cannot be reached",
                why,
                "see heddle node list, and whether heddled runs on " + node);
    }

    private HeddleException cutOff(NodeAction action, HeddleException why) {
        return new HeddleException(
                ErrorCode.NODE_OFFLINE,
                "it is not known how " + describe(action) + " ended",
                why.what() + ": " + why.why(),
                "look at the resource when " + node + " is online again");
    }

    private HeddleException timedOut(NodeAction action) {
        return new HeddleException(
                ErrorCode.TIMED_OUT,
                "it is not known how " + describe(action) + " ended",
                "it has not ended within " + common.config().action().toSeconds() + " s",
                "look at the resource; it may still happen");
    }

    private HeddleException stopping() {
        return new HeddleException(
                ErrorCode.SHUTTING_DOWN,
                node + " cannot be reached",
                "the controller is stopping",
                "try again when the controller runs");
    }

    private String describe(NodeAction action) {
        return action.kind() + " of " + action.resource() + " on " + node;
    }
}
