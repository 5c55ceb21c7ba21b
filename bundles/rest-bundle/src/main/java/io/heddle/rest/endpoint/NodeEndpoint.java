package io.heddle.rest.endpoint;

import static io.heddle.rest.endpoint.Wishes.required;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceName;
import io.heddle.rest.ClusterServices;
import io.heddle.rest.access.Caller;
import io.heddle.rest.access.Role;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.ClaimBody;
import io.heddle.rest.body.NetInterfaceBody;
import io.heddle.rest.body.NodeBody;
import io.heddle.rest.body.NodeEvacuateBody;
import io.heddle.rest.body.NodeRestoreBody;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.NodeJson;
import io.heddle.rest.reply.Answers;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Nodes. */
@Singleton
@Path("nodes")
public final class NodeEndpoint {
    private final ClusterServices services;
    private final Answers answers;
    private final NetInterfaces netInterfaces;

    @Inject
    public NodeEndpoint(ClusterServices services, Answers answers, LinkEncryption encryption) {
        this.services = services;
        this.answers = answers;
        this.netInterfaces = new NetInterfaces(encryption);
    }

    @GET
    public Response list(
            @QueryParam("nodes") List<String> names,
            @QueryParam("props") List<String> properties,
            @QueryParam("offset") String offset,
            @QueryParam("limit") String limit) {
        ClusterView view = services.view();
        Page page = Page.of(offset, limit, properties);
        Set<NodeName> wanted = Wishes.filter(names, NodeName::new);
        List<JsonPart> rows = new ArrayList<>();
        for (Node node : view.state().nodes().values()) {
            if ((names.isEmpty() || wanted.contains(node.name())) && page.matches(node.properties())) {
                rows.add(out -> NodeJson.write(out, node, view));
            }
        }
        return Rows.list(page.of(rows));
    }

    @GET
    @Path("{node}")
    public Response one(@PathParam("node") String name) {
        ClusterView view = services.view();
        Node node = node(view, name);
        return Rows.one(out -> NodeJson.write(out, node, view));
    }

    @POST
    public CompletionStage<Response> create(NodeBody body) {
        return answers.of(201, Action.CREATE, ObjectKind.NODE, () -> {
            NodeName name = new NodeName(required(body.name(), "name"));
            return services.cluster()
                    .createNode(new NodeCreation(
                            name,
                            Wishes.nodeType(body.type()),
                            interfaces(body),
                            Wishes.properties(body.props()),
                            Wishes.secret(body.claimCode())));
        });
    }

    /** The addresses, the one marked active first: that is the one the link uses. */
    private List<NetInterface> interfaces(NodeBody body) {
        List<NetInterface> interfaces = new ArrayList<>();
        for (@Nullable NetInterfaceBody given : required(body.netInterfaces(), "net_interfaces")) {
            if (given != null) {
                int place = Boolean.TRUE.equals(given.isActive()) ? 0 : interfaces.size();
                interfaces.add(place, netInterfaces.of(given, required(given.name(), "name")));
            }
        }
        return interfaces;
    }

