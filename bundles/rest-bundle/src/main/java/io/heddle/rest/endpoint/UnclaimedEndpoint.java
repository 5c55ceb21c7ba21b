package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** What is on nodes and in no specification; paths of our own, since REST v1 has none. A node shows what it has. */
@Singleton
@Path("unclaimed")
public final class UnclaimedEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public UnclaimedEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @POST
    @Path("{resource}/adopt")
    public CompletionStage<Response> adopt(
            @PathParam("resource") String name, @QueryParam("without") List<String> without) {
        return answers.of(
                201,
                Action.CREATE,
                ObjectKind.RESOURCE_DEFINITION,
                () -> services.cluster()
                        .adoptResource(
                                new ResourceName(name),
                                without.stream().map(NodeName::new).toList()));
    }

    @DELETE
    @Path("{node}/{identity}")
    public CompletionStage<Response> forget(@PathParam("node") String node, @PathParam("identity") String identity) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.NODE,
                () -> services.cluster().forgetUnclaimed(new NodeName(node), uuid(identity)));
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot forget '" + text + "'",
                    "it is no UUID",
                    "give the UUID that the node lists as unclaimed",
                    e);
        }
    }
}
