package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.tests.link.LinkBench.Controller;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionTest {
    @TempDir
    Path directory;

    private LinkBench bench;
    private Controller controller;
    private final FakeSatellite end = new FakeSatellite(N1);

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
        controller = bench.controller("controller", version(1, 7));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void plainWorksWhereBothSidesSaySo() {
        LinkServer server = server(LinkEncryption.PLAIN);

        controller.connect(N1, address(server.port(), LinkEncryption.PLAIN));
        controller.listener().awaits(N1, State.ONLINE);

        assertEquals(Map.of(), controller.listener().pins);
        Eventually.holds(() -> end.taken.size() == 1, () -> end.taken);
    }

    @Test
    void aPlainSatelliteStillBelongsToOneCluster() {
        LinkServer server = server(LinkEncryption.PLAIN);
        controller.connect(N1, address(server.port(), LinkEncryption.PLAIN));
        controller.listener().awaits(N1, State.ONLINE);
        Controller other = bench.controller("other", version(1, 7));
        other.listener().clusterId = UUID.randomUUID();

        other.connect(N1, address(server.port(), LinkEncryption.PLAIN));

        other.listener().awaits(N1, ErrorCode.IDENTITY_MISMATCH);
    }

    @Test
    void aSatelliteThatWantsTlsIsNotReachedWithoutIt() {
        LinkServer server = server(LinkEncryption.TLS);

        controller.connect(N1, address(server.port(), LinkEncryption.PLAIN));

        assertTrue(correction().contains("link-encryption is PLAIN"), correction());
        assertTrue(end.taken.isEmpty());
    }

    @Test
    void aPlainSatelliteIsNotReachedByAControllerThatWantsTls() {
        LinkServer server = server(LinkEncryption.PLAIN);

        controller.connect(N1, address(server.port(), LinkEncryption.TLS));

        assertTrue(correction().contains("link-encryption is TLS"), correction());
        assertTrue(end.taken.isEmpty());
    }

    @Test
    void aSatelliteClaimedOverPlainIsPairedWithItsKeyWhenTlsIsTurnedOn() {
        LinkServer plain = server(LinkEncryption.PLAIN);
        int port = plain.port();
        controller.connect(N1, address(port, LinkEncryption.PLAIN));
        controller.listener().awaits(N1, State.ONLINE);
        plain.close();

        LinkServer encrypted = bench.satellite(N1, end, port, LinkEncryption.TLS, LinkBench.ANYWHERE);
        controller.connect(N1, address(port, LinkEncryption.TLS));

        Eventually.holds(
                () -> controller.listener().count(N1, State.ONLINE) == 2,
                () -> controller.listener().links.get(N1));
        assertEquals(encrypted.fingerprint(), controller.listener().pins.get(N1));
    }

    private String correction() {
        return controller
                .listener()
                .awaits(N1, State.OFFLINE)
                .problem()
                .orElseThrow()
                .correction();
    }

    private LinkServer server(LinkEncryption encryption) {
        return bench.satellite(N1, end, 0, encryption, LinkBench.ANYWHERE);
    }
}
