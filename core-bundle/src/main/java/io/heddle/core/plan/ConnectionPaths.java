package io.heddle.core.plan;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodePair;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.spec.PathSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * The named paths of a connection: each is an interface of either node, in properties {@code Paths/NAME/NODE}, as clients of
 * REST v1 set them. Pure.
 */
public final class ConnectionPaths {
    /** Namespace of the properties. */
    public static final String NAMESPACE = "Paths/";

    private ConnectionPaths() {}

    /**
     * One path.
     *
     * @param name its name
     * @param first interface of the first node of the pair
     * @param second interface of the second node
     */
    public record NamedPath(String name, NetInterface first, NetInterface second) {}

    /** Key of the property that names an end of a path. */
    public static String key(String path, String node) {
        return NAMESPACE + path + "/" + node;
    }

    /** Paths in one line, as a {@link io.heddle.core.model.PathMove} keeps them. */
    public static String text(List<PathSpec> paths) {
        return paths.stream()
                .map(path -> path.local() + ":" + path.localPort() + " - " + path.remote() + ":" + path.remotePort())
                .collect(Collectors.joining(", "));
    }

    /** Paths that properties set between two nodes, in the order of their names; those whose interfaces are gone are left out. */
    static List<NamedPath> between(SortedMap<String, String> properties, Node first, Node second) {
        List<NamedPath> paths = new ArrayList<>();
        ends(properties).forEach((name, ends) -> {
            Optional<NetInterface> one = end(ends, first);
            Optional<NetInterface> other = end(ends, second);
            if (one.isPresent()
                    && other.isPresent()
                    && one.get().address().isV6() == other.get().address().isV6()) {
                paths.add(new NamedPath(name, one.get(), other.get()));
            }
        });
        return paths;
    }

    /**
     * Refuses paths that could not be used as they are set.
     *
     * @return how many there are
     * @throws HeddleException INVALID_PROPERTY with what is wrong
     */
    public static int check(SortedMap<String, String> properties, Node first, Node second) {
        TreeMap<String, String> used = new TreeMap<>();
        SortedMap<String, SortedMap<String, String>> paths = ends(properties);
        paths.forEach((name, ends) -> {
            ends.keySet().stream()
                    .filter(node -> !isNamed(first, node) && !isNamed(second, node))
                    .findFirst()
                    .ifPresent(node -> refuse(
                            name,
                            "it names node " + node + ", and the connection is between " + first.name() + " and "
                                    + second.name(),
                            "name an interface of each of these two"));
            NetInterface one = required(name, ends, first);
            NetInterface other = required(name, ends, second);
            if (one.address().isV6() != other.address().isV6()) {
                refuse(
                        name,
                        one.address() + " and " + other.address() + " are not of one family (IPv4, IPv6)",
                        "name interfaces of one family");
            }
            String same = used.putIfAbsent(one.address() + " " + other.address(), name);
            if (same != null) {
                refuse(name, "path " + same + " joins the same addresses", "name other interfaces");
            }
        });
        return paths.size();
    }

    /** The first path that names an interface of a node, in words; empty if none does. */
    public static Optional<String> naming(
            SortedMap<String, String> properties, NodePair nodes, Node node, NetInterfaceName netInterface) {
        return ends(properties).entrySet().stream()
                .filter(path -> path.getValue().entrySet().stream()
                        .anyMatch(end ->
                                isNamed(node, end.getKey()) && end.getValue().equalsIgnoreCase(netInterface.value())))
                .map(path -> "path " + path.getKey() + " between " + nodes + " names it")
                .findFirst();
    }

    /** The interfaces that properties name, by path and node. */
    public static SortedMap<String, SortedMap<String, String>> ends(SortedMap<String, String> properties) {
        TreeMap<String, SortedMap<String, String>> paths = new TreeMap<>();
        for (Map.Entry<String, String> property : properties.entrySet()) {
            Matcher matcher = PropertyCatalogue.PATH_KEY.matcher(property.getKey());
            if (matcher.matches()) {
                paths.computeIfAbsent(matcher.group(1), name -> new TreeMap<>())
                        .put(matcher.group(2), property.getValue());
            }
        }
        return paths;
    }

    private static boolean isNamed(Node node, String name) {
        return node.name().value().equalsIgnoreCase(name);
    }

    private static Optional<NetInterface> end(SortedMap<String, String> ends, Node node) {
        return ends.entrySet().stream()
                .filter(end -> isNamed(node, end.getKey()))
                .flatMap(end -> node.netInterfaces().values().stream()
                        .filter(each -> each.name().value().equalsIgnoreCase(end.getValue())))
                .findFirst();
    }

    private static NetInterface required(String path, SortedMap<String, String> ends, Node node) {
        return end(ends, node)
                .orElseThrow(() -> refusal(
                        path,
                        "it names no interface of " + node.name() + ", which has "
                                + node.netInterfaces().keySet().stream()
                                        .map(NetInterfaceName::value)
                                        .collect(Collectors.joining(", ")),
                        "name one of them, or create it: 'node interface create " + node.name() + "'"));
    }

    private static void refuse(String path, String why, String correction) {
        throw refusal(path, why, correction);
    }

    private static HeddleException refusal(String path, String why, String correction) {
        return new HeddleException(ErrorCode.INVALID_PROPERTY, "cannot set path " + path, why, correction);
    }
}
