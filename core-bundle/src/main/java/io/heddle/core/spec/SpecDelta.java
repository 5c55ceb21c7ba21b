package io.heddle.core.spec;

import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * The change from one revision of a node's spec to another. Sent twice or late it means the same: its base does not match
 * then, and the satellite asks for the whole spec.
 *
 * @param base revision it builds on
 * @param version the version after it
 * @param pools all pools, if any of them changed
 * @param changed resources that are new or changed, tombstones included
 * @param forgotten identities whose removal the satellite has confirmed; it need not keep their tombstones any longer
 */
public record SpecDelta(
        long base,
        SpecVersion version,
        Optional<SortedMap<PoolName, PoolSpec>> pools,
        List<ResourceSpec> changed,
        SortedSet<UUID> forgotten) {
    public SpecDelta {
        pools = pools.map(Ordered::map);
        changed = List.copyOf(changed);
        forgotten = Ordered.set(forgotten);
    }
}
