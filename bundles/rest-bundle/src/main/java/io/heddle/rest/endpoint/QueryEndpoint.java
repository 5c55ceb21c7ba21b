package io.heddle.rest.endpoint;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.body.SizeQueryBody;
import io.heddle.rest.json.SizeReportJson;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/** Questions that are not of one object. */
@Singleton
@Path("queries")
public final class QueryEndpoint {
    private final ClusterServices services;

    @Inject
    public QueryEndpoint(ClusterServices services) {
        this.services = services;
    }

    @POST
    @Path("resource-groups/query-all-size-info")
    public Response sizes(SizeQueryBody body) {
        PlacementWish wish = Wishes.placement(body.selectFilter());
        return Rows.one(out -> write(out, wish));
    }

    private void write(JsonGenerator out, PlacementWish wish) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("result");
        for (ResourceGroupName group : services.view().state().resourceGroups().keySet()) {
            out.writeFieldName(group.value());
            SizeReportJson.write(out, services.view().sizes(group, wish));
        }
        out.writeEndObject();
        out.writeEndObject();
    }
}
