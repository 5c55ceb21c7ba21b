package io.heddle.satellite;

import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.plan.AnsweredWord;
import io.heddle.core.plan.CutOffLook;
import io.heddle.core.plan.ResourceRecord;
import io.heddle.core.plan.SeenCutOff;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.Content;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Generation;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one resource knows of the peers that it is cut off from. Most of it is gone with the process; what tells a split brain
 * is kept by the planner's steps as well. Safe for use by many threads.
 */
final class CutOffs {
    /** Writes go on and on, and each look costs commands. */
    private static final Duration LOOK_AFTER_WRITES = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(CutOffs.class);

    private final Map<String, SeenCutOff> seen = new TreeMap<>();
    private final Map<Integer, Long> written = new TreeMap<>();
    /** Peers that were seen connected by this process, so that it is known when they went. */
    private final Set<String> wereThere = new TreeSet<>();

    private List<String> looked = List.of();
    private Instant lookedAt = Instant.EPOCH;
    private Observation<Content> content = CutOffLook.NOTHING.content();
    private Optional<UUID> lapsed = Optional.empty();
    private volatile boolean whole = true;

    /**
     * Takes what is there now. The content is looked at when it is needed and something has changed.
     *
     * @param kept what is kept on disk
     * @param counter bytes written to a device by its minor, if it is there
     * @param look looks at the content; costs a command for each peer and volume
     */
    CutOffLook look(
            ResourceSpec resource,
            ReplicationStatus running,
            ResourceRecord kept,
            Instant now,
            IntFunction<OptionalLong> counter,
            Supplier<Observation<Content>> look) {
        List<String> key = see(resource, running, kept, now);
        begin(running, counter);
        @Nullable Observation<Content> fresh = null;
        if (!key.isEmpty() && !isLookedAt(key)) {
            fresh = look.get();
        }
        synchronized (this) {
            if (key.isEmpty()) {
                looked = List.of();
                content = CutOffLook.NOTHING.content();
            } else if (fresh != null) {
                looked = key;
                lookedAt = now;
                content = fresh;
            }
            return new CutOffLook(new TreeMap<>(seen), content);
        }
    }

    private synchronized boolean isLookedAt(List<String> key) {
        return key.equals(looked) && content.known().isPresent();
    }

    /** What a look at the generations depends on; empty if none is needed. */
    private synchronized List<String> see(
            ResourceSpec resource, ReplicationStatus running, ResourceRecord kept, Instant now) {
        List<String> key = new ArrayList<>();
        boolean telling = false;
        lapsed = kept.word()
                .filter(word -> word.state() == AnsweredWord.State.LAPSED)
                .map(AnsweredWord::word);
        for (PeerSpec peer : resource.peers()) {
            String name = peer.node().value();
            Optional<ConnectionStatus> connection = running.connection(name);
            if (connection.isEmpty() || connection.get().replicates()) {
                seen.remove(name);
                connection.ifPresent(there -> wereThere.add(name));
                continue;
            }
            SeenCutOff before = Optional.ofNullable(seen.get(name))
                    .or(() -> Optional.ofNullable(kept.cutOffs().get(name)).map(SeenCutOff::unwatched))
                    .orElse(new SeenCutOff(false, now, running.role(), Optional.empty(), wereThere.contains(name)));
            SeenCutOff after = before.withSplitBrain(connection.get().splitBrain());
            boolean splitBrain = after.splitBrain();
            seen.put(name, after);
            boolean changed = after.lastWrite().isPresent()
                    || connection.get().volumes().stream()
                            .anyMatch(volume -> !volume.outOfSync().isZero());
            boolean open = peer.answer()
                    .filter(answer -> kept.word()
                            .filter(word -> word.word().equals(answer.uuid()) && word.isSettled())
                            .isEmpty())
                    .isPresent();
            telling |= splitBrain || connection.get().state() == ConnectionState.STAND_ALONE || changed || open;
            key.add(name + " " + connection.get().state() + " " + splitBrain + " " + changed + " " + open);
        }
        whole = seen.isEmpty();
        key.add(running.role().toString());
        running.devices().forEach(device -> key.add(device.number() + " " + device.disk()));
        return telling ? key : List.of();
    }

