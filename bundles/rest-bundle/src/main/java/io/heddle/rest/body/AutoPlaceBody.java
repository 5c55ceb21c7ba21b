package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A wish to place replicas where they fit best.
 *
 * @param disklessOnRemaining whether all other nodes get a diskless resource; not supported
 * @param selectFilter where
 * @param layerList layers
 */
public record AutoPlaceBody(
        @Nullable Boolean disklessOnRemaining,
        @Nullable SelectFilterBody selectFilter,
        @Nullable List<@Nullable String> layerList) {}
