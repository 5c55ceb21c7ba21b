package io.heddle.core.cluster;

import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Secret;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A wish for a node.
 *
 * @param name its name; must be what {@code uname -n} prints there
 * @param type what it is for
 * @param netInterfaces its addresses, at least one; the first is used for the link
 * @param properties properties to begin with
 * @param code one-time code that the satellite printed; empty if its configuration lets this controller claim it
 */
public record NodeCreation(
        NodeName name,
        NodeType type,
        List<NetInterface> netInterfaces,
        SortedMap<String, String> properties,
        Optional<Secret> code) {
    public NodeCreation {
        netInterfaces = List.copyOf(netInterfaces);
        properties = Ordered.map(properties);
    }
}
