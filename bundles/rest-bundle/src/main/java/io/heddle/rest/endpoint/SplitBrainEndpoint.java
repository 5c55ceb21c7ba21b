package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.SplitBrainBody;
import io.heddle.rest.json.SplitBrainJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;

/** The split brain of a resource: its evidence, and the word that resolves it. Paths of Heddle's own. */
@Singleton
@Path("resource-definitions/{definition}/split-brain")
public final class SplitBrainEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SplitBrainEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    public Response evidence(@PathParam("definition") String text) {
        ResourceName name = new ResourceName(text);
        ResourceDefinition definition =
                services.view().state().resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
        SplitBrain splitBrain = SplitBrain.of(services.view(), definition);
        return Rows.one(out -> SplitBrainJson.write(out, splitBrain));
    }

    @POST
    @Path("resolve")
    public CompletionStage<Response> resolve(@PathParam("definition") String name, SplitBrainBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.RESOURCE,
                () -> services.cluster()
                        .resolveSplitBrain(
                                new ResourceName(name),
                                Wishes.names(body.discard(), NodeName::new),
                                Boolean.TRUE.equals(body.withoutSnapshot())));
    }

    @DELETE
    @Path("resolve")
    public CompletionStage<Response> withdraw(@PathParam("definition") String name) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.RESOURCE_DEFINITION,
                () -> services.cluster().withdrawSplitBrainResolution(new ResourceName(name)));
    }
}
