package io.heddle.core.status;

/**
 * Something on the node that no spec names: listed, never touched.
 *
 * @param kind {@code backing volume}, {@code DRBD resource} or {@code resource file}
 * @param name its name, with its pool or folder
 * @param why what tells that it is not claimed: foreign, without identity, of this cluster but in no spec
 */
public record Unclaimed(String kind, String name, String why) implements Comparable<Unclaimed> {
    @Override
    public int compareTo(Unclaimed other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : name.compareTo(other.name);
    }
}
