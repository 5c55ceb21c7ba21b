package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a resource is to have a disk.
 *
 * @param operation {@code INTO_DRBD_DISKFUL}, {@code INTO_DRBD_DISKLESS} or {@code INTO_DRBD_CLIENT}; missing: diskful, if a pool or another node is named
 * @param storagePool pool of the disk
 * @param migrateFrom node whose replica is to go afterwards
 * @param layerList layers; those that it has, or none
 */
public record ToggleDiskBody(
        @Nullable String operation,
        @Nullable String storagePool,
        @Nullable String migrateFrom,
        @Nullable List<@Nullable String> layerList) {}
