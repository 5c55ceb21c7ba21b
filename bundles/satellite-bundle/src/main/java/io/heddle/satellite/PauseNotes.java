package io.heddle.satellite;

import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.model.NodeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which syncs the satellite has paused itself, on disk before it does: it resumes those, whatever happens in between, and none
 * that a person has paused. Any thread may call.
 */
final class PauseNotes {
    private static final Logger LOG = LoggerFactory.getLogger(PauseNotes.class);

    /** A sync that was paused. */
    record Note(UUID resource, NodeName peer, int volume) {}

    /** What is in the file. */
    record Notes(List<Note> paused) {
        Notes {
            paused = List.copyOf(paused);
        }
    }

    private final DurableFile file;
    private List<Note> notes;

    private PauseNotes(DurableFile file, List<Note> notes) {
        this.file = file;
        this.notes = List.copyOf(notes);
    }

    /** Reads what an earlier run left. What cannot be read is told in the log, and stops nothing. */
    static PauseNotes open(Path path) {
        DurableFile file = DurableFile.secret(path);
        List<Note> notes = List.of();
        try {
            file.removeLeftovers();
            notes = file.read()
                    .map(content -> Json.read(new String(content, StandardCharsets.UTF_8), Notes.class)
                            .paused())
                    .orElse(List.of());
        } catch (HeddleException damaged) {
            LOG.error(
                    "cannot read {}, which names syncs that were paused for a moment: {}; if one stays paused (resource"
                            + " list shows it), resume it: drbdadm resume-sync",
                    path,
                    damaged.why());
        }
        return new PauseNotes(file, notes);
    }

    synchronized List<Note> all() {
        return notes;
    }

    /**
     * Durable when it returns.
     *
     * @throws HeddleException FILE_FAILED, with nothing noted
     */
    synchronized void add(Note note) {
        if (!notes.contains(note)) {
            List<Note> more = new ArrayList<>(notes);
            more.add(note);
            write(more);
        }
    }

    /**
     * Durable when it returns.
     *
     * @throws HeddleException FILE_FAILED, with the note still there
     */
    synchronized void remove(Note note) {
        if (notes.contains(note)) {
            List<Note> less = new ArrayList<>(notes);
            less.remove(note);
            write(less);
        }
    }

    private void write(List<Note> now) {
        if (now.isEmpty()) {
            file.remove();
        } else {
            file.replace(Json.write(new Notes(now)).getBytes(StandardCharsets.UTF_8));
        }
        notes = List.copyOf(now);
    }
}
