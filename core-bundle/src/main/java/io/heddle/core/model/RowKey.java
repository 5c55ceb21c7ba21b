package io.heddle.core.model;

import java.util.UUID;

/**
 * Names a row of the store: one noun as one document.
 *
 * @param kind which noun
 * @param key its key: a lower-case name, or the UUID of a resource definition
 */
public record RowKey(Kind kind, String key) implements Comparable<RowKey> {
    /** The nouns that have rows of their own. */
    public enum Kind {
        CLUSTER,
        NODE,
        RESOURCE_GROUP,
        RESOURCE_DEFINITION
    }

    /** The one row of cluster-wide settings. */
    public static final RowKey CLUSTER = new RowKey(Kind.CLUSTER, "cluster");

    public static RowKey of(NodeName name) {
        return new RowKey(Kind.NODE, name.key());
    }

    public static RowKey of(ResourceGroupName name) {
        return new RowKey(Kind.RESOURCE_GROUP, name.key());
    }

    public static RowKey ofDefinition(UUID uuid) {
        return new RowKey(Kind.RESOURCE_DEFINITION, uuid.toString());
    }

    @Override
    public int compareTo(RowKey other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : key.compareTo(other.key);
    }
}
