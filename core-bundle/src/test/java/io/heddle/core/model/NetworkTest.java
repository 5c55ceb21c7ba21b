package io.heddle.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.error.HeddleException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/16, 10.1.255.255, true",
        "10.1.0.0/16, 10.2.0.0, false",
        "10.1.0.0/15, 10.0.3.4, true",
        "10.1.2.3/32, 10.1.2.3, true",
        "10.1.2.3/32, 10.1.2.2, false",
        "0.0.0.0/0, 192.0.2.1, true",
        "0.0.0.0/0, fd00::1, false",
        "fd00::/8, fdff::1, true",
        "fd00::/8, fe00::1, false",
        "::1/128, ::1, true",
    })
    void holdsTheAddressesWithItsPrefix(String network, String address, boolean contained) {
        assertEquals(contained, Network.parse(network).contains(new IpAddress(address).inetAddress()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.1.0.0", "10.1.0.0/33", "10.1/16", "fd00::/129", "10.1.0.0/-1", "n1/8", "10.0.0.0/8/8"})
    void refusesAnythingElse(String text) {
        assertThrows(HeddleException.class, () -> Network.parse(text));
    }

    @Test
    void readsAList() {
        assertEquals(
                List.of(Network.parse("10.1.0.0/16"), Network.parse("fd00::/8")),
                Network.list(" 10.1.0.0/16, fd00::/8 "));
        assertEquals(List.of(), Network.list(" "));
    }
}
