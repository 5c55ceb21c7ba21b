package io.heddle.rest.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.model.Ordered;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessRulesTest {
    private static final AccessRules RULES = AccessRules.of(Ordered.map(Map.of(
            "REST/access/10.1.0.0/16", "Operator",
            "REST/access/10.1.7.0/26", "viewer",
            "REST/access/10.1.7.9/32", "admin",
            "REST/access/fd00:1::/33", "viewer",
            "REST/access/nonsense", "admin",
            "REST/access/10.9.0.0/16", "king",
            "Aux/access/10.8.0.0/16", "admin")));

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, ADMIN",
        "::1, ADMIN",
        "10.1.0.1, OPERATOR",
        "10.1.255.255, OPERATOR",
        "10.1.7.63, VIEWER",
        "10.1.7.64, OPERATOR",
        "10.1.7.9, ADMIN",
        "::ffff:10.1.0.1, OPERATOR",
        "fd00:1:7fff::1, VIEWER",
        "fd00:1:8000::1,",
        "10.2.0.1,",
        "10.9.0.1,",
        "10.8.0.1,",
        "a01::1,",
        "0.0.0.0,"
    })
    void letsInWhomTheNarrowestNetworkLetsIn(String address, Role expected) throws Exception {
        assertEquals(expected, RULES.role(InetAddress.getByName(address)).orElse(null));
    }

    @Test
    void letsNobodyInButThisMachineWithoutARule() throws Exception {
        assertFalse(AccessRules.CLOSED.open());
        assertTrue(AccessRules.CLOSED.role(InetAddress.getByName("10.1.0.1")).isEmpty());
        assertTrue(RULES.open());
    }

    @Test
    void knowsTheChangesThatConcernIt() {
        assertTrue(AccessRules.concerns(change(Map.of("REST/access/10.1.0.0/16", "admin"), List.of(), List.of())));
        assertTrue(AccessRules.concerns(change(Map.of(), List.of("REST/cors-origins"), List.of())));
        assertTrue(AccessRules.concerns(change(Map.of(), List.of(), List.of("REST"))));
        assertTrue(AccessRules.concerns(change(Map.of(), List.of(), List.of("REST/access"))));
        assertFalse(AccessRules.concerns(change(Map.of("RESTful", "1"), List.of("Aux/REST"), List.of("Aux"))));
    }

    private static PropertyChange change(Map<String, String> override, List<String> delete, List<String> namespaces) {
        return new PropertyChange(Ordered.map(override), Ordered.set(delete), Ordered.set(namespaces));
    }
}
