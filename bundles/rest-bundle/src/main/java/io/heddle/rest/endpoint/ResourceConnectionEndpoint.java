package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.json.ConnectionJson;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Connections of a resource between two of its nodes. */
@Singleton
@Path("resource-definitions/{definition}/resource-connections")
public final class ResourceConnectionEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public ResourceConnectionEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response list(@PathParam("definition") String name) {
        ResourceDefinition definition = definition(name);
        List<JsonPart> rows = new ArrayList<>();
        if (definition.replicated()) {
            NodePair.among(definition.resources().keySet()).forEach(nodes -> rows.add(row(definition, nodes)));
        }
        return Rows.list(rows);
    }

    @GET
    @Path("{one}/{other}")
    public Response one(
            @PathParam("definition") String name, @PathParam("one") String one, @PathParam("other") String other) {
        ResourceDefinition definition = definition(name);
        NodePair nodes = new NodePair(new NodeName(one), new NodeName(other));
        for (NodeName node : List.of(nodes.first(), nodes.second())) {
            if (!definition.resources().containsKey(node)) {
                throw NotFound.resource(definition.name(), node);
            }
        }
        ClusterState state = services.view().state();
        return Rows.one(
                definition.replicated()
                        ? out -> ConnectionJson.write(out, state, definition, nodes)
                        : row(definition, nodes));
    }

    private static JsonPart row(ResourceDefinition definition, NodePair nodes) {
        return out ->
                ConnectionJson.write(out, nodes, definition.connection(nodes).properties());
    }

    private ResourceDefinition definition(String text) {
        ResourceName name = new ResourceName(text);
        return services.view().state().resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
    }

    @PUT
    @Path("{one}/{other}")
    public CompletionStage<Response> modify(
            @PathParam("definition") String name,
            @PathParam("one") String one,
            @PathParam("other") String other,
            ChangeBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.RESOURCE_CONNECTION,
                () -> services.cluster()
                        .modifyResourceConnection(
                                new ResourceName(name),
                                new NodePair(new NodeName(one), new NodeName(other)),
                                Wishes.change(body)));
    }
}
