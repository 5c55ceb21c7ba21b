package io.heddle.core.option;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Network;
import io.heddle.core.model.Ordered;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Every property that can be set, what on and with which values: DRBD's options, Heddle's own, and the free {@code Aux/}. */
public final class PropertyCatalogue {
    /** What an administrator's own properties begin with; any value is taken. */
    public static final String AUXILIARY = "Aux/";

    /** What the keys begin with that let a network use the REST API; the network follows, and the value is a role. */
    public static final String REST_ACCESS = "REST/access/";

    /** Lists the origins whose pages may change things over REST: as good as access. */
    public static final String REST_ORIGINS = "REST/cors-origins";

    private static final String REST = "REST";

    /** Longest value in characters. */
    public static final int LONGEST_VALUE = 4096;

    private static final List<String> ROLES = List.of("viewer", "operator", "admin");
    private static final Pattern AUXILIARY_KEY = Pattern.compile("Aux/[\\p{Graph}]{1,250}");
    private static final SortedMap<String, Property> PROPERTIES = load();

    /** Key of an end of a named path, the value of which is an interface of a node: groups are the path and the node. */
    public static final Pattern PATH_KEY = Pattern.compile("Paths/([A-Za-z0-9_][A-Za-z0-9_.-]{0,47})/([^/]+)");

    private PropertyCatalogue() {}

    /** Whether a key, or a namespace of keys, decides who may come in over REST; an administrator alone changes those. */
    public static boolean decidesAccess(String key) {
        return key.equals(REST) || key.startsWith(REST + "/");
    }

    /**
     * Whether a key, or a namespace of keys, sets what runs commands as root on the nodes: DRBD's handlers. An administrator
     * alone changes those.
     */
    public static boolean runsCommands(String key) {
        String handlers = OptionSection.HANDLERS.prefix();
        return key.startsWith(handlers) || handlers.startsWith(key + "/");
    }

    /** Heddle's own properties in the order of their keys; read-only. DRBD's are in {@link DrbdOptionCatalogue}. */
    public static Collection<Property> all() {
        return PROPERTIES.values();
    }

    /** One of Heddle's own properties. */
    public static Optional<Property> find(String key) {
        return Optional.ofNullable(PROPERTIES.get(key));
    }

    /**
     * Checks what is to be set on an object of a level, and brings it into the form that is stored.
     *
     * @throws HeddleException UNKNOWN_PROPERTY with the nearest known key, INVALID_PROPERTY with the range or the levels,
     *     NOT_SUPPORTED
     */
    public static SortedMap<String, String> check(PropertyLevel level, Map<String, String> properties) {
        TreeMap<String, String> checked = new TreeMap<>();
        properties.forEach((key, value) -> checked.put(key, check(level, key, value)));
        return Ordered.map(checked);
    }

    private static String check(PropertyLevel level, String key, String value) {
        if (value.length() > LONGEST_VALUE) {
            throw new HeddleException(
                    ErrorCode.INVALID_PROPERTY,
                    "cannot set " + shown(key),
                    "the value has " + value.length() + " characters, and " + LONGEST_VALUE + " are allowed",
                    "shorten it");
        }
        if (AUXILIARY_KEY.matcher(key).matches()) {
            return value;
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new HeddleException(
                    ErrorCode.INVALID_PROPERTY,
                    "cannot set " + shown(key),
                    "the value has control characters in it",
                    "leave them out");
        }
        if (key.startsWith(REST_ACCESS)) {
            requireLevel(level, key, Set.of(PropertyLevel.CONTROLLER));
            return role(key, value);
        }
        if (PATH_KEY.matcher(key).matches()) {
            requireLevel(level, key, Set.of(PropertyLevel.RESOURCE_CONNECTION, PropertyLevel.NODE_CONNECTION));
            return new NetInterfaceName(value.strip()).value();
        }
        Optional<DrbdOption> option = DrbdOptionCatalogue.find(key);
        if (option.isPresent()) {
            String normalized = option.get().normalize(value);
            requireLevel(level, key, option.get().section().levels());
            return normalized;
        }
        Property property = find(key).orElseThrow(() -> unknown(key));
        requireLevel(level, key, property.levels());
        return property.normalize(value);
    }

    private static String role(String key, String value) {
        Network.parse(key.substring(REST_ACCESS.length()));
        String role = value.strip().toLowerCase(Locale.ROOT);
        if (!ROLES.contains(role)) {
            throw new HeddleException(
                    ErrorCode.INVALID_PROPERTY,
                    "cannot set " + shown(key),
                    "the roles are " + String.join(", ", ROLES),
                    "give one of these");
        }
        return role;
    }

    private static void requireLevel(PropertyLevel level, String key, Set<PropertyLevel> levels) {
        if (!levels.contains(level)) {
            throw new HeddleException(
                    ErrorCode.INVALID_PROPERTY,
                    "cannot set " + key + " on a " + level.text(),
                    "it can be set on: "
                            + new TreeSet<>(levels)
                                    .stream().map(PropertyLevel::text).collect(Collectors.joining(", ")),
                    "set it on one of these");
        }
    }

    private static HeddleException unknown(String key) {
        List<String> known = new ArrayList<>(DrbdOptionCatalogue.keys());
        known.addAll(PROPERTIES.keySet());
        return new HeddleException(
                ErrorCode.UNKNOWN_PROPERTY,
                "cannot set " + shown(key),
                "there is no such property",
                Nearest.to(key, known)
                        .map(near -> "did you mean " + near + "? Properties of your own begin with " + AUXILIARY)
                        .orElse("properties of your own begin with " + AUXILIARY));
    }

    private static String shown(String key) {
        String printable = key.replaceAll("\\p{Cntrl}", "?");
        return "'" + (printable.length() > 80 ? printable.substring(0, 80) + "..." : printable) + "'";
    }

    private static SortedMap<String, Property> load() {
        TreeMap<String, Property> properties = new TreeMap<>();
        for (Map<String, String> row : Table.read("properties.tsv")) {
            Property.Type type = Property.Type.valueOf(row.get("type").toUpperCase(Locale.ROOT));
            String values = row.get("values");
            properties.put(
                    row.get("key"),
                    new Property(
                            row.get("key"),
                            row.get("levels")
                                    .chars()
                                    .mapToObj(letter -> PropertyLevel.of((char) letter))
                                    .collect(Collectors.toSet()),
                            type,
                            type == Property.Type.PATTERN ? List.of(values) : Table.words(values),
                            decimal(row.get("minimum")),
                            decimal(row.get("maximum")),
                            Optional.of(row.get("default")).filter(text -> !text.isEmpty()),
                            row.get("unit"),
                            row.get("effect").equals("acts")));
        }
        return Collections.unmodifiableSortedMap(properties);
    }

    private static Optional<BigDecimal> decimal(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(text));
    }
}
