package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.SnapshotRestoreBody;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Restores snapshots into resource definitions that clients have made before. */
@Singleton
@Path("resource-definitions/{definition}/snapshot-restore-resource/{snapshot}")
public final class SnapshotRestoreEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SnapshotRestoreEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @POST
    public CompletionStage<Response> restoreResource(
            @PathParam("definition") String name, @PathParam("snapshot") String snapshot, SnapshotRestoreBody body) {
        return answers.of(
                200,
                Action.CREATE,
                ObjectKind.RESOURCE,
                () -> services.cluster()
                        .restoreSnapshot(new SnapshotRestoration(
                                new ResourceName(name),
                                new SnapshotName(snapshot),
                                target(body),
                                false,
                                nodes(body.nodes()),
                                Ordered.map(pools(body.storPoolRename())))));
    }

    /** The resource definition that gets it. */
    static ResourceName target(SnapshotRestoreBody body) {
        return new ResourceName(Wishes.required(body.toResource(), "to_resource"));
    }

    private static List<NodeName> nodes(@Nullable List<@Nullable String> names) {
        return Optional.ofNullable(names).orElse(List.of()).stream()
                .filter(Objects::nonNull)
                .map(NodeName::new)
                .toList();
    }

    private static Map<PoolName, PoolName> pools(@Nullable Map<String, @Nullable String> renamed) {
        TreeMap<PoolName, PoolName> pools = new TreeMap<>();
        Optional.ofNullable(renamed).orElse(Map.of()).forEach((from, to) -> {
            if (to != null) {
                pools.put(new PoolName(from), new PoolName(to));
            }
        });
        return pools;
    }
}
