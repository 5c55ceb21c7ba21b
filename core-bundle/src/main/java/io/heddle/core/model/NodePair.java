package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Two nodes, in whichever order they were named: the pair is the same both ways, so that both ends of a connection have its
 * options.
 *
 * @param first the one that comes first in the order of names
 * @param second the other
 */
public record NodePair(NodeName first, NodeName second) implements Comparable<NodePair> {
    /** Stands in no name of a node. */
    private static final String BETWEEN = "/";

    private static final Comparator<NodePair> ORDER =
            Comparator.comparing(NodePair::first).thenComparing(NodePair::second);

    /** Refuses a node with itself by INVALID_INPUT. */
    public NodePair {
        int order = first.compareTo(second);
        if (order == 0) {
            throw invalid("node " + first + " with itself", "a connection is between two nodes");
        }
        if (order > 0) {
            NodeName swapped = first;
            first = second;
            second = swapped;
        }
    }

    /** The pair that {@link #text} wrote; INVALID_INPUT otherwise. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static NodePair parse(String text) {
        int between = text.indexOf(BETWEEN);
        if (between < 0) {
            throw invalid("'" + text.replaceAll("\\p{Cntrl}", "?") + "'", "two names with '/' between are a pair");
        }
        return new NodePair(new NodeName(text.substring(0, between)), new NodeName(text.substring(between + 1)));
    }

    /** Each two of some nodes, in their order. */
    public static List<NodePair> among(Collection<NodeName> nodes) {
        List<NodeName> all = List.copyOf(nodes);
        List<NodePair> pairs = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                pairs.add(new NodePair(all.get(i), all.get(j)));
            }
        }
        return pairs;
    }

    private static HeddleException invalid(String what, String why) {
        return new HeddleException(
                ErrorCode.INVALID_INPUT, "cannot speak of a connection of " + what, why, "name two different nodes");
    }

    /** Both names with {@code /} between. */
    @JsonValue
    public String text() {
        return first.value() + BETWEEN + second.value();
    }

    /** Whether {@code node} is one of the two. */
    public boolean has(NodeName node) {
        return first.equals(node) || second.equals(node);
    }

    @Override
    public int compareTo(NodePair other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return first + " and " + second;
    }
}
