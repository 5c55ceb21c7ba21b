package io.heddle.satellite;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.plan.ResourceRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Keeps what the satellite must not forget of a resource beside its spec: one small file each, durable when a call returns. */
final class RecordKeeper {
    private final Path directory;

    RecordKeeper(Path directory) {
        this.directory = directory;
    }

    /**
     * What is kept of a resource; nothing if there is no file.
     *
     * @throws HeddleException FILE_FAILED if there is one that cannot be read: then nobody knows what was made
     */
    ResourceRecord read(UUID resource) {
        DurableFile file = file(resource);
        Optional<byte[]> content = file.read();
        if (content.isEmpty()) {
            return ResourceRecord.NOTHING;
        }
        try {
            return Json.read(new String(content.get(), StandardCharsets.UTF_8), ResourceRecord.class);
        } catch (HeddleException damaged) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot read " + file.path(),
                    damaged.why(),
                    "see whether the backing volumes of the resource are all there; if they are, remove the file, and it is"
                            + " written anew",
                    damaged);
        }
    }

    void write(UUID resource, ResourceRecord record) {
        file(resource).replace(Json.write(record).getBytes(StandardCharsets.UTF_8));
    }

    void forget(UUID resource) {
        file(resource).remove();
    }

    private DurableFile file(UUID resource) {
        return DurableFile.secret(directory.resolve(resource + ".json"));
    }
}
