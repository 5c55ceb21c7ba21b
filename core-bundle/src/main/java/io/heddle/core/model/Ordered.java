package io.heddle.core.model;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** Unmodifiable collections whose order is the same in each process, so that files and answers do not flap. */
public final class Ordered {
    private Ordered() {}

    /** A copy in the order of its keys; null, as an absent field of an older document, gives an empty map. */
    public static <K extends Comparable<K>, V> SortedMap<K, V> map(@Nullable Map<K, V> entries) {
        if (entries == null || entries.isEmpty()) {
            return Collections.emptySortedMap();
        }
        if (entries instanceof TreePMap<K, V> persistent) {
            return persistent;
        }
        return Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    }

    /**
     * {@code entries} without {@code removed} and with {@code added}, for maps that are large and change a little at a time:
     * the result shares what did not change, so applied to its own results it costs what changed.
     */
    public static <K extends Comparable<K>, V> SortedMap<K, V> changed(
            SortedMap<K, V> entries, Collection<K> removed, Map<K, V> added) {
        TreePMap<K, V> persistent = entries instanceof TreePMap<K, V> known ? known : TreePMap.from(entries);
        return persistent.minusAll(removed).plusAll(added);
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
