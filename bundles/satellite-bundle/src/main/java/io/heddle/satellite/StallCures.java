package io.heddle.satellite;

import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationState.SyncStage;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about syncs to this node that stall: they are shown, then paused and resumed, then their connection is made
 * anew, each stage later than the one before and a few times only. The node that is copied to acts, since it has no data to
 * lose; nothing is ever invalidated or discarded. Any thread may call.
 */
final class StallCures {
    private static final Logger LOG = LoggerFactory.getLogger(StallCures.class);

    /** After so many new connections only a person can help. */
    private static final int RECONNECTS = 3;

    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    private record Key(UUID resource, NodeName peer, int volume) {}

    /** What was done about one sync. Guarded by the object around it. */
    private static final class Case {
        private final long stuckAt;
        private Instant next;
        private int done;
        private boolean acting;
        private String told = "";

        Case(long stuckAt, Instant next) {
            this.stuckAt = stuckAt;
            this.next = next;
        }
    }

    /** A sync to this node that does not come forward. */
    private record Stall(ConnectionStatus connection, PeerVolumeStatus volume, Instant since) {
        Key key(UUID resource) {
            return new Key(resource, new NodeName(connection.peer()), volume.number());
        }
    }

    private final Workshop shop;
    private final PauseNotes notes;
    private final Function<UUID, Optional<ResourceWorker>> workers;
    private final Map<Key, Case> cases = new HashMap<>();

    StallCures(Workshop shop, PauseNotes notes, Function<UUID, Optional<ResourceWorker>> workers) {
        this.shop = shop;
        this.notes = notes;
        this.workers = workers;
    }

    /** The status with what stalls, unless something else is in the way. */
    ResourceStatus shown(ResourceSpec spec, ResourceStatus status) {
        Optional<ReplicationStatus> replication = status.replication().known().flatMap(known -> known);
        if (status.problem().isPresent() || replication.isEmpty()) {
            return status;
        }
        List<Stall> stalls = stalls(replication.get());
        return stalls.isEmpty() ? status : status.withProblem(problem(spec, stalls.get(0)));
    }

    private synchronized Problem problem(ResourceSpec spec, Stall stall) {
        Case known = cases.get(stall.key(spec.uuid()));
        String left = stall.volume()
                .progress()
                .flatMap(SyncProgress::left)
                .map(bytes -> ", " + bytes + " are left")
                .orElse("");
        return new Problem(
                ErrorCode.SYNC_STALLED,
                "the sync of volume " + stall.volume().number() + " of " + spec.name() + " from "
                        + stall.connection().peer() + " does not come forward",
                "nothing was copied since " + stall.since().truncatedTo(ChronoUnit.SECONDS) + left
                        + (known == null || known.told.isEmpty() ? "" : "; " + known.told),
                "look at disk and network of " + stall.connection().peer() + " and of this node ('drbdsetup status "
                        + spec.name()
                        + " --verbose --statistics', 'dmesg' there); the sync goes on by itself when they do");
    }

    /** Looks what is due about a resource. To be called now and then while it syncs. */
    void consider(ResourceSpec spec) {
        Optional<ReplicationStatus> status = look(spec);
        if (status.isEmpty() || spec.syncRule().stallAfter().isZero()) {
            return;
        }
        forgetCured(spec, status.get());
        for (Stall stall : stalls(status.get())) {
            due(spec, stall).ifPresent(cure -> act(spec, stall, cure));
        }
    }

    /** Takes back what an earlier try left paused. */
    void resumeLeftovers() {
        for (PauseNotes.Note note : notes.all()) {
            Key key = new Key(note.resource(), note.peer(), note.volume());
            boolean busy;
            synchronized (this) {
                busy = Optional.ofNullable(cases.get(key))
                        .filter(known -> known.acting)
                        .isPresent();
            }
            if (!busy) {
                workers.apply(note.resource())
                        .ifPresent(worker ->
                                worker.act(note.resource(), present -> present.ifPresent(spec -> resume(spec, note))));
            }
        }
    }

    private Optional<ReplicationStatus> look(ResourceSpec spec) {
        return shop.replication().resource(spec.name().value()).known().flatMap(known -> known);
    }

    private static List<Stall> stalls(ReplicationStatus status) {
        List<Stall> stalls = new ArrayList<>();
        for (ConnectionStatus connection : status.connections()) {
            for (PeerVolumeStatus volume : connection.volumes()) {
                boolean targetOrDue =
                        volume.replication().isTarget() || volume.replication().stage() == SyncStage.NONE;
                volume.progress()
                        .flatMap(SyncProgress::stalledSince)
                        .filter(since -> targetOrDue)
                        .ifPresent(since -> stalls.add(new Stall(connection, volume, since)));
            }
        }
        return stalls;
    }

