package io.heddle.core.option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PropertyCatalogueTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CONTROLLER          | DrbdOptions/Net/max-buffers            | 36864        | 36864
            CONTROLLER          | DrbdOptions/Net/max-buffers            | 36k          | 36864
            CONTROLLER          | DrbdOptions/PeerDevice/c-fill-target   | 20           | 20
            CONTROLLER          | DrbdOptions/PeerDevice/c-fill-target   | 10KiB        | 20
            CONTROLLER          | DrbdOptions/PeerDevice/c-max-rate      | 720M         | 737280
            CONTROLLER          | DrbdOptions/PeerDevice/c-max-rate      | 100MB        | 97656
            CONTROLLER          | DrbdOptions/Net/ping-timeout           | 500ms        | 5
            CONTROLLER          | DrbdOptions/Net/timeout                | 6s           | 60
            CONTROLLER          | DrbdOptions/Net/connect-int            | 1min         | 60
            RESOURCE_GROUP      | DrbdOptions/Net/protocol               | c            | C
            RESOURCE_DEFINITION | DrbdOptions/Net/allow-two-primaries    | True         | yes
            RESOURCE_DEFINITION | DrbdOptions/Resource/quorum            | 3            | 3
            RESOURCE_DEFINITION | DrbdOptions/Resource/quorum            | Majority     | majority
            VOLUME_DEFINITION   | DrbdOptions/Disk/on-io-error           | pass_on      | pass_on
            RESOURCE            | DrbdOptions/Disk/disk-flushes          | no           | no
            CONTROLLER          | DrbdOptions/Net/verify-alg             | crct10dif    | crct10dif
            NODE_CONNECTION     | DrbdOptions/Net/protocol               | a            | A
            RESOURCE_CONNECTION | DrbdOptions/PeerDevice/c-max-rate      | 100M         | 102400
            PEER_DEVICE         | DrbdOptions/PeerDevice/c-plan-ahead    | 2s           | 20
            VOLUME_DEFINITION   | DrbdOptions/PeerDevice/c-plan-ahead    | 7            | 7
            CONTROLLER          | DrbdOptions/Handlers/fence-peer        | /x/y.sh 'a'  | /x/y.sh 'a'
            STORAGE_POOL        | PrefNic                                | data         | data
            STORAGE_POOL        | MaxOversubscriptionRatio               | 2.5          | 2.5
            NODE                | AutoplaceTarget                        | False        | false
            CONTROLLER          | TcpPortAutoRange                       | 7000-7999    | 7000-7999
            CONTROLLER          | REST/access/10.1.0.0/16                | Operator     | operator
            CONTROLLER          | Aux/rack                               | seven        | seven
            """)
    void aValueIsStoredTheWayItIsMeant(PropertyLevel level, String key, String given, String stored) {
        assertEquals(Map.of(key, stored), PropertyCatalogue.check(level, Map.of(key, given)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CONTROLLER          | DrbdOptions/Net/max-buffers          | 31           | INVALID_PROPERTY | 32 to 131072
            CONTROLLER          | DrbdOptions/Net/max-buffers          | 131073       | INVALID_PROPERTY | 32 to 131072
            CONTROLLER          | DrbdOptions/Net/max-buffers          | abc          | INVALID_PROPERTY | 32 to 131072
            CONTROLLER          | DrbdOptions/Net/max-buffers          | 99999999999999999999 | INVALID_PROPERTY | 32 to 131072
            CONTROLLER          | DrbdOptions/Net/timeout              | 10M          | INVALID_PROPERTY | 1 to 600 in 1/10 seconds
            CONTROLLER          | DrbdOptions/Net/timeout              | 61s          | INVALID_PROPERTY | 1 to 600 in 1/10 seconds
            CONTROLLER          | DrbdOptions/Net/protocol             | Z            | INVALID_PROPERTY | A, B, C
            CONTROLLER          | DrbdOptions/Net/verify-alg           | sha1; reboot | INVALID_PROPERTY | a word
            CONTROLLER          | DrbdOptions/Net/tcp-cork             | maybe        | INVALID_PROPERTY | yes or no
            CONTROLLER          | DrbdOptions/Net/shared-secret        | x            | NOT_SUPPORTED    | Heddle writes it
            CONTROLLER          | DrbdOptions/Handlers/split-brain     | sh -c "x"    | INVALID_PROPERTY | without double quotes
            RESOURCE            | DrbdOptions/Handlers/split-brain     | /bin/true    | INVALID_PROPERTY | controller, resource group, resource definition
            RESOURCE_CONNECTION | DrbdOptions/Disk/on-io-error         | detach       | INVALID_PROPERTY | volume definition
            PEER_DEVICE         | DrbdOptions/Net/protocol             | A            | INVALID_PROPERTY | resource connection
            RESOURCE            | DrbdOptions/Net/protocol             | A            | INVALID_PROPERTY | controller, resource group, resource definition
            STORAGE_POOL        | PrefNic                              | no such      | INVALID_PROPERTY | 1 to 48 letters
            STORAGE_POOL        | StorDriver/LvmVg                     | vg0          | INVALID_PROPERTY | made with
            STORAGE_POOL        | MaxOversubscriptionRatio             | abc          | INVALID_PROPERTY | a number from 0
            CONTROLLER          | TcpPortAutoRange                     | 8000-7000    | INVALID_PROPERTY | two numbers
            CONTROLLER          | TcpPortAutoRange                     | 7000         | INVALID_PROPERTY | two numbers
            CONTROLLER          | TcpPortAutoRange                     | 0-7000       | INVALID_PROPERTY | 1 to 65535
            CONTROLLER          | TcpPortAutoRange                     | 7000-65536   | INVALID_PROPERTY | 1 to 65535
            CONTROLLER          | MinorNrAutoRange                     | 1000-1048576 | INVALID_PROPERTY | 0 to 1048575
            NODE                | MinorNrAutoRange                     | 1000-2000    | INVALID_PROPERTY | controller
            VOLUME_DEFINITION   | PrefNic                              | data         | INVALID_PROPERTY | storage pool
            CONTROLLER          | REST/access/10.1.0.0/16              | root         | INVALID_PROPERTY | viewer, operator, admin
            CONTROLLER          | REST/access/everybody                | viewer       | INVALID_ADDRESS  | prefix
            NODE                | REST/access/10.1.0.0/16              | viewer       | INVALID_PROPERTY | controller
            CONTROLLER          | NoSuchProp                           | 1            | UNKNOWN_PROPERTY | no such property
            CONTROLLER          | Aux/with space                       | 1            | UNKNOWN_PROPERTY | no such property
            """)
    void aBadValueIsRefusedWithWhatWouldBeRight(
            PropertyLevel level, String key, String given, ErrorCode code, String why) {
        HeddleException failure =
                assertThrows(HeddleException.class, () -> PropertyCatalogue.check(level, Map.of(key, given)));

        assertEquals(code, failure.code());
        assertTrue(failure.why().contains(why), failure.why());
    }

    @ParameterizedTest
    @CsvSource({
        "DrbdOptions/Net/max-bufers, DrbdOptions/Net/max-buffers",
        "max-buffers, DrbdOptions/Net/max-buffers",
        "prefnic, PrefNic",
        "DrbdOptions/Disk/c-plan-ahead, DrbdOptions/PeerDevice/c-plan-ahead"
    })
    void aMisspeltKeyIsAnsweredWithTheNearest(String given, String near) {
        HeddleException failure = assertThrows(
                HeddleException.class, () -> PropertyCatalogue.check(PropertyLevel.CONTROLLER, Map.of(given, "1")));

        assertEquals(ErrorCode.UNKNOWN_PROPERTY, failure.code());
        assertTrue(failure.correction().contains(near + "?"), failure.correction());
    }

    @Test
    void everyOptionTakesItsOwnDefault() {
        for (DrbdOption option : DrbdOptionCatalogue.all()) {
            if (option.initial().isPresent() && option.type() != DrbdOption.Type.RESERVED) {
                assertEquals(
                        option.initial().get(),
                        option.normalize(option.initial().get()),
                        option.key());
            }
        }
        assertEquals(92, DrbdOptionCatalogue.all().size());
    }

    @Test
    void everyPropertyTakesItsOwnDefault() {
        for (Property property : PropertyCatalogue.all()) {
            property.initial().ifPresent(initial -> assertEquals(initial, property.normalize(initial), property.key()));
            assertTrue(
                    property.levels().stream().allMatch(level -> level != null)
                            && !property.levels().isEmpty(),
                    property.key());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CONTROLLER, max-buffers, DrbdOptions/Net/max-buffers",
        "CONTROLLER, handler-split-brain, DrbdOptions/Handlers/split-brain",
        "CONTROLLER, bitmap, DrbdOptions/PeerDevice/bitmap",
        "CONTROLLER, Disk/bitmap, DrbdOptions/Disk/bitmap",
        "RESOURCE, bitmap, DrbdOptions/Disk/bitmap",
        "CONTROLLER, DrbdOptions/Disk/al-extents, DrbdOptions/Disk/al-extents"
    })
    void anOptionIsNamedTheWayDrbdNamesIt(PropertyLevel level, String name, String key) {
        assertEquals(key, DrbdOptionCatalogue.named(level, name).key());
    }

    @Test
    void aMisspeltOptionIsAnsweredWithTheNearest() {
        HeddleException failure = assertThrows(
                HeddleException.class, () -> DrbdOptionCatalogue.named(PropertyLevel.CONTROLLER, "c-plan-ahed"));

        assertEquals(ErrorCode.UNKNOWN_PROPERTY, failure.code());
        assertTrue(failure.correction().contains("c-plan-ahead"), failure.correction());
    }

    @ParameterizedTest
    @CsvSource({
        "DrbdOptions/Handlers/split-brain, true",
        "DrbdOptions/Handlers, true",
        "DrbdOptions, true",
        "DrbdOptions/Net, false",
        "DrbdOptions/Net/max-buffers, false",
        "Drbd, false"
    })
    void whatRunsCommandsIsKnown(String key, boolean runs) {
        assertEquals(runs, PropertyCatalogue.runsCommands(key));
    }
}
