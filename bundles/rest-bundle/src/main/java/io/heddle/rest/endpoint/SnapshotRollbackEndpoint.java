package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;

/** Has resources go back to their snapshots. */
@Singleton
@Path("resource-definitions/{definition}/snapshot-rollback/{snapshot}")
public final class SnapshotRollbackEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SnapshotRollbackEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    /** Whatever the body says: clients send none, or an empty one. */
    @POST
    public CompletionStage<Response> rollBack(
            @PathParam("definition") String name, @PathParam("snapshot") String snapshot) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.SNAPSHOT,
                () -> services.cluster().rollBack(new ResourceName(name), new SnapshotName(snapshot)));
    }
}
