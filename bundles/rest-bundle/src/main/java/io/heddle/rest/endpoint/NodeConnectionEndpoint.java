package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
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
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What is set for all connections between two nodes. */
@Singleton
@Path("node-connections")
public final class NodeConnectionEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public NodeConnectionEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response list(@QueryParam("node_a") @Nullable String one, @QueryParam("node_b") @Nullable String other) {
        List<JsonPart> rows = new ArrayList<>();
        services.view().state().settings().nodeConnections().forEach((nodes, properties) -> {
            if (matches(nodes, one) && matches(nodes, other)) {
                rows.add(out -> ConnectionJson.write(out, nodes, properties));
            }
        });
        return Rows.list(rows);
    }

    private static boolean matches(NodePair nodes, @Nullable String wanted) {
        if (!Wishes.asked(wanted)) {
            return true;
        }
        Set<NodeName> names = Wishes.filter(List.of(String.valueOf(wanted)), NodeName::new);
        return names.stream().anyMatch(nodes::has);
    }

    @PUT
    @Path("{one}/{other}")
    public CompletionStage<Response> modify(
            @PathParam("one") String one, @PathParam("other") String other, ChangeBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.NODE_CONNECTION,
                () -> services.cluster()
                        .modifyNodeConnection(
                                new NodePair(new NodeName(one), new NodeName(other)), Wishes.change(body)));
    }
}
