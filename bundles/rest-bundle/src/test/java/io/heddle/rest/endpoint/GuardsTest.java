package io.heddle.rest.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import io.heddle.rest.access.Caller;
import io.heddle.rest.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DrbdOptions/Handlers/split-brain",
                "DrbdOptions/Handlers",
                "DrbdOptions",
                "REST/access/10.0.0.0/8",
                "REST/cors-origins"
            })
    void onlyAnAdministratorChangesWhatRunsCommandsOrOpensDoors(String key) {
        for (PropertyChange change : Set.of(
                new PropertyChange(Ordered.map(Map.of(key, "x")), Ordered.set(null), Ordered.set(null)),
                new PropertyChange(Ordered.map(null), Ordered.set(Set.of(key)), Ordered.set(null)),
                new PropertyChange(Ordered.map(null), Ordered.set(null), Ordered.set(Set.of(key))))) {
            assertEquals(change, Guards.checked(change, from(Role.ADMIN)));
            assertEquals(
                    ErrorCode.NOT_ALLOWED,
                    assertThrows(HeddleException.class, () -> Guards.checked(change, from(Role.OPERATOR)))
                            .code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DrbdOptions/Net/max-buffers", "Aux/handlers", "PrefNic"})
    void anOperatorChangesTheOthers(String key) {
        PropertyChange change = new PropertyChange(Ordered.map(Map.of(key, "x")), Ordered.set(null), Ordered.set(null));

        assertEquals(change, Guards.checked(change, from(Role.OPERATOR)));
    }

    private static HttpServletRequest from(Role role) {
        Caller caller = new Caller("10.1.0.7", role);
        return (HttpServletRequest) Proxy.newProxyInstance(
                HttpServletRequest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getAttribute")
                            && Caller.class.getName().equals(arguments[0])) {
                        return caller;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }
}
