package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
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
import java.util.concurrent.CompletionStage;

/** Gives resource definitions the volumes that a snapshot has; clients do so before they restore it. */
@Singleton
@Path("resource-definitions/{definition}/snapshot-restore-volume-definition/{snapshot}")
public final class SnapshotVolumesEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SnapshotVolumesEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @POST
    public CompletionStage<Response> restoreVolumeDefinitions(
            @PathParam("definition") String name, @PathParam("snapshot") String snapshot, SnapshotRestoreBody body) {
        return answers.of(
                200,
                Action.CREATE,
                ObjectKind.VOLUME_DEFINITION,
                () -> services.cluster()
                        .restoreVolumeDefinitions(
                                new ResourceName(name),
                                new SnapshotName(snapshot),
                                SnapshotRestoreEndpoint.target(body)));
    }
}
