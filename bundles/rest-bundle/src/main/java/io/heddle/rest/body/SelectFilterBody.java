package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where an {@link AutoPlaceBody} may place.
 *
 * @param placeCount replicas that there shall be
 * @param additionalPlaceCount replicas to add
 * @param nodeNameList nodes that may be used
 * @param storagePool the pool that may be used
 * @param storagePoolList pools that may be used
 * @param notPlaceWithRsc not supported
 * @param notPlaceWithRscRegex not supported
 * @param replicasOnSame not supported
 * @param replicasOnDifferent not supported
 * @param xReplicasOnDifferentMap not supported
 * @param layerStack layers
 * @param providerList driver kinds that may be used
 * @param disklessOnRemaining not supported
 */
public record SelectFilterBody(
        @Nullable Integer placeCount,
        @Nullable Integer additionalPlaceCount,
        @Nullable List<@Nullable String> nodeNameList,
        @Nullable String storagePool,
        @Nullable List<@Nullable String> storagePoolList,
        @Nullable List<@Nullable String> notPlaceWithRsc,
        @Nullable String notPlaceWithRscRegex,
        @Nullable List<@Nullable String> replicasOnSame,
        @Nullable List<@Nullable String> replicasOnDifferent,
        @Nullable Map<String, @Nullable Integer> xReplicasOnDifferentMap,
        @Nullable List<@Nullable String> layerStack,
        @Nullable List<@Nullable String> providerList,
        @Nullable Boolean disklessOnRemaining) {}
