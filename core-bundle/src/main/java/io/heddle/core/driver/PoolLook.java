package io.heddle.core.driver;

import io.heddle.core.error.HeddleException;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A look at many pools with few commands, where what is wrong with one pool does not hide the others. */
public final class PoolLook {
    private PoolLook() {}

    /**
     * Looks at pools as {@link StorageDriver#observe} has to.
     *
     * @param understood takes a pool's specification apart; a pool for which it throws is unknown for that reason
     * @param look is given the others, and puts what it sees of each; when it throws, all that it has not put are unknown. Not called
     *     without any
     */
    public static <P> Map<PoolName, Observation<PoolObservation>> at(
            List<PoolSpec> pools,
            Function<PoolSpec, P> understood,
            BiConsumer<Map<PoolName, P>, Map<PoolName, Observation<PoolObservation>>> look) {
        Map<PoolName, Observation<PoolObservation>> seen = new LinkedHashMap<>();
        Map<PoolName, P> usable = new LinkedHashMap<>();
        for (PoolSpec pool : pools) {
            try {
                usable.put(pool.name(), understood.apply(pool));
            } catch (HeddleException failure) {
                seen.put(pool.name(), Observation.unknown(failure.problem()));
            }
        }
        if (usable.isEmpty()) {
            return seen;
        }
        try {
            look.accept(usable, seen);
        } catch (HeddleException failure) {
            usable.keySet().forEach(name -> seen.putIfAbsent(name, Observation.unknown(failure.problem())));
        }
        return seen;
    }
}
