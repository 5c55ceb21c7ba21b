package io.heddle.controller.store;

import io.heddle.core.model.RowKey;
import java.util.Map;
import java.util.Optional;

/** Keeps the rows of the cluster state. Used by one thread; {@link #load} comes first. */
public interface Store extends AutoCloseable {
    /**
     * Reads everything, raises the epoch durably and draws an instance id. Rows that cannot be read are set aside, kept and
     * named in the answer.
     *
     * @throws io.heddle.core.error.HeddleException STORE_LOCKED if another process has it, VERSION_MISMATCH if a newer Heddle
     *     wrote it, STORE_FAILED
     */
    StoredState load();

    /**
     * Writes rows in one transaction; they are on disk when it returns.
     *
     * @param revision revision of the state that the rows belong to
     * @param rows documents to write, or empty to delete
     * @throws io.heddle.core.error.HeddleException STORE_FAILED; nothing of it is kept then
     */
    void commit(long revision, Map<RowKey, Optional<Object>> rows);

    @Override
    void close();
}
