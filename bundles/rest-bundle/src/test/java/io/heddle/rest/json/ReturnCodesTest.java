package io.heddle.rest.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReturnCodesTest {
    /** Numbers seen in real exchanges with the server that this API comes from. */
    @ParameterizedTest
    @CsvSource({
        "SUCCESS, CREATE, NODE, , 20709377",
        "SUCCESS, CREATE, STORAGE_POOL, , 18087937",
        "SUCCESS, DELETE, STORAGE_POOL, , 51642370",
        "SUCCESS, CREATE, NET_INTERFACE, , 18612225",
        "SUCCESS, CREATE, RESOURCE_DEFINITION, , 20447233",
        "SUCCESS, MODIFY, RESOURCE_DEFINITION, , 37224451",
        "SUCCESS, DELETE, RESOURCE_DEFINITION, , 54001666",
        "SUCCESS, CREATE, VOLUME_DEFINITION, , 19922945",
        "SUCCESS, MODIFY, VOLUME_DEFINITION, , 36700163",
        "SUCCESS, CREATE, RESOURCE, , 20185089",
        "SUCCESS, MODIFY, NODE, , 37486595",
        "SUCCESS, CREATE, CONTROLLER, , 17825793",
        "SUCCESS, CREATE, RESOURCE_GROUP, , 21233665",
        "WARNING, DELETE, RESOURCE_DEFINITION, RESOURCE_DEFINITION_NOT_FOUND, -9223372036800771144",
        "WARNING, DELETE, RESOURCE, RESOURCE_NOT_FOUND, -9223372036801033288",
        "WARNING, DELETE, NODE, NODE_NOT_FOUND, -9223372036800509000",
        "WARNING, DELETE, STORAGE_POOL, STORAGE_POOL_NOT_FOUND, -9223372036803130440",
        "WARNING, DELETE, NODE, NODE_OFFLINE, -9223372036800510998",
        "INFO, CREATE, RESOURCE, RESOURCE_EXISTS, 4611686018447583000",
        "ERROR, CREATE, RESOURCE_DEFINITION, RESOURCE_DEFINITION_EXISTS, -4611686018406940171",
        "ERROR, CREATE, RESOURCE_DEFINITION, INVALID_NAME, -4611686018406940470",
        "ERROR, CREATE, STORAGE_POOL, INVALID_NAME, -4611686018409299760",
        "ERROR, CREATE, STORAGE_POOL, STORAGE_POOL_EXISTS, -4611686018409299458",
        "ERROR, CREATE, STORAGE_POOL, NODE_NOT_FOUND, -4611686018409299668",
        "ERROR, CREATE, STORAGE_POOL, POOL_UNUSABLE, -4611686018409298978",
        "ERROR, CREATE, STORAGE_POOL, DRIVER_ABSENT, -4611686018409298979",
        "ERROR, CREATE, RESOURCE, NOT_ENOUGH_NODES, -4611686018407201820",
        "ERROR, MODIFY, RESOURCE_DEFINITION, UNKNOWN_PROPERTY, -4611686018390163243",
        "ERROR, MODIFY, RESOURCE_DEFINITION, RESOURCE_DEFINITION_NOT_FOUND, -4611686018390163155",
        "ERROR, MODIFY, VOLUME_DEFINITION, SHRINK_REFUSED, -4611686018390687538"
    })
    void isTheNumberThatClientsKnow(
            Severity severity, Action action, ObjectKind kind, @Nullable ErrorCode code, long expected) {
        Reply reply = new Reply(
                severity,
                action,
                kind,
                "message",
                Optional.ofNullable(code).map(known -> new Problem(known, "what", "why", "correction")),
                Ordered.map(null));

        assertEquals(expected, ReturnCodes.of(reply), () -> Long.toHexString(ReturnCodes.of(reply)));
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void hasANumberForEveryCodeAndEveryKindOfObject(ErrorCode code) {
        for (ObjectKind kind : ObjectKind.values()) {
            long number = ReturnCodes.error(code, Action.CREATE, kind) & ReturnCodes.NUMBER_MASK;
            assertTrue(number > 0, () -> code + " of " + kind);
            assertEquals(
                    0xC000_0000_0000_0000L, ReturnCodes.error(code, Action.CREATE, kind) & ReturnCodes.SEVERITY_MASK);
        }
    }
}
