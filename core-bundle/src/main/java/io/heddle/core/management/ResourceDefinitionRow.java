package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * A resource definition.
 *
 * @param resource its name
 * @param group the group it follows
 * @param layers what its devices are made of
 * @param volumes how many volume definitions
 * @param resources on how many nodes
 * @param state ok or DELETING
 * @param properties its properties
 */
public record ResourceDefinitionRow(
        String resource,
        String group,
        List<String> layers,
        int volumes,
        int resources,
        String state,
        Map<String, String> properties) {}