    @PUT
    @Path("{node}")
    public CompletionStage<Response> modify(@PathParam("node") String name, ChangeBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.NODE, () -> {
            Node node = node(services.view(), name);
            Wishes.unsupported(
                    Wishes.asked(body.nodeType()) && Wishes.nodeType(body.nodeType()) != node.type(),
                    "another type for a node that is there",
                    "delete the node and create it with that type");
            return services.cluster().modifyNode(node.name(), Wishes.change(body));
        });
    }

    @DELETE
    @Path("{node}")
    public CompletionStage<Response> delete(@PathParam("node") String name) {
        return answers.ofDeletion(ObjectKind.NODE, () -> services.cluster().deleteNode(new NodeName(name)));
    }

    /**
     * Gives a node up.
     *
     * @param losing resources whose last good copy may be lost with it: an own parameter, once for each
     */
    @DELETE
    @Path("{node}/lost")
    public CompletionStage<Response> lose(@PathParam("node") String name, @QueryParam("losing") List<String> losing) {
        return answers.ofDeletion(
                ObjectKind.NODE,
                () -> services.cluster().loseNode(new NodeName(name), Wishes.filter(losing, ResourceName::new)));
    }

    @PUT
    @Path("{node}/evacuate")
    public CompletionStage<Response> evacuate(@PathParam("node") String name, NodeEvacuateBody body) {
        return answers.of(
                200,
                Action.MODIFY,
                ObjectKind.NODE,
                () -> services.cluster()
                        .evacuateNode(
                                new NodeName(name),
                                new TreeSet<>(Wishes.names(body.target(), NodeName::new)),
                                new TreeSet<>(Wishes.names(body.doNotTarget(), NodeName::new))));
    }

    @PUT
    @Path("{node}/restore")
    public CompletionStage<Response> restore(@PathParam("node") String name, NodeRestoreBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.NODE, () -> {
            Wishes.unsupported(
                    Wishes.asked(body.deleteResources()) || Wishes.asked(body.deleteSnapshots()),
                    "deletion of what is on a node together with its restoration",
                    "restore it, and delete its resources one by one");
            return services.cluster().restoreNode(new NodeName(name));
        });
    }

    /**
     * Connects to the satellite again.
     *
     * @param acceptOlder whether the satellite is to take this controller although it has seen a newer one: an own parameter,
     *     and an administrator's word, since it switches off what protects against a restored backup
     */
    @PUT
    @Path("{node}/reconnect")
    public CompletionStage<Response> reconnect(
            @PathParam("node") String name,
            @QueryParam("accept_older") String acceptOlder,
            @Context HttpServletRequest request) {
        return answers.of(200, Action.MODIFY, ObjectKind.NODE, () -> {
            boolean older = Wishes.truth(acceptOlder);
            if (older) {
                Caller.of(request).require(Role.ADMIN, "make a satellite accept an older controller");
            }
            return services.cluster().reconnectNode(new NodeName(name), older);
        });
    }

    /** Pairs with a satellite on purpose; a path of Heddle's own. */
    @POST
    @Path("{node}/claim")
    public CompletionStage<Response> claim(
            @PathParam("node") String name, ClaimBody body, @Context HttpServletRequest request) {
        return answers.of(200, Action.MODIFY, ObjectKind.NODE, () -> {
            Caller.of(request).require(Role.ADMIN, "pair with a satellite again");
            return services.cluster().claimNode(new NodeName(name), Wishes.secret(body.claimCode()));
        });
    }

    @GET
    @Path("{node}/net-interfaces")
    public Response interfaces(@PathParam("node") String name) {
        Node node = node(services.view(), name);
        List<JsonPart> rows = new ArrayList<>();
        for (NetInterface netInterface : node.netInterfaces().values()) {
            rows.add(out -> NodeJson.writeInterface(out, node, netInterface));
        }
        return Rows.list(rows);
    }

    @GET
    @Path("{node}/net-interfaces/{interface}")
    public Response oneInterface(@PathParam("node") String name, @PathParam("interface") String interfaceName) {
        Node node = node(services.view(), name);
        NetInterface found = NetInterfaces.find(node, interfaceName);
        return Rows.one(out -> NodeJson.writeInterface(out, node, found));
    }

    @POST
    @Path("{node}/net-interfaces")
    public CompletionStage<Response> createInterface(@PathParam("node") String name, NetInterfaceBody body) {
        return answers.of(
                201,
                Action.CREATE,
                ObjectKind.NET_INTERFACE,
                () -> services.cluster()
                        .createNetInterface(
                                new NodeName(name),
                                netInterfaces.of(body, required(body.name(), "name")),
                                Objects.requireNonNullElse(body.isActive(), false)));
    }

    @PUT
    @Path("{node}/net-interfaces/{interface}")
    public CompletionStage<Response> modifyInterface(
            @PathParam("node") String name, @PathParam("interface") String interfaceName, NetInterfaceBody body) {
        return answers.of(200, Action.MODIFY, ObjectKind.NET_INTERFACE, () -> {
            Node node = node(services.view(), name);
            NetInterface present = NetInterfaces.find(node, interfaceName);
            return services.cluster()
                    .modifyNetInterface(
                            node.name(),
                            netInterfaces.changed(present, body),
                            Objects.requireNonNullElse(
                                    body.isActive(), node.activeInterface().equals(present.name())));
        });
    }

    @DELETE
    @Path("{node}/net-interfaces/{interface}")
    public CompletionStage<Response> deleteInterface(
            @PathParam("node") String name, @PathParam("interface") String interfaceName) {
        return answers.ofDeletion(
                ObjectKind.NET_INTERFACE,
                () -> services.cluster().deleteNetInterface(new NodeName(name), NetInterfaces.name(interfaceName)));
    }

    private static Node node(ClusterView view, String text) {
        NodeName name = new NodeName(text);
        return view.state().node(name).orElseThrow(() -> NotFound.node(name));
    }
}
