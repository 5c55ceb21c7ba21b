package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.TestCluster;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** Where a soak runs: what can be struck there, how volumes are made and used, and where to look for what was left over. */
interface Ground extends AutoCloseable {
    /** For the log. */
    String name();

    TestCluster cluster();

    /** Everything that can be struck. */
    List<Victim> victims();

    /** Layers of the resources, as {@code resource-definition create -l} takes them. */
    String layers();

    /** Places a resource. */
    List<ReplyRow> place(ClusterMXBean cluster, String resource);

    /** State of a resource in which nothing is left to do. */
    String goodState();

    /** How many resources may be there at once. */
    int capacity();

    /** Writes to the beginning of a volume, and syncs; false where that is not possible now. */
    boolean write(TestCluster cluster, String resource, byte[] content);

    /** Reads the same number of bytes, of each replica where there are several. */
    List<byte[]> read(TestCluster cluster, String resource, int length);

    /** What does not fit to the resources that there are, on the machines themselves; empty if all does. */
    Optional<String> leftover(SortedSet<String> present);

    @Override
    void close();

    /** Something that can be struck. */
    interface Victim {
        String name();

        /** Whether the controller goes down with it. */
        boolean isController();

        /** Strikes: it is gone between two instructions. */
        void strike();

        /** Has it start again; returns at once if it can. */
        void restore();

        /** Waits until it is up. */
        void awaitUp();
    }
}
