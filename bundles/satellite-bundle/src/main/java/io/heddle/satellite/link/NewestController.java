package io.heddle.satellite.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.spec.SpecVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Remembers the newest controller that was let in, on disk before it is told so: its spec may not have come yet when this
 * machine loses power, and an older controller must be refused then all the same.
 */
final class NewestController {
    /** Name of the file. */
    static final String FILE = "newest-controller.json";

    private final DurableFile file;
    private Optional<SpecVersion> newest;

    /**
     * Reads what is there.
     *
     * @throws HeddleException FILE_FAILED if it cannot be read: then nobody knows whom to refuse
     */
    NewestController(Path directory) {
        file = DurableFile.secret(directory.resolve(FILE));
        file.removeLeftovers();
        newest = file.read().map(this::parse);
    }

    Optional<SpecVersion> version() {
        return newest;
    }

    /** Whether it, or a newer one, offers this; revisions are the spec's matter. */
    boolean accepts(SpecVersion offered) {
        return newest.isEmpty()
                || offered.epoch() > newest.get().epoch()
                || (offered.epoch() == newest.get().epoch()
                        && offered.instance().equals(newest.get().instance()));
    }

    /** A controller is let in; on disk when it returns. One that comes again costs no write. */
    void letIn(SpecVersion version) {
        boolean known = newest.filter(seen ->
                        seen.epoch() == version.epoch() && seen.instance().equals(version.instance()))
                .isPresent();
        if (!known) {
            file.replace((Json.write(version) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        newest = Optional.of(version);
    }

    /** Any controller may come next; on disk when it returns. */
    void forget() {
        file.remove();
        newest = Optional.empty();
    }

    private SpecVersion parse(byte[] content) {
        try {
            return Json.read(new String(content, StandardCharsets.UTF_8), SpecVersion.class);
        } catch (HeddleException unreadable) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot read which controller was followed last from " + file.path(),
                    unreadable.why(),
                    "make sure that no older copy of the controller runs, and remove the file",
                    unreadable);
        }
    }
}
