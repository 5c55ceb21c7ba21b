package io.heddle.core.model;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Unmodifiable collections whose order is the same in each process, so that files and answers do not flap. */
public final class Ordered {
    private Ordered() {}

    /** A copy in the order of its keys; null, as an absent field of an older document, gives an empty map. */
    public static <K extends Comparable<K>, V> SortedMap<K, V> map(@Nullable Map<K, V> entries) {
        return entries == null || entries.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /** A copy in natural order; null gives an empty set. */
    public static <E extends Comparable<E>> SortedSet<E> set(@Nullable Collection<E> elements) {
        return elements == null || elements.isEmpty()
                ? Collections.emptySortedSet()
                : Collections.unmodifiableSortedSet(new TreeSet<>(elements));
    }

    /** A copy of {@code entries} with one entry put. */
    public static <K extends Comparable<K>, V> SortedMap<K, V> with(Map<K, V> entries, K key, V value) {
        TreeMap<K, V> copy = new TreeMap<>(entries);
        copy.put(key, value);
        return Collections.unmodifiableSortedMap(copy);
    }

    /** A copy of {@code entries} with one entry left out. */
    public static <K extends Comparable<K>, V> SortedMap<K, V> without(Map<K, V> entries, K key) {
        TreeMap<K, V> copy = new TreeMap<>(entries);
        copy.remove(key);
        return Collections.unmodifiableSortedMap(copy);
    }
}
