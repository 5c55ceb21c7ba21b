package io.heddle.rest.endpoint;

import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Secret;
import io.heddle.rest.body.ChangeBody;
import io.heddle.rest.body.SelectFilterBody;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns what bodies and queries say into the words of core. What is missing or not understood is INVALID_INPUT. */
final class Wishes {
    static final String GROSS_SIZE = "GROSS_SIZE";

    private Wishes() {}

    static <T> T required(@Nullable T value, String field) {
        if (value == null) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "the request is incomplete",
                    "the field '" + field + "' is missing",
                    "send it; /v1/openapi describes the request");
        }
        return value;
    }

    /** Refuses what this version of Heddle does not do, rather than doing something else. */
    static void unsupported(boolean asked, String what, String correction) {
        if (asked) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot do what the request asks",
                    what + " is not supported by this version",
                    correction);
        }
    }

    static boolean asked(@Nullable Collection<?> values) {
        return values != null && !values.isEmpty();
    }

    static boolean asked(@Nullable String value) {
        return value != null && !value.isBlank();
    }

    static boolean asked(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    static List<String> texts(@Nullable List<@Nullable String> values) {
        return values == null
                ? List.of()
                : values.stream().filter(Objects::nonNull).toList();
    }

    static <T> List<T> names(@Nullable List<@Nullable String> values, Function<String, T> name) {
        return texts(values).stream().map(name).distinct().toList();
    }

    /** Properties without those that are null. */
    static SortedMap<String, String> properties(@Nullable Map<String, @Nullable String> properties) {
        TreeMap<String, String> present = new TreeMap<>();
        if (properties != null) {
            properties.forEach((key, value) -> {
                if (value != null) {
                    present.put(key, value);
                }
            });
        }
        return present;
    }

    static PropertyChange change(ChangeBody body) {
        return new PropertyChange(
                properties(body.overrideProps()),
                Ordered.set(texts(body.deleteProps())),
                Ordered.set(texts(body.deleteNamespaces())));
    }

    static NodeType nodeType(@Nullable String text) {
        if (!asked(text)) {
            return NodeType.SATELLITE;
        }
        for (NodeType type : NodeType.values()) {
            if (type.name().equalsIgnoreCase(text)) {
                return type;
            }
        }
        throw new HeddleException(
                ErrorCode.INVALID_INPUT,
                "'" + text + "' is not a type of node",
                "a node is a Controller, Satellite, Combined or Auxiliary",
                "give one of these");
    }

    static List<Layer> layers(@Nullable List<@Nullable String> names) {
        List<Layer> layers = new ArrayList<>();
        for (String name : texts(names)) {
            layers.add(layer(name));
        }
        return layers;
    }

    private static Layer layer(String name) {
        for (Layer layer : Layer.values()) {
            if (layer.name().equals(name.toUpperCase(Locale.ROOT))) {
                return layer;
            }
        }
        throw new HeddleException(
                ErrorCode.NOT_SUPPORTED,
                "cannot make a device with the layer '" + name + "'",
                "the layers are DRBD and STORAGE",
                "use 'drbd,storage', or 'storage' for a local volume without a replica");
    }

    /** Refuses a number that is given and is below 1. */
    static void positive(@Nullable Integer number, String field) {
        if (number != null && number < 1) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot place " + number + " replicas",
                    field + " is a number from 1 on",
                    "say how many replicas there shall be, or leave it out");
        }
    }

    /** The pools that a filter names, in either of its two ways. */
    static List<PoolName> pools(SelectFilterBody filter) {
        List<PoolName> pools = new ArrayList<>(names(filter.storagePoolList(), PoolName::new));
        if (pools.isEmpty() && asked(filter.storagePool())) {
            pools.add(new PoolName(required(filter.storagePool(), "storage_pool")));
        }
        return pools;
    }

    /** Refuses rules of placement that are not kept. */
    static void placeable(SelectFilterBody filter) {
        unsupported(
                asked(filter.disklessOnRemaining()),
                "a diskless resource on all other nodes",
                "create them where they are needed");
        unsupported(
                asked(filter.notPlaceWithRsc())
                        || asked(filter.notPlaceWithRscRegex())
                        || asked(filter.replicasOnSame())
                        || asked(filter.replicasOnDifferent())
                        || (filter.xReplicasOnDifferentMap() != null
                                && !filter.xReplicasOnDifferentMap().isEmpty()),
                "placing by other resources or by properties of nodes",
                "name the nodes or the pools that may be used");
    }

    /** What a filter leaves open is as the resource group says. */
    static PlacementWish placement(@Nullable SelectFilterBody filter) {
        if (filter == null) {
            return PlacementWish.OPEN;
        }
        placeable(filter);
        boolean additional = filter.additionalPlaceCount() != null && filter.placeCount() == null;
        Integer count = additional ? filter.additionalPlaceCount() : filter.placeCount();
        positive(count, "select_filter/place_count");
        return new PlacementWish(
                Objects.requireNonNullElse(count, 0),
                additional,
                pools(filter),
                names(filter.nodeNameList(), NodeName::new),
                List.of(),
                kinds(filter.providerList()));
    }

    /** Whether flags say that a size includes DRBD's metadata. */
    static boolean isGross(@Nullable List<@Nullable String> flags) {
        return texts(flags).stream().anyMatch(GROSS_SIZE::equalsIgnoreCase);
    }

    static List<DriverKind> kinds(@Nullable List<@Nullable String> names) {
        return names(names, DriverKind::new);
    }

    static Optional<Secret> secret(@Nullable String text) {
        return text != null && !text.isEmpty() ? Optional.of(new Secret(text)) : Optional.empty();
    }

    static int number(String text, String noun) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "'" + text + "' is not a " + noun,
                    "a " + noun + " is a whole number",
                    "give a number",
                    e);
        }
    }

    /** A query parameter that is a truth, in any case; absent or empty is false, as is what is not a truth. */
    static boolean truth(@Nullable String text) {
        return text != null && (text.equalsIgnoreCase("true") || text.equals("1"));
    }

    /** Names that a filter asks for; what cannot be a name matches nothing. */
    static <T> Set<T> filter(@Nullable List<String> texts, Function<String, T> name) {
        Set<T> names = new HashSet<>();
        if (texts != null) {
            for (String text : texts) {
                try {
                    names.add(name.apply(text));
                } catch (HeddleException e) {
                    if (e.code() != ErrorCode.INVALID_NAME) {
                        throw e;
                    }
                }
            }
        }
        return names;
    }

    static NodeName node(String text) {
        return new NodeName(text);
    }

    static PoolName pool(String text) {
        return new PoolName(text);
    }
}
