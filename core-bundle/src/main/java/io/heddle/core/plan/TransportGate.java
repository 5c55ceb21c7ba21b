package io.heddle.core.plan;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ReplicationStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Keeps connections that stand from being taken away for an option that DRBD takes for a new connection only. drbdadm adjust would
 * take away all connections of a resource at once for it (adjust_conn of drbdadm_adjust.c: del-peer, new-peer), and a Primary
 * would lose its quorum. A connection that does not stand costs nothing to make anew, and the peer, which sees it down as well,
 * does the same.
 */
final class TransportGate {
    private final Optional<ConfiguredResource> file;
    private final Optional<ReplicationStatus> running;

    /**
     * Judges.
     *
     * @param configured the resource's present file, if it is Heddle's: it says what connections that stand were made with
     * @param running what DRBD has of it
     */
    TransportGate(Optional<ConfiguredResource> configured, Optional<ReplicationStatus> running) {
        this.file = configured;
        this.running = running;
    }

    /** A spec with the options that its connections may have now. */
    ResourceSpec allowed(ResourceSpec resource) {
        List<PeerSpec> peers = resource.peers().stream()
                .map(peer -> peer.withFixedOptions(standing(peer).orElseGet(() -> withoutDefaults(peer))))
                .toList();
        return peers.equals(resource.peers()) ? resource : Specs.withPeers(resource, peers);
    }

    /** For drbdadm, to ask for DRBD's default is to ask for something else than to ask for nothing. */
    private static SortedMap<String, String> withoutDefaults(PeerSpec peer) {
        TreeMap<String, String> wanted = new TreeMap<>(peer.fixedOptions());
        wanted.entrySet()
                .removeIf(option -> DrbdOptionCatalogue.find(OptionSection.NET.prefix() + option.getKey())
                        .flatMap(DrbdOption::initial)
                        .filter(option.getValue()::equals)
                        .isPresent());
        return wanted;
    }

    /** What a connection was made with, if it stands and that is known. */
    private Optional<SortedMap<String, String>> standing(PeerSpec peer) {
        return running.flatMap(status -> status.connection(peer.nodeId()))
                .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                .flatMap(connection -> file)
                .flatMap(known ->
                        Optional.ofNullable(known.fixed().get(peer.node().value())));
    }
}
