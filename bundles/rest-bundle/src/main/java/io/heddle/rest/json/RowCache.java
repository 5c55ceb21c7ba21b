package io.heddle.rest.json;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rows of answers as bytes, each valid as long as the immutable records it was written from are the same objects: what did not
 * change costs a copy. Bounded in bytes; beyond that rows are written anew each time. Used by many threads.
 */
public final class RowCache {
    private final ConcurrentHashMap<UUID, Row> rows = new ConcurrentHashMap<>();
    private final AtomicLong size = new AtomicLong();
    private final long limit;

    /**
     * @param limit bytes that may be kept
     */
    public RowCache(long limit) {
        this.limit = limit;
    }

    /**
     * The row of {@code key}, kept from before if it was written from the very same {@code sources}.
     *
     * @param sources what the row is written from, at most four; compared by identity
     */
    public byte[] row(UUID key, Sources sources, Supplier<byte[]> write) {
        Row kept = rows.get(key);
        if (kept != null && kept.sources.sameAs(sources)) {
            return kept.bytes;
        }
        byte[] bytes = write.get();
        long before = kept == null ? 0 : kept.bytes.length;
        if (size.get() - before + bytes.length <= limit) {
            Row replaced = rows.put(key, new Row(sources, bytes));
            size.addAndGet(bytes.length - (replaced == null ? 0L : replaced.bytes.length));
        } else {
            forget(key);
        }
        return bytes;
    }

    /** How many rows are kept. */
    public int count() {
        return rows.size();
    }

    /** Forgets every row but those of {@code live}. */
    public void retain(Set<UUID> live) {
        for (UUID key : rows.keySet()) {
            if (!live.contains(key)) {
                forget(key);
            }
        }
    }

    private void forget(UUID key) {
        Row gone = rows.remove(key);
        if (gone != null) {
            size.addAndGet(-gone.bytes.length);
        }
    }

    /** What a row is written from. */
    public record Sources(
            @Nullable Object first,
            @Nullable Object second,
            @Nullable Object third,
            @Nullable Object fourth) {
        @SuppressWarnings("ReferenceEquality") // comparing whole records would cost more than writing the row
        boolean sameAs(Sources other) {
            return first == other.first && second == other.second && third == other.third && fourth == other.fourth;
        }
    }

    private static final class Row {
        private final Sources sources;
        private final byte[] bytes;

        Row(Sources sources, byte[] bytes) {
            this.sources = sources;
            this.bytes = bytes;
        }
    }
}
