package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.SnapshotBody;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.SnapshotJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Snapshots of resources. */
@Singleton
@Path("resource-definitions/{definition}/snapshots")
public final class SnapshotEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SnapshotEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response snapshots(
            @PathParam("definition") String name,
            @QueryParam("snapshots") List<String> names,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        Page page = Page.of(offset, limit, properties);
        List<JsonPart> rows = new ArrayList<>();
        add(rows, services.view(), definition(name), names, Set.of(), page);
        return Rows.list(page.of(rows));
    }

    @GET
    @Path("{snapshot}")
    public Response snapshot(@PathParam("definition") String name, @PathParam("snapshot") String snapshot) {
        ResourceDefinition definition = definition(name);
        SnapshotName wanted = new SnapshotName(snapshot);
        Snapshot found = Optional.ofNullable(definition.snapshots().get(wanted))
                .orElseThrow(() -> NotFound.snapshot(definition.name(), wanted));
        return Rows.one(out -> SnapshotJson.write(out, services.view(), definition, found));
    }

    /** Adds those of a definition that are asked for. */
    static void add(
            List<JsonPart> rows,
            ClusterView view,
            ResourceDefinition definition,
            List<String> names,
            Set<String> nodes,
            Page page) {
        Set<SnapshotName> wanted = Wishes.filter(names, SnapshotName::new);
        for (Snapshot snapshot : definition.snapshots().values()) {
            boolean named = names.isEmpty() || wanted.contains(snapshot.name());
            boolean there = nodes.isEmpty() || snapshot.nodes().stream().anyMatch(node -> nodes.contains(node.key()));
            if (named && there && page.matches(snapshot.properties())) {
                rows.add(out -> SnapshotJson.write(out, view, definition, snapshot));
            }
        }
    }

    private ResourceDefinition definition(String text) {
        ResourceName name = new ResourceName(text);
        return services.view().state().resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
    }

    @POST
    public CompletionStage<Response> create(@PathParam("definition") String name, SnapshotBody body) {
        return answers.of(
                201,
                Action.CREATE,
                ObjectKind.SNAPSHOT,
                () -> services.cluster().createSnapshots(List.of(creation(name, body))));
    }

    /** One snapshot of a request. */
    static SnapshotCreation creation(String resource, SnapshotBody body) {
        Wishes.unsupported(
                Wishes.asked(body.nodes()),
                "a snapshot on some of the nodes of a resource",
                "leave nodes out: it is taken on all that have a replica");
        Map<String, @Nullable String> properties = new HashMap<>();
        Optional.ofNullable(body.props()).ifPresent(properties::putAll);
        Optional.ofNullable(body.snapshotDefinitionProps()).ifPresent(properties::putAll);
        return new SnapshotCreation(
                new ResourceName(resource),
                new SnapshotName(Wishes.required(body.name(), "name")),
                Wishes.properties(properties));
    }

    @PUT
    @Path("{snapshot}")
    public CompletionStage<Response> modify(
            @PathParam("definition") String name, @PathParam("snapshot") String snapshot, ChangeBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.SNAPSHOT,
                () -> services.cluster()
                        .modifySnapshot(new ResourceName(name), new SnapshotName(snapshot), Wishes.change(body)));
    }

    @DELETE
    @Path("{snapshot}")
    public CompletionStage<Response> delete(
            @PathParam("definition") String name,
            @PathParam("snapshot") String snapshot,
            @QueryParam("nodes") List<String> nodes) {
        return answers.ofDeletion(ObjectKind.SNAPSHOT, () -> {
            Wishes.unsupported(
                    !nodes.isEmpty(),
                    "deleting a snapshot on some of its nodes",
                    "leave nodes out: it is deleted on all of them");
            return services.cluster().deleteSnapshot(new ResourceName(name), new SnapshotName(snapshot));
        });
    }
}
