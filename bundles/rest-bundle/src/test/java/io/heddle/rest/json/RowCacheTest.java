package io.heddle.rest.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.heddle.rest.json.RowCache.Sources;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RowCacheTest {
    private final RowCache cache = new RowCache(10);
    private final UUID key = new UUID(1, 1);

    @Test
    void keepsARowWhileItsSourcesAreTheSameObjects() {
        Object source = new Object();
        byte[] first = cache.row(key, new Sources(source, null, null, null), () -> new byte[] {1});

        assertSame(first, cache.row(key, new Sources(source, null, null, null), () -> new byte[] {2}));
        assertArrayEquals(
                new byte[] {3}, cache.row(key, new Sources(new Object(), null, null, null), () -> new byte[] {3}));
        assertArrayEquals(
                new byte[] {4}, cache.row(key, new Sources(source, null, "more", null), () -> new byte[] {4}));
    }

    @Test
    void keepsNoMoreBytesThanItMay() {
        Sources sources = new Sources("same", null, null, null);
        cache.row(key, sources, () -> new byte[6]);
        UUID other = new UUID(2, 2);

        byte[] written = cache.row(other, sources, () -> new byte[6]);

        assertNotSame(written, cache.row(other, sources, () -> new byte[6]));
        assertEquals(1, cache.count());
    }

    @Test
    void givesRoomFreeAgainWhenARowShrinksOrGoes() {
        cache.row(key, new Sources("a", null, null, null), () -> new byte[9]);
        cache.row(key, new Sources("b", null, null, null), () -> new byte[2]);
        UUID other = new UUID(2, 2);
        cache.row(other, new Sources("c", null, null, null), () -> new byte[8]);
        assertEquals(2, cache.count());

        cache.retain(Set.of());
        cache.row(key, new Sources("d", null, null, null), () -> new byte[10]);

        assertEquals(1, cache.count());
    }
}
