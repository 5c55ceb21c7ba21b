package io.heddle.satellite;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.Unclaimed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's spec on its own disk, so that the satellite serves without a controller: one file a resource, so that a
 * change costs what it changes, and a head with the version and the pools, written last. A file is replaced as a whole; a
 * crash between two of them leaves resources that are newer than the head, which are told again by the controller.
 *
 * <p>A file that cannot be read is set aside and shown; the others are served. {@link #held} is empty then, so that the
 * controller sends the whole spec. Not safe for use by several threads, but for {@link #spec} and {@link #unreadable}.
 */
final class SpecKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SpecKeeper.class);
    private static final String SUFFIX = ".json";
    private static final String SET_ASIDE = ".unreadable";
    private static final String TEMPORARY = ".tmp";

    /**
     * What is written last.
     *
     * @param olderAccepted root's word that any version may come next
     * @param unsaid definitions about which the controller could say nothing
     */
    record Head(
            UUID clusterId,
            NodeName node,
            SpecVersion version,
            boolean olderAccepted,
            SortedMap<PoolName, PoolSpec> pools,
            SortedSet<UUID> unsaid) {
        Head {
            Objects.requireNonNull(clusterId);
            Objects.requireNonNull(node);
            Objects.requireNonNull(version);
            pools = Ordered.map(pools);
            unsaid = Ordered.set(unsaid);
        }
    }

    /** A resource, with what the head says as well, in case that is lost. */
    record Stored(UUID clusterId, NodeName node, SpecVersion version, ResourceSpec resource) {
        Stored {
            Objects.requireNonNull(clusterId);
            Objects.requireNonNull(node);
            Objects.requireNonNull(version);
            Objects.requireNonNull(resource);
        }
    }

    private final Path resources;
    private final DurableFile headFile;
    private final Orphans orphans;
    private volatile Optional<NodeSpec> spec = Optional.empty();
    private volatile List<Unclaimed> unreadable = List.of();
    private volatile boolean olderAccepted;
    private boolean rewriteAll;

    private SpecKeeper(Path directory) {
        this.resources = directory.resolve("resources");
        this.orphans = Orphans.open(directory.resolve("orphans"));
        this.headFile = DurableFile.secret(directory.resolve("head" + SUFFIX));
    }

    /**
     * Reads what is stored.
     *
     * @param directory where; made at the first write
     * @throws HeddleException FILE_FAILED if the directory cannot be read
     */
    static SpecKeeper open(Path directory) {
        SpecKeeper keeper = new SpecKeeper(directory);
        keeper.load();
        return keeper;
    }

    /** The spec as stored; empty if there is none. */
    Optional<NodeSpec> spec() {
        return spec;
    }

    /** Version of the spec; empty if something of it is missing, or if any version may come next. */
    Optional<SpecVersion> held() {
        return unreadable.isEmpty() && !olderAccepted ? spec.map(NodeSpec::version) : Optional.empty();
    }

    /** What was wanted once, and was not removed. */
    Orphans orphans() {
        return orphans;
    }

    /** Files that cannot be read, for showing. */
    List<Unclaimed> unreadable() {
        return unreadable;
    }

    /**
     * Takes the whole spec; on disk when it returns. What it says nothing about stays as it was said before: unknown is not
     * absent.
     *
     * @throws HeddleException STALE_CONTROLLER, IDENTITY_MISMATCH, FILE_FAILED
     */
    void take(NodeSpec offered) {
        spec.ifPresent(known -> checkIdentity(known, offered));
        checkVersion(offered.version());
        NodeSpec whole = spec.map(offered::keeping).orElse(offered);
        SortedMap<UUID, ResourceSpec> before = spec.map(NodeSpec::resources).orElseGet(() -> Ordered.map(null));
        boolean all = rewriteAll;
        rewriteAll = true;
        for (ResourceSpec resource : whole.resources().values()) {
            if (all || !resource.equals(before.get(resource.uuid()))) {
                store(whole, resource);
            }
        }
        writeHead(whole, false);
        for (ResourceSpec resource : before.values()) {
            if (!whole.resources().containsKey(resource.uuid())) {
                orphans.keep(resource, spec.orElseThrow().version().revision());
                file(resource.uuid()).remove();
            }
        }
        whole.resources().keySet().forEach(orphans::claimed);
        forgetUnreadable();
        rewriteAll = false;
        spec = Optional.of(whole);
    }

    /**
     * Takes a change; on disk when it returns.
     *
     * @return false if it does not build on what is held
     * @throws HeddleException STALE_CONTROLLER, FILE_FAILED
     */
    boolean take(SpecDelta delta) {
        checkVersion(delta.version());
        Optional<NodeSpec> known = spec.filter(held -> held().isPresent()
                && !rewriteAll
                && held.version().epoch() == delta.version().epoch()
                && held.version().instance().equals(delta.version().instance())
                && held.version().revision() == delta.base());
        if (known.isEmpty()) {
            return false;
        }
        NodeSpec changed = known.get().apply(delta);
        if (changed.equals(known.get())) {
            return true;
        }
        rewriteAll = true;
        delta.changed().forEach(resource -> store(changed, resource));
        writeHead(changed, false);
        for (UUID uuid : delta.forgotten()) {
            if (!changed.resources().containsKey(uuid)) {
                Optional.ofNullable(known.get().resources().get(uuid))
                        .ifPresent(resource ->
                                orphans.keep(resource, known.get().version().revision()));
                file(uuid).remove();
            }
        }
        delta.changed().forEach(resource -> orphans.claimed(resource.uuid()));
        rewriteAll = false;
        spec = Optional.of(changed);
        return true;
    }

    /** Forgets that a newer version was seen; on disk when it returns. */
    void acceptOlder() {
        spec.ifPresent(known -> writeHead(known, true));
        LOG.warn("Any version of the specification is accepted next, as asked by root");
    }

    private static void checkIdentity(NodeSpec known, NodeSpec offered) {
        if (!known.clusterId().equals(offered.clusterId()) || !known.node().equals(offered.node())) {
            throw new HeddleException(
                    ErrorCode.IDENTITY_MISMATCH,
                    "refused a specification",
                    "it is for node " + offered.node() + " of cluster " + offered.clusterId() + ", and this is node "
                            + known.node() + " of cluster " + known.clusterId(),
                    "delete the node there, or take this machine out of its cluster first");
        }
    }

    private void checkVersion(SpecVersion offered) {
        Optional<SpecVersion> seen = spec.map(NodeSpec::version).filter(version -> !olderAccepted);
        if (seen.isPresent() && !seen.get().accepts(offered)) {
            throw new HeddleException(
                    ErrorCode.STALE_CONTROLLER,
                    "refused a specification",
                    "it is of epoch " + offered.epoch() + " revision " + offered.revision() + " of controller "
                            + offered.instance() + ", and epoch " + seen.get().epoch() + " revision "
                            + seen.get().revision() + " of controller "
                            + seen.get().instance() + " was seen already",
                    "stop the controller that is not the right one; if the older one is (a restored backup), say so:"
                            + " heddle node reconnect NODE --accept-older");
        }
    }

    private void store(NodeSpec owner, ResourceSpec resource) {
        write(file(resource.uuid()), new Stored(owner.clusterId(), owner.node(), owner.version(), resource));
    }

    private void writeHead(NodeSpec from, boolean accept) {
        write(headFile, new Head(from.clusterId(), from.node(), from.version(), accept, from.pools(), from.unsaid()));
        olderAccepted = accept;
    }

    private static void write(DurableFile file, Object content) {
        file.replace(Json.write(content).getBytes(StandardCharsets.UTF_8));
    }

    private DurableFile file(UUID uuid) {
        return DurableFile.secret(resources.resolve(uuid + SUFFIX));
    }

    private void load() {
        List<Unclaimed> bad = new ArrayList<>();
        headFile.removeLeftovers();
        Optional<Head> head = read(headFile.path(), Head.class, bad);
        TreeMap<UUID, Stored> stored = new TreeMap<>();
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (name.endsWith(TEMPORARY)) {
                delete(file);
            } else if (name.endsWith(SUFFIX)) {
                read(file, Stored.class, bad)
                        .ifPresent(found -> stored.put(found.resource().uuid(), found));
            }
        }
        if (head.isEmpty() && !stored.isEmpty()) {
            // the pools are lost with the head; resources wait for them, and nothing is torn down
            head = stored.values().stream()
                    .max(Comparator.comparingLong(
                                    (Stored each) -> each.version().epoch())
                            .thenComparingLong(each -> each.version().revision()))
                    .map(newest -> new Head(
                            newest.clusterId(),
                            newest.node(),
                            newest.version(),
                            false,
                            Ordered.map(null),
                            Ordered.set(null)));
            bad.add(new Unclaimed("stored specification", headFile.path().toString(), "it is missing or unreadable"));
        }
        for (Path file : files()) {
            if (file.getFileName().toString().endsWith(SET_ASIDE)) {
                bad.add(new Unclaimed(
                        "stored specification",
                        file.toString(),
                        "it could not be read; the controller sends the resource again"));
            }
        }
        head.ifPresent(found -> {
            olderAccepted = found.olderAccepted();
            TreeMap<UUID, ResourceSpec> specs = new TreeMap<>();
            stored.forEach((uuid, each) -> specs.put(uuid, each.resource()));
            spec = Optional.of(new NodeSpec(
                    found.clusterId(), found.node(), found.version(), found.pools(), specs, found.unsaid()));
        });
        unreadable = List.copyOf(new TreeSet<>(bad));
    }

    private <T> Optional<T> read(Path file, Class<T> type, List<Unclaimed> bad) {
        Optional<byte[]> content = DurableFile.secret(file).read();
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try {
            @Nullable T value = Json.read(new String(content.get(), StandardCharsets.UTF_8), type);
            return Optional.of(Objects.requireNonNull(value));
        } catch (HeddleException | NullPointerException damaged) {
            LOG.error("{} cannot be read and is set aside: {}", file, damaged.getMessage());
            setAside(file);
            if (file.equals(headFile.path())) {
                bad.add(new Unclaimed("stored specification", file.toString(), "it could not be read"));
            }
            return Optional.empty();
        }
    }

    private static void setAside(Path file) {
        try {
            Files.move(file, file.resolveSibling(file.getFileName() + SET_ASIDE), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw failed("cannot set " + file + " aside", failure);
        }
    }

    /** The controller has told all again: what could not be read is of no use any more. */
    private void forgetUnreadable() {
        if (unreadable.isEmpty()) {
            return;
        }
        for (Path file : files()) {
            if (file.getFileName().toString().endsWith(SET_ASIDE)) {
                delete(file);
            }
        }
        delete(headFile.path().resolveSibling(headFile.path().getFileName() + SET_ASIDE));
        unreadable = List.of();
    }

    private List<Path> files() {
        if (!Files.isDirectory(resources)) {
            return List.of();
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(resources)) {
            List<Path> files = new ArrayList<>();
            found.forEach(files::add);
            files.sort(null);
            return files;
        } catch (IOException failure) {
            throw failed("cannot list " + resources, failure);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw failed("cannot remove " + file, failure);
        }
    }

    private static HeddleException failed(String what, IOException failure) {
        return new HeddleException(
                ErrorCode.FILE_FAILED,
                what,
                failure.toString(),
                "make sure that the disk is not full, is mounted writable and belongs to the user that runs Heddle",
                failure);
    }
}
