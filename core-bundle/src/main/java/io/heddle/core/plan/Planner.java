package io.heddle.core.plan;

import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Decides what a satellite does next for one resource: spec and situation to steps. Pure; no steps, nothing held and nothing
 * awaited means that the node is as wanted. It decides nothing for more than one resource, and runs nothing.
 *
 * <p>The rules that keep data are here: only known facts lead to a step that destroys or creates something, metadata is made
 * once, foreign volumes are left alone, the last good copy stays, and a spec that no controller has confirmed since boot only
 * serves.
 */
public final class Planner {
    private Planner() {}

    /**
     * What to do now. After the steps the caller looks again and plans again.
     *
     * @param pools the pools of the node's spec
     */
    public static Plan plan(ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        return switch (spec.disposition()) {
            case REMOVED -> new RemovalPlan(spec, pools, situation).plan();
            case HALTED -> new HaltPlan(spec, situation).plan();
            case PRESENT, DISKLESS -> new ServicePlan(spec, pools, situation).plan();
        };
    }

    /**
     * The file that the resource is to have now, as the step that would write it; empty while it is to have none or to stay as
     * it is. It says less than the spec where a volume is not made yet or a growth is not through.
     */
    public static Optional<Step.ConfigureResource> file(
            ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        return spec.disposition() == Disposition.HALTED
                ? Optional.empty()
                : service(spec, pools, situation).file();
    }

    /** Numbers of the volumes whose metadata has to be looked at, since they are there and are not attached. */
    public static SortedSet<Integer> volumesToProbe(
            ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        return spec.disposition() == Disposition.HALTED
                ? Ordered.set(null)
                : service(spec, pools, situation).volumesToProbe();
    }

    /** Addresses of this node of which it is worth a look whether they are there: those of connections that have a choice. */
    public static SortedSet<IpAddress> addressesInDoubt(
            ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        return spec.disposition() == Disposition.HALTED
                ? Ordered.set(null)
                : service(spec, pools, situation).addressesInDoubt();
    }

    private static ServicePlan service(ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        return spec.disposition() == Disposition.REMOVED
                ? new ServicePlan(Specs.present(spec, situation), pools, situation.onlyServing())
                : new ServicePlan(spec, pools, situation);
    }
}