    /** What came forward, or is done, or was taken from the node, is no case any more. */
    private synchronized void forgetCured(ResourceSpec spec, ReplicationStatus status) {
        cases.entrySet().removeIf(entry -> {
            if (!entry.getKey().resource().equals(spec.uuid()) || entry.getValue().acting) {
                return false;
            }
            Optional<ConnectionStatus> connection =
                    status.connection(entry.getKey().peer().value());
            Optional<PeerVolumeStatus> volume = connection.flatMap(found -> found.volumes().stream()
                    .filter(each -> each.number() == entry.getKey().volume())
                    .findFirst());
            boolean gone = volume.isEmpty();
            boolean done = connection
                            .filter(found -> found.state() == ConnectionState.CONNECTED)
                            .isPresent()
                    && volume.filter(found -> found.progress().isEmpty()).isPresent();
            boolean forward = volume.filter(found ->
                            found.replication().isTarget() && found.outOfSync().value() < entry.getValue().stuckAt)
                    .isPresent();
            if (forward) {
                LOG.info(
                        "resource={} the sync of volume {} from {} comes forward again",
                        spec.name(),
                        entry.getKey().volume(),
                        entry.getKey().peer());
            }
            return gone || done || forward;
        });
    }

    /** The next stage, if its time has come. */
    private synchronized Optional<SyncRule.Cure> due(ResourceSpec spec, Stall stall) {
        Duration patience = spec.syncRule().stallAfter();
        Key key = stall.key(spec.uuid());
        Case known = cases.get(key);
        if (known == null) {
            LOG.warn("resource={} {}", spec.name(), problem(spec, stall).text());
            cases.put(
                    key,
                    new Case(stall.volume().outOfSync().value(), stall.since().plus(patience.multipliedBy(2))));
            return Optional.empty();
        }
        if (known.acting || shop.clock().instant().isBefore(known.next)) {
            return Optional.empty();
        }
        SyncRule.Cure allowed = spec.syncRule().cure();
        boolean running = stall.volume().replication() == ReplicationState.SYNC_TARGET;
        SyncRule.Cure cure = known.done == 0 && running ? SyncRule.Cure.RESUME : SyncRule.Cure.RECONNECT;
        if (cure.compareTo(allowed) > 0
                || known.done > RECONNECTS
                || !shop.confirmation().isConfirmed()) {
            return Optional.empty();
        }
        known.acting = true;
        return Optional.of(cure);
    }

    private void act(ResourceSpec spec, Stall stall, SyncRule.Cure cure) {
        Key key = stall.key(spec.uuid());
        Optional<ResourceWorker> worker = workers.apply(spec.uuid());
        if (worker.isEmpty()) {
            forget(key);
            return;
        }
        worker.get()
                .act(
                        spec.uuid(),
                        present -> present.ifPresentOrElse(
                                still -> acted(still, key, carryOut(still, key, cure)), () -> forget(key)));
    }

    private synchronized void forget(Key key) {
        cases.remove(key);
    }

    /** In turn with the resource's steps. What it did, for people. */
    private String carryOut(ResourceSpec spec, Key key, SyncRule.Cure cure) {
        Optional<ReplicationStatus> status = look(spec);
        Optional<ReplicationDriver> driver = shop.drivers().replication();
        boolean still = status.map(StallCures::stalls).orElse(List.of()).stream()
                .anyMatch(stall -> stall.key(spec.uuid()).equals(key));
        if (!still || driver.isEmpty()) {
            return "";
        }
        String when = " at " + shop.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        try {
            if (cure == SyncRule.Cure.RESUME) {
                LOG.info("resource={} pausing and resuming the stalled sync from {}", spec.name(), key.peer());
                PauseNotes.Note note = new PauseNotes.Note(spec.uuid(), key.peer(), key.volume());
                notes.add(note);
                driver.get().pauseSync(spec, key.peer(), key.volume());
                driver.get().resumeSync(spec, key.peer(), key.volume());
                notes.remove(note);
                return "it was paused and resumed" + when;
            }
            Optional<String> against = ReconnectRule.against(spec, status.get(), key.peer());
            if (against.isPresent()) {
                LOG.warn("resource={} is not connected to {} anew: {}", spec.name(), key.peer(), against.get());
                return "it is not connected anew, since " + against.get();
            }
            LOG.info("resource={} connecting to {} anew, since the sync from it stalls", spec.name(), key.peer());
            driver.get().reconnect(spec, key.peer());
            return "it was connected anew" + when;
        } catch (HeddleException failure) {
            LOG.warn("resource={} {}", spec.name(), failure.problem().text());
            return failure.what() + ": " + failure.why();
        }
    }

    private synchronized void acted(ResourceSpec spec, Key key, String told) {
        Case known = cases.get(key);
        if (known == null) {
            return;
        }
        known.acting = false;
        if (!told.isEmpty()) {
            known.told = told;
        }
        known.done++;
        Duration pause = spec.syncRule().stallAfter().multipliedBy(1L << (2 * Math.min(10, known.done)));
        known.next = shop.clock().instant().plus(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
    }

    private void resume(ResourceSpec spec, PauseNotes.Note note) {
        Optional<ReplicationDriver> driver = shop.drivers().replication();
        Optional<ReplicationStatus> status = look(spec);
        boolean there =
                status.flatMap(found -> found.connection(note.peer().value())).isPresent();
        if (driver.isEmpty() || !there || !notes.all().contains(note)) {
            return;
        }
        try {
            LOG.info(
                    "resource={} resuming the sync of volume {} from {}, which this satellite had paused",
                    spec.name(),
                    note.volume(),
                    note.peer());
            driver.get().resumeSync(spec, note.peer(), note.volume());
            notes.remove(note);
        } catch (HeddleException failure) {
            LOG.warn("resource={} {}", spec.name(), failure.problem().text());
        }
    }
}
