package io.heddle.satellite;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.ResourceSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was wanted last of resources that no specification names any more and no tombstone removed, on disk, so that a
 * controller can want it again; and what an administrator does not want to see listed. Reading is safe for many threads.
 */
final class Orphans {
    private static final Logger LOG = LoggerFactory.getLogger(Orphans.class);
    private static final String SUFFIX = ".json";

    /** What is in the file of what is not to be listed. */
    record Silenced(SortedSet<UUID> identities) {
        Silenced {
            identities = Ordered.set(identities);
        }
    }

    /** A resource, and until which revision it was wanted. */
    record Orphan(ResourceSpec resource, long revision) {}

    private final Path directory;
    private final DurableFile silencedFile;
    private final Map<UUID, Orphan> orphans = new ConcurrentHashMap<>();
    private volatile SortedSet<UUID> silenced = Ordered.set(null);

    private Orphans(Path directory) {
        this.directory = directory;
        this.silencedFile = DurableFile.secret(directory.resolve("silenced" + SUFFIX));
    }

    /** Reads what is kept. A file that cannot be read is told in the log, and stays. */
    static Orphans open(Path directory) {
        Orphans kept = new Orphans(directory);
        for (Path file : files(directory)) {
            String name = file.getFileName().toString();
            if (file.equals(kept.silencedFile.path())) {
                read(file, Silenced.class).ifPresent(found -> kept.silenced = found.identities());
            } else if (name.endsWith(SUFFIX)) {
                read(file, Orphan.class)
                        .ifPresent(found -> kept.orphans.put(found.resource().uuid(), found));
            }
        }
        return kept;
    }

    /** All that is kept. */
    Collection<Orphan> all() {
        return List.copyOf(new TreeMap<>(orphans).values());
    }

    /** Identities that are not to be listed. */
    SortedSet<UUID> silenced() {
        return silenced;
    }

    /** A resource is not wanted any more; durable when it returns. A tombstone leaves nothing to keep. */
    void keep(ResourceSpec resource, long revision) {
        if (resource.disposition() != Disposition.REMOVED) {
            Orphan orphan = new Orphan(resource, revision);
            file(resource.uuid()).replace(Json.write(orphan).getBytes(StandardCharsets.UTF_8));
            orphans.put(resource.uuid(), orphan);
        }
    }

    /** A resource is wanted again, or is to go. */
    void claimed(UUID resource) {
        if (orphans.containsKey(resource)) {
            file(resource).remove();
            orphans.remove(resource);
        }
    }

    /** Strikes what carries an identity from the listing, with all volumes of a resource; durable when it returns. */
    synchronized void forget(UUID identity) {
        TreeSet<UUID> more = new TreeSet<>(silenced);
        more.add(identity);
        Optional.ofNullable(orphans.get(identity))
                .ifPresent(orphan -> orphan.resource().volumes().forEach(volume -> more.add(volume.uuid())));
        silencedFile.replace(Json.write(new Silenced(more)).getBytes(StandardCharsets.UTF_8));
        silenced = Ordered.set(more);
        claimed(identity);
    }

    private DurableFile file(UUID resource) {
        return DurableFile.secret(directory.resolve(resource + SUFFIX));
    }

    private static <T> Optional<T> read(Path file, Class<T> type) {
        try {
            return DurableFile.secret(file)
                    .read()
                    .map(content -> Json.read(new String(content, StandardCharsets.UTF_8), type));
        } catch (HeddleException damaged) {
            LOG.error("{} cannot be read: {}; what it names can be forgotten, and not adopted", file, damaged.why());
            return Optional.empty();
        }
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            List<Path> files = new ArrayList<>();
            found.forEach(files::add);
            files.sort(null);
            return files;
        } catch (IOException failure) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot list " + directory,
                    failure.toString(),
                    "make sure that the disk is mounted and belongs to the user that runs Heddle",
                    failure);
        }
    }
}
