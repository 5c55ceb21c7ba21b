package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.driver.IoLease;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Suspends the I/O of resources for as long as a lease allows. {@code resume-io} lifts every reason at once, in 9.2.18 a lost
 * quorum too, so that it runs only where {@code user} is the one that DRBD shows, and only for what a record says is ours.
 * What cannot be resumed now is left to the process that holds the lease.
 */
final class SuspendedIo {
    private static final Logger LOG = LoggerFactory.getLogger(SuspendedIo.class);
    private static final String NO = "no";
    private static final String USER = "user";

    private static final class Held {
        private final IoLease lease;
        private final long deadline;
        private boolean suspended;

        Held(IoLease lease, long deadline) {
            this.lease = lease;
            this.deadline = deadline;
        }

        boolean isOver() {
            return System.nanoTime() - deadline >= 0;
        }
    }

    private final Function<Set<String>, Map<String, ReplicationStatus>> look;
    private final DrbdTools tools;
    private final IoLeases leases;
    private final Map<UUID, Held> held = new TreeMap<>();

    /**
     * @param look what DRBD has of resources at this moment, with one command; those that it does not have are left out
     */
    SuspendedIo(Function<Set<String>, Map<String, ReplicationStatus>> look, DrbdTools tools, IoLeases leases) {
        this.look = look;
        this.tools = tools;
        this.leases = leases;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#leaseIo}. */
    synchronized void lease(IoLease lease) {
        Map<String, ReplicationStatus> seen = look.apply(lease.resources().keySet());
        for (String resource : lease.resources().keySet()) {
            boolean leased = held.values().stream()
                    .anyMatch(
                            other -> !other.isOver() && other.lease.resources().containsKey(resource));
            String reasons = leased ? "a snapshot that is being taken" : reasons(seen, resource);
            if (!reasons.equals(NO)) {
                throw new HeddleException(
                        ErrorCode.IO_SUSPENDED,
                        "did not suspend the I/O of resource " + resource,
                        "it is suspended already: " + reasons,
                        reasons.equals(USER)
                                ? "resume what somebody has suspended: drbdadm resume-io " + resource
                                : "wait until that has ended");
            }
        }
        long deadline = System.nanoTime() + lease.term().toNanos();
        leases.open(lease);
        held.put(lease.id(), new Held(lease, deadline));
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#suspendIo}. */
    synchronized void suspend(UUID id) {
        Held it = held.get(id);
        if (it == null || it.isOver()) {
            throw new HeddleException(
                    ErrorCode.IO_SUSPENDED,
                    "did not suspend I/O",
                    "the lease on it is over",
                    "try again when the node has less to do");
        }
        it.suspended = true;
        for (Map.Entry<String, Integer> resource : it.lease.resources().entrySet()) {
            CommandResult result =
                    tools.drbdsetup("suspend-io", resource.getValue().toString());
            if (!result.succeeded()) {
                HeddleException failure =
                        Failure.exception(result, "cannot suspend the I/O of resource " + resource.getKey());
                resumeAfter(failure, id);
                throw failure;
            }
        }
    }

    private void resumeAfter(HeddleException failure, UUID id) {
        try {
            resume(id);
        } catch (HeddleException notResumed) {
            failure.addSuppressed(notResumed);
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#resumeIo}. */
    synchronized boolean resume(UUID id) {
        Held it = held.remove(id);
        if (it == null) {
            return false;
        }
        if (!it.suspended) {
            leases.close(id);
            return false;
        }
        boolean all = true;
        List<String> left = new ArrayList<>();
        Optional<HeddleException> failure = Optional.empty();
        Map<String, ReplicationStatus> seen = look.apply(it.lease.resources().keySet());
        for (Map.Entry<String, Integer> resource : it.lease.resources().entrySet()) {
            try {
                String reasons = reasons(seen, resource.getKey());
                all &= List.of(reasons.split(",")).contains(USER);
                if (reasons.equals(USER)) {
                    all &= !it.isOver();
                    resume(resource.getKey(), resource.getValue());
                } else if (!reasons.equals(NO)) {
                    left.add(resource.getKey() + " (" + reasons + ")");
                }
            } catch (HeddleException e) {
                failure = failure.or(() -> Optional.of(e));
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (left.isEmpty()) {
            leases.close(id);
        } else {
            LOG.warn("the I/O of {} is resumed when it is suspended for no other reason any more", left);
        }
        return all;
    }

    private void resume(String resource, int minor) {
        CommandResult result = tools.drbdsetup("resume-io", Integer.toString(minor));
        if (!result.succeeded()) {
            throw Failure.exception(result, "cannot resume the I/O of resource " + resource);
        }
    }

    /** Has what an earlier satellite left suspended resumed; never throws. */
    void resumeLeftovers() {
        try {
            leases.resumeLeftovers();
        } catch (HeddleException e) {
            LOG.error("I/O may have been left suspended: {}", e.problem().text());
        }
    }

    private static String reasons(Map<String, ReplicationStatus> seen, String resource) {
        return Optional.ofNullable(seen.get(resource))
                .map(ReplicationStatus::suspended)
                .orElseThrow(() -> Resources.notInKernel(resource));
    }
}
