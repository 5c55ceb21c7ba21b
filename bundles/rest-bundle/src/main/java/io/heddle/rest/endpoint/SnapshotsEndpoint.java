package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.SnapshotsBody;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CompletionStage;

/** Snapshots of several resources at the same moment. */
@Singleton
@Path("actions/snapshot/multi")
public final class SnapshotsEndpoint {
    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public SnapshotsEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @POST
    public CompletionStage<Response> createTogether(SnapshotsBody body) {
        return answers.of(
                201,
                Action.CREATE,
                ObjectKind.SNAPSHOT,
                () -> services.cluster()
                        .createSnapshots(Wishes.required(body.snapshots(), "snapshots").stream()
                                .map(each -> SnapshotEndpoint.creation(
                                        Wishes.required(each.resourceName(), "resource_name"), each))
                                .toList()));
    }
}
