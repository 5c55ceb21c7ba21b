package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers, for this boot, what DRBD had of each resource when an adjust with its file had succeeded, so that a satellite that is
 * started again runs no adjust for what is as it was. It compares the file and all that {@code drbdsetup show} tells: a disk that
 * was detached, a connection that stands alone or is gone, an option that somebody has set by hand are seen, whenever that was. In
 * doubt it says no, and an adjust is run as ever; a note that was lost costs that and no more.
 *
 * <p>Notes are written a while after the last adjust, with one look for all, since the look costs as much as another command. Who
 * changes an option by hand in that while has it taken for the file's.
 */
final class AdjustedBefore implements AutoCloseable {
    /**
     * When it looks.
     *
     * @param quiet how long after an adjust the notes are written; those of all adjusts in that time at once
     * @param fresh how long a look at all resources serves those that are asked about
     */
    record Pace(Duration quiet, Duration fresh) {
        static final Pace USUAL = new Pace(Duration.ofSeconds(10), Duration.ofSeconds(20));
    }

    private static final Logger LOG = LoggerFactory.getLogger(AdjustedBefore.class);
    private static final Pattern RESOURCE = Pattern.compile("(?ms)^resource \"?([^\" ]+)\"? \\{$.*?^\\}$");
    private static final String STANDS_ALONE = "_is_standalone";
    private static final String PEER = "_peer_node_id ";
    private static final String BOOT = "boot ";

    /** What was: the file, and what DRBD showed, as their SHA-256, since both hold the secret. */
    private record Note(String file, String shown) {}

    private record Look(long at, Map<String, String> resources) {}

    private final ResourceFiles files;
    private final DrbdTools tools;
    private final KernelProbe kernel;
    private final DurableFile kept;
    private final Pace pace;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor later;

    // Guarded by this.
    private final Map<String, Note> notes = new TreeMap<>();
    private final Map<String, String> adjusted = new TreeMap<>();
    private boolean read;
    private boolean scheduled;
    private Look look = new Look(0, Map.of());

    /**
     * @param path where the notes are kept
     */
    AdjustedBefore(ResourceFiles files, DrbdTools tools, KernelProbe kernel, Path path, Pace pace) {
        this.files = files;
        this.tools = tools;
        this.kernel = kernel;
        this.kept = DurableFile.secret(path);
        this.pace = pace;
        this.later = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "drbd-adjusted");
            thread.setDaemon(true);
            return thread;
        });
        later.setKeepAliveTime(30, TimeUnit.SECONDS);
        later.allowCoreThreadTimeOut(true);
    }

    /**
     * Whether DRBD has the resource just as the last adjust with this file left it. Answered at the first question for each resource
     * only: whoever asks for an adjust once more knows why.
     */
    boolean isAsAdjusted(String name, ResourceFile file) {
        if (!asked.add(name)) {
            return false;
        }
        try {
            return isAsNoted(name, file);
        } catch (HeddleException failure) {
            LOG.debug("resource={} is adjusted: {}", name, failure.problem().text());
            return false;
        }
    }

    private synchronized boolean isAsNoted(String name, ResourceFile file) {
        readOnce();
        Note note = notes.get(name);
        if (note == null || !note.file().equals(hash(file.text()))) {
            return false;
        }
        if (look.resources().isEmpty()
                || System.nanoTime() - look.at() > pace.fresh().toNanos()) {
            look = new Look(System.nanoTime(), shown());
        }
        String now = look.resources().get(name);
        return now != null && note.shown().equals(hash(now));
    }

    /** An adjust with this file has succeeded. */
    synchronized void adjusted(String name, ResourceFile file) {
        asked.add(name);
        adjusted.put(name, hash(file.text()));
        if (!scheduled) {
            scheduled = true;
            try {
                var unused = later.schedule(this::write, pace.quiet().toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("the driver is gone", closed);
            }
        }
    }

    private void write() {
        try {
            Map<String, String> resources = shown();
            note(resources);
        } catch (HeddleException failure) {
            LOG.debug("what was adjusted is not noted: {}", failure.problem().text());
            synchronized (this) {
                scheduled = false;
            }
        }
    }

    private synchronized void note(Map<String, String> resources) {
        scheduled = false;
        readOnce();
        Map<String, Note> before = new TreeMap<>(notes);
        adjusted.forEach((name, hash) -> {
            String shown = resources.get(name);
            boolean inFull = shown != null
                    && files.read(name)
                            .filter(file -> hash(file.text()).equals(hash) && isAll(file, shown))
                            .isPresent();
            if (inFull) {
                notes.put(name, new Note(hash, hash(shown)));
            } else {
                notes.remove(name);
            }
        });
        adjusted.clear();
        notes.keySet().retainAll(resources.keySet());
        if (!notes.equals(before)) {
            kept.replace(text().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Whether all of the file's disks are attached and all of its connections made. */
    private static boolean isAll(ResourceFile file, String shown) {
        boolean attached = file.volumes().stream()
                .allMatch(volume -> volume.device()
                        .filter(device -> !shown.contains("\"" + device + "\""))
                        .isEmpty());
        long peers = shown.lines().filter(line -> line.contains(PEER)).count();
        return attached && peers == file.hosts().size() - 1L && !shown.contains(STANDS_ALONE);
    }

    private Map<String, String> shown() {
        CommandResult result = tools.drbdsetupQuery("show");
        if (!result.succeeded()) {
            throw result.failure(
                    ErrorCode.OBSERVATION_FAILED, "cannot tell what DRBD was told of each resource", "adjust them");
        }
        Map<String, String> resources = new TreeMap<>();
        Matcher resource = RESOURCE.matcher(result.output());
        while (resource.find()) {
            resources.put(resource.group(1), resource.group());
        }
        return resources;
    }

    private void readOnce() {
        if (read) {
            return;
        }
        String[] lines = kept.read()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("")
                .split("\n");
        boolean ofThisBoot = !kernel.bootId().isEmpty() && lines[0].equals(BOOT + kernel.bootId());
        for (int line = 1; ofThisBoot && line < lines.length; line++) {
            String[] words = lines[line].split(" ");
            if (words.length == 3) {
                notes.put(words[2], new Note(words[0], words[1]));
            }
        }
        read = true;
    }

    private String text() {
        return notes.entrySet().stream()
                .map(note -> note.getValue().file() + " " + note.getValue().shown() + " " + note.getKey() + "\n")
                .collect(Collectors.joining("", BOOT + kernel.bootId() + "\n", ""));
    }

    private static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent); // every Java has it
        }
    }

    /** Writes no more notes. */
    @Override
    public void close() {
        later.shutdownNow();
    }
}
