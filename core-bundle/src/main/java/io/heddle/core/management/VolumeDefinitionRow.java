package io.heddle.core.management;

import java.util.Map;

/**
 * A volume definition.
 *
 * @param resource its resource definition
 * @param number its number
 * @param sizeBytes exact size of the device
 * @param minor DRBD minor
 * @param state ok or DELETING
 * @param properties its properties
 */
public record VolumeDefinitionRow(
        String resource, int number, long sizeBytes, int minor, String state, Map<String, String> properties) {}