    /** What was written until a peer went is none of its changes. */
    private void begin(ReplicationStatus running, IntFunction<OptionalLong> counter) {
        try {
            noteCounters(running, counter);
        } catch (HeddleException failure) {
            LOG.debug("{}", failure.problem().text());
        }
    }

    private synchronized void noteCounters(ReplicationStatus running, IntFunction<OptionalLong> counter) {
        if (seen.isEmpty()) {
            written.clear();
            return;
        }
        for (DeviceStatus device : running.devices()) {
            if (!written.containsKey(device.number())) {
                counter.apply(device.minor()).ifPresent(count -> written.put(device.number(), count));
            }
        }
    }

    /** Whether no peer is gone, so that there is nothing to look at. */
    boolean isWhole() {
        return whole;
    }

    /** Looks which devices were written since the last call; true if one was that a peer does not see. */
    synchronized boolean noteWrites(ReplicationStatus running, IntFunction<OptionalLong> counter, Instant now) {
        if (seen.isEmpty()) {
            written.clear();
            return false;
        }
        boolean grown = false;
        for (DeviceStatus device : running.devices()) {
            OptionalLong count = counter.apply(device.minor());
            if (count.isPresent()) {
                Long before = written.put(device.number(), count.getAsLong());
                grown |= before != null && count.getAsLong() > before;
            }
        }
        if (grown) {
            seen.replaceAll((peer, known) -> known.withWrite(now));
        }
        return grown;
    }

    /** The kernel has lost the resource, and with it what it counted. */
    synchronized void lostInKernel() {
        looked = List.of();
        written.clear();
    }

    /** Whether what was looked at is so old that it is worth a look after a write. */
    synchronized boolean isOutdated(Instant now) {
        return looked.isEmpty() || Duration.between(lookedAt, now).compareTo(LOOK_AFTER_WRITES) >= 0;
    }

    /** Forgets what was looked at, so that it is looked at again. */
    synchronized void doubt() {
        looked = List.of();
    }

    /** What is shown: peers that are cut off, with what the generations say. */
    synchronized List<CutOff> shown(Optional<ReplicationStatus> running) {
        List<CutOff> all = new ArrayList<>();
        Optional<Content> known = content.known();
        if (running.isEmpty() || looked.isEmpty()) {
            return all;
        }
        seen.forEach((peer, what) -> running.get()
                .connection(peer)
                .filter(connection -> !connection.replicates())
                .ifPresent(connection -> all.add(new CutOff(
                        peer,
                        what.splitBrain(),
                        what.since(),
                        what.role(),
                        what.lastWrite(),
                        what.watched(),
                        lapsed,
                        known.map(there -> volumes(connection, running.get(), there))
                                .orElse(List.of())))));
        return all;
    }

    private static List<CutOff.Volume> volumes(
            ConnectionStatus connection, ReplicationStatus running, Content content) {
        SortedMap<Integer, Generation> generations =
                content.generations().getOrDefault(connection.peer(), new TreeMap<>());
        SortedMap<Integer, Bytes> outOfSync = content.outOfSync().getOrDefault(connection.peer(), new TreeMap<>());
        return connection.volumes().stream()
                .filter(volume -> generations.containsKey(volume.number())
                        && content.written().containsKey(volume.number())
                        && outOfSync.containsKey(volume.number()))
                .filter(volume -> running.device(volume.number())
                        .filter(device -> device.disk() != DiskState.DISKLESS)
                        .isPresent())
                .map(volume -> new CutOff.Volume(
                        volume.number(),
                        generations.get(volume.number()),
                        outOfSync.get(volume.number()),
                        content.written().get(volume.number())))
                .toList();
    }
}
