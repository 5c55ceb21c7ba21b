package io.heddle.satellite;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Several machines whose DRBD talks to each other, as far as the satellite can tell the difference. What must never happen is
 * noted as a violation. All of it is guarded by one lock, this.
 */
final class World {
    final TreeMap<NodeName, Machine> machines = new TreeMap<>();
    final List<String> violations = new ArrayList<>();
    /** What the content begins with whose last copy may go: of definitions, and of volumes of definitions. */
    final Set<String> deleted = new HashSet<>();

    Machine machine(String name) {
        synchronized (this) {
            return machines.computeIfAbsent(new NodeName(name), node -> new Machine(this, node));
        }
    }

    void violation(String what) {
        violations.add(what);
    }

    /** Whether two machines' resources of a name are connected. */
    boolean connected(Machine one, Machine other, String resource) {
        Machine.InKernel here = one.kernel.get(resource);
        Machine.InKernel there = other.kernel.get(resource);
        return here != null
                && there != null
                && one.online
                && other.online
                && here.spec.definition().equals(there.spec.definition())
                && lists(here.spec, other)
                && lists(there.spec, one)
                && !here.standAlone.contains(other.name)
                && !there.standAlone.contains(one.name);
    }

    private static boolean lists(ResourceSpec spec, Machine machine) {
        return spec.peers().stream().map(PeerSpec::node).anyMatch(machine.name::equals);
    }

    /** Syncs what is connected, at once. */
    void settle(String resource) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Machine source : machines.values()) {
                for (Machine target : machines.values()) {
                    if (source != target && connected(source, target, resource)) {
                        discard(source, target.kernel.get(resource));
                        changed |= sync(source.kernel.get(resource), target.kernel.get(resource));
                    }
                }
            }
        }
        machines.values().forEach(machine -> machine.tell(resource));
    }

    private static void discard(Machine source, Machine.InKernel target) {
        target.splitBrain.remove(source.name);
        source.kernel.get(target.spec.name().value()).splitBrain.remove(target.spec.node());
        if (target.discards.remove(source.name)) {
            target.volumes.values().stream()
                    .filter(volume -> volume.disk != null)
                    .forEach(volume -> volume.disk.metadata.upToDate = false);
        }
    }

    private static boolean sync(Machine.InKernel source, Machine.InKernel target) {
        boolean changed = false;
        for (var entry : source.volumes.entrySet()) {
            Machine.Attached from = entry.getValue();
            Machine.Attached to = target.volumes.get(entry.getKey());
            if (to == null || from.disk == null || to.disk == null) {
                continue;
            }
            if (!from.disk.metadata.fresh && !to.disk.metadata.fresh && differ(from, to)) {
                Bytes agreed = from.asked.compareTo(to.asked) < 0 ? from.asked : to.asked;
                boolean shrinks = from.disk.metadata.deviceSize.compareTo(agreed) > 0
                        || to.disk.metadata.deviceSize.compareTo(agreed) > 0;
                boolean room = gross(agreed).compareTo(from.disk.size) <= 0
                        && gross(agreed).compareTo(to.disk.size) <= 0;
                if (shrinks || !room) {
                    source.standAlone.add(target.spec.node());
                    target.standAlone.add(source.spec.node());
                    return true;
                }
                from.asked = agreed;
                to.asked = agreed;
                from.disk.resize(agreed, false);
                to.disk.resize(agreed, false);
                changed = true;
            }
            boolean bothFresh = from.disk.metadata.fresh && to.disk.metadata.fresh;
            if (bothFresh && from.disk.metadata.deviceSize.compareTo(to.disk.metadata.deviceSize) < 0) {
                to.disk.metadata.deviceSize = from.disk.metadata.deviceSize;
                changed = true;
            }
            if (from.disk.metadata.upToDate && !to.disk.metadata.upToDate) {
                to.disk.metadata.upToDate = true;
                to.disk.metadata.fresh = false;
                to.disk.metadata.content = from.disk.metadata.content;
                to.disk.metadata.deviceSize = from.disk.metadata.deviceSize;
                to.asked = from.disk.metadata.deviceSize;
                changed = true;
            }
        }
        return changed;
    }

    private static boolean differ(Machine.Attached one, Machine.Attached other) {
        return !one.disk.metadata.deviceSize.equals(other.disk.metadata.deviceSize);
    }

    /** Whether another replica of the same volume has the same good content. */
    boolean hasAnotherGoodCopy(Machine.Disk disk) {
        return machines.values().stream()
                .flatMap(machine -> machine.pools.values().stream())
                .flatMap(pool -> pool.disks.values().stream())
                .anyMatch(other -> other != disk
                        && other.metadata != null
                        && !other.metadata.leftover
                        && other.metadata.upToDate
                        && other.metadata.content.equals(disk.metadata.content));
    }

    static Bytes gross(Bytes net) {
        return net.plus(Bytes.ofMib(1));
    }
}
