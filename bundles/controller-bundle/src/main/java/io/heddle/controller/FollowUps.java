package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.VoterQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes that follow from reports: each an ordinary change, decided anew on the writer's thread, so that it may be asked for
 * twice, late, or after a restart.
 */
final class FollowUps {
    private static final Logger LOG = LoggerFactory.getLogger(FollowUps.class);

    private final ClusterWriter writer;
    private final StatusBoard board;
    private final TieBreakerKeeper tieBreakers;
    private final long startRevision;
    /** Revision that last touched a definition about which something is pending; missing: none since the start. */
    private final Map<UUID, Long> touched = new ConcurrentHashMap<>();

    FollowUps(ClusterWriter writer, StatusBoard board, TieBreakerKeeper tieBreakers) {
        this.writer = writer;
        this.board = board;
        this.tieBreakers = tieBreakers;
        this.startRevision = writer.state().revision();
    }

    /** Notes what a publication touched; on the writer's thread, so that it is known before any later edit. */
    void published(ClusterWriter.Publication publication) {
        List<UUID> changed = new ArrayList<>();
        for (RowKey row : publication.rows().keySet()) {
            if (row.kind() == RowKey.Kind.RESOURCE_DEFINITION) {
                UUID uuid = UUID.fromString(row.key());
                if (publication
                        .after()
                        .resourceDefinition(uuid)
                        .filter(Settlement::pending)
                        .isPresent()) {
                    touched.put(uuid, publication.after().revision());
                } else {
                    touched.remove(uuid);
                }
                changed.add(uuid);
            }
        }
        keepTieBreakers(tieBreakers.published(publication.after(), changed));
    }

    /** Looks at everything that may have been left half done by an earlier start. */
    void considerAll() {
        ClusterState state = writer.state();
        keepTieBreakers(tieBreakers.published(
                state,
                state.resourceDefinitions().values().stream()
                        .map(ResourceDefinition::uuid)
                        .toList()));
        state.tombstones().forEach(tombstone -> consider(tombstone.uuid()));
        state.nodes().values().stream().filter(Node::deleting).map(Node::name).forEach(this::considerNode);
    }

    /** Settles a definition if the reports allow it. Returns at once; may be called on any thread. */
    void consider(UUID uuid) {
        ClusterState state = writer.state();
        Optional<ResourceDefinition> present = state.resourceDefinition(uuid);
        if (present.isEmpty() || !(settles(state, present.get()) || moves(state, present.get()))) {
            return;
        }
        log(
                writer.change(edit -> {
                    edit.definition(uuid).ifPresent(definition -> settle(edit, definition));
                    return uuid;
                }),
                present.get().name().value());
    }

    private boolean settles(ClusterState state, ResourceDefinition definition) {
        return Settlement.pending(definition) && !settled(state, definition).equals(Optional.of(definition));
    }

    private boolean moves(ClusterState state, ResourceDefinition definition) {
        PathMoves moves = pathMoves(state);
        return moves.pending(definition) && !moves.decide(definition).equals(definition);
    }

    private PathMoves pathMoves(ClusterState state) {
        return new PathMoves(state, (node, uuid) -> board.online(node) ? board.resource(node, uuid) : Optional.empty());
    }

    private void settle(StateEdit edit, ResourceDefinition definition) {
        // Changed by an edit of the same commit: its publication brings this back, with the revision that then counts.
        boolean published = writer.state()
                .resourceDefinition(definition.uuid())
                .filter(definition::equals)
                .isPresent();
        if (!published) {
            return;
        }
        Optional<ResourceDefinition> settled = settled(edit.state(), definition);
        if (settled.isEmpty()) {
            edit.remove(definition);
            return;
        }
        if (!settled.get().equals(definition)) {
            edit.put(settled.get());
            tieBreakers.keep(edit, settled.get());
        }
        edit.definition(definition.uuid()).ifPresent(now -> {
            PathMoves moves = pathMoves(edit.state());
            ResourceDefinition decided = moves.pending(now) ? moves.decide(now) : now;
            if (!decided.equals(now)) {
                edit.put(decided);
            }
        });
    }

    /** A node may take now what none could: gives tie-breakers to definitions that lack one. */
    void considerTieBreakers() {
        keepTieBreakers(tieBreakers.lackingNoMore(writer.state()));
    }

    private void keepTieBreakers(List<UUID> definitions) {
        if (definitions.isEmpty()) {
            return;
        }
        log(
                writer.change(edit -> {
                    definitions.forEach(
                            uuid -> edit.definition(uuid).ifPresent(definition -> tieBreakers.keep(edit, definition)));
                    return definitions.size();
                }),
                "tie-breakers");
    }

    private Optional<ResourceDefinition> settled(ClusterState state, ResourceDefinition definition) {
        Settlement settlement = new Settlement(board::resource, touched.getOrDefault(definition.uuid(), startRevision));
        return settlement
                .settle(definition)
                .map(settled -> VoterQueue.held(state, definition, settled))
                .map(settled -> settled.deleting() ? settled : settlement.withNextVote(settled));
    }

    /** Removes a node that is to leave and has nothing left. */
    void considerNode(NodeName name) {
        if (!isEmptyAndDeleting(writer.state(), name)) {
            return;
        }
        log(
                writer.change(edit -> {
                    if (isEmptyAndDeleting(edit.state(), name)) {
                        edit.remove(edit.requireNode(name));
                    }
                    return name;
                }),
                name.value());
    }

    private static boolean isEmptyAndDeleting(ClusterState state, NodeName name) {
        return state.node(name).filter(Node::deleting).isPresent()
                && state.definitionsOn(name).isEmpty();
    }

    private static void log(CompletionStage<?> change, String what) {
        change.whenComplete((done, failure) -> {
            Problem problem =
                    failure == null ? null : HeddleException.of(failure).problem();
            if (problem != null && problem.code() == ErrorCode.SHUTTING_DOWN) {
                LOG.debug("a follow-up of {} comes again at the next start", what);
            } else if (problem != null) {
                LOG.error("a follow-up of {} failed and comes again with the next report: {}", what, problem.text());
            }
        });
    }
}
