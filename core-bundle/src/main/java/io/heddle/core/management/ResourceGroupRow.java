package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * A resource group.
 *
 * @param group its name
 * @param description free text, may be empty
 * @param placeCount diskful replicas that are placed of its definitions
 * @param pools storage pools that may be used; empty: any
 * @param nodes nodes that may be used; empty: any
 * @param drivers driver kinds that may be used; empty: any
 * @param layers what its devices are made of; empty: DRBD over STORAGE
 * @param volumes numbers of the volumes of what is spawned from it
 * @param definitions how many resource definitions are in it
 * @param properties its properties
 */
public record ResourceGroupRow(
        String group,
        String description,
        int placeCount,
        List<String> pools,
        List<String> nodes,
        List<String> drivers,
        List<String> layers,
        List<Integer> volumes,
        int definitions,
        Map<String, String> properties) {}
