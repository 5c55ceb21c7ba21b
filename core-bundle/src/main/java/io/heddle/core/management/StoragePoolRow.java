package io.heddle.core.management;

import java.util.Map;

/**
 * A storage pool.
 *
 * @param pool its name
 * @param node its node
 * @param driver driver kind
 * @param poolName what it stands on
 * @param freeBytes bytes not used, -1 if unknown
 * @param totalBytes bytes in all, -1 if unknown
 * @param provisionedBytes virtual sizes of its volumes together, -1 if unknown
 * @param snapshots whether it can take snapshots
 * @param state Ok, Warning, Error or Unknown
 * @param problem what needs a look, empty text if nothing
 * @param properties its properties
 */
public record StoragePoolRow(
        String pool,
        String node,
        String driver,
        String poolName,
        long freeBytes,
        long totalBytes,
        long provisionedBytes,
        boolean snapshots,
        String state,
        String problem,
        Map<String, String> properties) {}
