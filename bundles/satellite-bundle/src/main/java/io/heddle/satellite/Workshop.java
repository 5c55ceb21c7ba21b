package io.heddle.satellite;

import java.time.Clock;
import java.util.regex.Pattern;

/**
 * What the workers of all resources share.
 *
 * @param pools what is known of storage pools
 * @param replication what is known of DRBD
 * @param drivers drivers that are up
 * @param records what is kept of resources beside their specs
 * @param confirmation whether the spec is confirmed
 * @param threads threads
 * @param keep names of resources that are never removed; matches nothing if there are none
 * @param clock for the times that are shown
 * @param backOff how long to wait before a try again
 * @param poolLook looks at the pools soon
 * @param replicationLook looks at the resource files soon
 */
record Workshop(
        PoolBoard pools,
        ReplicationBoard replication,
        DriverTable drivers,
        RecordKeeper records,
        Confirmation confirmation,
        Threads threads,
        Pattern keep,
        Clock clock,
        BackOff backOff,
        Runnable poolLook,
        Runnable replicationLook) {
    void lookAtPools() {
        poolLook.run();
    }

    void lookAtReplication() {
        replicationLook.run();
    }
}
