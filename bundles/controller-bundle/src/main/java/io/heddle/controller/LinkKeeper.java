package io.heddle.controller;

import io.heddle.controller.link.SatelliteLinks;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.RowKey;
import io.heddle.core.status.LinkStatus;
import java.time.Clock;
import java.util.Optional;

/** Has a link to each node that has a satellite, and to no other. Used by one thread. */
final class LinkKeeper {
    private final SatelliteLinks links;
    private final StatusBoard board;
    private final SpecSender specs;
    private final Clock clock;

    LinkKeeper(SatelliteLinks links, StatusBoard board, SpecSender specs, Clock clock) {
        this.links = links;
        this.board = board;
        this.specs = specs;
        this.clock = clock;
    }

    void connectAll(ClusterState state) {
        state.nodes().values().forEach(this::keep);
    }

    void follow(ClusterWriter.Publication publication) {
        for (RowKey row : publication.rows().keySet()) {
            if (row.kind() == RowKey.Kind.NODE) {
                NodeName name = new NodeName(row.key());
                Optional<Node> before = publication.before().node(name);
                Optional<Node> after = publication.after().node(name);
                if (before.isPresent()
                        && (after.isEmpty()
                                || !after.get().uuid().equals(before.get().uuid()))) {
                    end(name);
                }
                after.ifPresent(this::keep);
            }
        }
    }

    private void end(NodeName name) {
        links.disconnect(name);
        board.forget(name);
        specs.forget(name);
    }

    private void keep(Node node) {
        if (!node.hasSatellite()) {
            board.link(
                    node.name(),
                    new LinkStatus(
                            LinkStatus.State.NOT_NEEDED,
                            clock.instant(),
                            Optional.of(noSatellite(node)),
                            Optional.empty()));
            return;
        }
        node.linkInterface().ifPresent(address -> links.connect(node.name(), address, node.pin()));
    }

    private static Problem noSatellite(Node node) {
        return new Problem(
                ErrorCode.NODE_OFFLINE,
                "there is no link to " + node.name(),
                "it runs no satellite",
                "nothing needs to be done");
    }
}
