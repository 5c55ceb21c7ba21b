/**
 * Makes one node match its spec, and reports what is. Read {@link io.heddle.satellite.Reconciler} first.
 *
 * <p>The way of a change: the controller's delta comes in through {@code link}; {@link io.heddle.satellite.SpecKeeper} puts it on
 * disk, one file a resource; the {@link io.heddle.satellite.ResourceWorker} of its name is woken, and goes round until nothing is
 * left to do: {@link io.heddle.satellite.Surveyor} puts together what is known, core's {@code Planner} decides, and
 * {@link io.heddle.satellite.StepRunner} does it through the drivers. {@link io.heddle.satellite.StatusFeed} tells followers what
 * became of it.
 *
 * <p>What is known lies in memory: {@link io.heddle.satellite.PoolBoard} (written by one look for all pools of a driver, and by
 * our own changes) and {@link io.heddle.satellite.ReplicationBoard} (written by DRBD's events). After a failed change nothing is
 * known of what was touched until it was looked at again.
 *
 * <p>On disk, below {@code satellite/} of the state directory: {@code spec/head.json} and {@code spec/resources/UUID.json}, the
 * spec; {@code records/UUID.json}, which volumes were made here and with what size, and whether a removal was approved;
 * {@code confirmed}, the id of the boot in which a controller has confirmed the spec. Without that only serving steps are done.
 *
 * <p>Threads: a lane of four for each set of pools, so that a pool that hangs stalls its own resources only; one change of a pool
 * at a time; a timer; a few in the background for looks. A worker that waits has no thread.
 */
@NullMarked
package io.heddle.satellite;

import org.jspecify.annotations.NullMarked;
