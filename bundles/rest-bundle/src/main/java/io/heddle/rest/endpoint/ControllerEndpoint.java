package io.heddle.rest.endpoint;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.Ordered;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** The controller: its version and the properties of its level. */
@Singleton
@Path("controller")
public final class ControllerEndpoint {
    /** Version of the API whose paths and fields are spoken; clients look at it for what they may ask. */
    public static final String API_VERSION = "1.28.0";

    private final ClusterServices services;
    private final Answers answers;

    @Inject
    public ControllerEndpoint(ClusterServices services, Answers answers) {
        this.services = services;
        this.answers = answers;
    }

    @GET
    @Path("version")
    public Response version() {
        ControllerStatus status = services.view().controller();
        return Rows.one(out -> {
            out.writeStartObject();
            out.writeStringField("version", status.version());
            out.writeStringField("git_hash", "");
            out.writeStringField("build_time", "");
            out.writeStringField("rest_api_version", API_VERSION);
            out.writeStringField("product", "Heddle");
            out.writeNumberField("epoch", status.epoch());
            out.writeStringField("started_at", status.startedAt().toString());
            out.writeStringField("fingerprint", status.fingerprint());
            out.writeArrayFieldStart("quarantined");
            for (String row : status.quarantined()) {
                out.writeString(row);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    @GET
    @Path("properties")
    public Response properties() {
        ClusterSettings settings = services.view().state().settings();
        SortedMap<String, String> shown = new TreeMap<>(settings.properties());
        shown.put("Cluster/LocalID", settings.clusterId().toString());
        return Rows.one(out -> {
            out.writeStartObject();
            for (var property : shown.entrySet()) {
                out.writeStringField(property.getKey(), property.getValue());
            }
            out.writeEndObject();
        });
    }

    @POST
    @Path("properties")
    public CompletionStage<Response> modify(ChangeBody body, @Context HttpServletRequest request) {
        return answers.of(201, Action.MODIFY, ObjectKind.CONTROLLER, () -> {
            PropertyChange change = Guards.checked(Wishes.change(body), request);
            return services.cluster().modifyController(change);
        });
    }

    @DELETE
    @Path("properties/{key: .+}")
    public CompletionStage<Response> delete(@PathParam("key") String key, @Context HttpServletRequest request) {
        return answers.ofDeletion(ObjectKind.CONTROLLER, () -> {
            PropertyChange change = new PropertyChange(Ordered.map(null), Ordered.set(List.of(key)), Ordered.set(null));
            return services.cluster().modifyController(Guards.checked(change, request));
        });
    }
}
