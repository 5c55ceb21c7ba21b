package io.heddle.rest.access;

import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Network;
import io.heddle.core.option.PropertyCatalogue;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may come in over HTTP: this machine as administrator, and the networks that properties of the controller name, so that
 * the rules move with the cluster. {@code REST/access/10.1.0.0/16 = operator} lets a network in with a role;
 * {@code REST/cors-origins} lists the origins whose pages may send changes. Immutable.
 */
public final class AccessRules {
    private static final String ACCESS = PropertyCatalogue.REST_ACCESS;
    private static final String ORIGINS = PropertyCatalogue.REST_ORIGINS;

    /** Nobody but this machine. */
    public static final AccessRules CLOSED = new AccessRules(List.of(), List.of());

    private static final Logger LOG = LoggerFactory.getLogger(AccessRules.class);

    private final List<Rule> rules;
    private final List<String> origins;

    private AccessRules(List<Rule> rules, List<String> origins) {
        this.rules = rules;
        this.origins = origins;
    }

    /** The rules of the controller's properties. One that cannot be read lets nobody in, and is named in the log. */
    public static AccessRules of(SortedMap<String, String> properties) {
        List<Rule> rules = new ArrayList<>();
        properties.forEach((key, value) -> {
            if (key.startsWith(ACCESS)) {
                try {
                    rules.add(rule(key, value));
                } catch (HeddleException e) {
                    LOG.warn("a rule for REST lets nobody in key={} value={} why={}", key, value, e.why());
                }
            }
        });
        rules.sort(Comparator.comparing((Rule rule) -> rule.network().prefix()).reversed());
        List<String> origins = Arrays.stream(
                        properties.getOrDefault(ORIGINS, "").split("[,\\s]+"))
                .filter(origin -> !origin.isEmpty())
                .toList();
        return new AccessRules(List.copyOf(rules), origins);
    }

    /** Whether {@code change} touches who may come in. */
    public static boolean concerns(PropertyChange change) {
        return change.keys().anyMatch(PropertyCatalogue::decidesAccess);
    }

    private static Rule rule(String key, String value) {
        Network network = Network.parse(key.substring(ACCESS.length()));
        Role role = Role.of(value)
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.INVALID_PROPERTY,
                        "'" + value + "' is not a role",
                        "the roles are viewer, operator and admin",
                        "set " + key + " to one of these"));
        return new Rule(network, role);
    }

    /** What a caller of that address may do; the narrowest network that it is in decides. */
    public Optional<Role> role(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return Optional.of(Role.ADMIN);
        }
        return rules.stream()
                .filter(rule -> rule.network().contains(address))
                .map(Rule::role)
                .findFirst();
    }

    /** Whether anybody but this machine is let in. */
    public boolean open() {
        return !rules.isEmpty();
    }

    /** Whether pages of that origin may send changes. */
    boolean allowsOrigin(String origin) {
        return origins.contains(origin);
    }

    private record Rule(Network network, Role role) {}
}
