package io.heddle.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.management.AccessRole;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.Requires;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterBeanTest {
    /** A controller that must not be asked. */
    private static final ClusterServices NOBODY = new ClusterServices() {
        @Override
        public Cluster cluster() {
            throw new AssertionError("asked");
        }

        @Override
        public ClusterView view() {
            throw new AssertionError("asked");
        }
    };

    @ParameterizedTest
    @ValueSource(strings = {"REST/access/10.0.0.0/8", "REST/cors-origins"})
    void whoMayUseRestIsNoPropertyThatAnOperatorSets(String key) {
        HeddleException refusal =
                assertThrows(HeddleException.class, () -> new ClusterBean(NOBODY).setControllerProperty(key, "admin"));

        assertEquals(ErrorCode.NOT_ALLOWED, refusal.code());
    }

    @Test
    void whatOpensADoorOrShowsSecretsTakesAnAdministrator() {
        Set<String> forAdministrators = Arrays.stream(ClusterMXBean.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Requires.class)
                        && method.getAnnotation(Requires.class).value() == AccessRole.ADMIN)
                .map(method -> method.getName())
                .collect(Collectors.toSet());

        assertEquals(
                Set.of(
                        "claimNode",
                        "reconnectNodeAsOlder",
                        "openRest",
                        "closeRest",
                        "allowRestOrigins",
                        "exportState",
                        "importState"),
                forAdministrators);
    }
}
