package io.heddle.core.cluster;

import io.heddle.core.model.Ordered;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A change of properties: put, remove, remove whole namespaces.
 *
 * @param override keys to put
 * @param delete keys to remove
 * @param deleteNamespaces prefixes; every key that is one of them or begins with one and {@code /} is removed
 */
public record PropertyChange(
        SortedMap<String, String> override, SortedSet<String> delete, SortedSet<String> deleteNamespaces) {
    public static final PropertyChange NONE =
            new PropertyChange(Ordered.map(null), Ordered.set(null), Ordered.set(null));

    public PropertyChange {
        override = Ordered.map(override);
        delete = Ordered.set(delete);
        deleteNamespaces = Ordered.set(deleteNamespaces);
    }

    /** Whether it changes nothing. */
    public boolean isEmpty() {
        return override.isEmpty() && delete.isEmpty() && deleteNamespaces.isEmpty();
    }

    /** Every key and namespace that it names. */
    public Stream<String> keys() {
        return Stream.of(override.keySet(), delete, deleteNamespaces).flatMap(Set::stream);
    }

    /** {@code properties} with this change made; removals first. */
    public SortedMap<String, String> applyTo(SortedMap<String, String> properties) {
        TreeMap<String, String> changed = new TreeMap<>(properties);
        delete.forEach(changed::remove);
        deleteNamespaces.forEach(namespace ->
                changed.keySet().removeIf(key -> key.equals(namespace) || key.startsWith(namespace + "/")));
        changed.putAll(override);
        return Ordered.map(changed);
    }
}
