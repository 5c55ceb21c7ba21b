package io.heddle.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
    @ParameterizedTest
    @CsvSource({
        "4G,4294967296",
        "4GiB,4294967296",
        "4 gib,4294967296",
        "500M,524288000",
        "1T,1099511627776",
        "64,65536",
        "10GB,10000000000",
        "3kB,3000",
        "512B,512"
    })
    void readsSizesAsPeopleWriteThem(String text, long expected) {
        assertEquals(expected, Bytes.parse(text).value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "-4G", "4.5G", "4X", "four", "99999999999999999999", "999999999999999P", "4G;rm"})
    void refusesWhatIsNotASize(String text) {
        HeddleException failure = assertThrows(HeddleException.class, () -> Bytes.parse(text));

        assertEquals(ErrorCode.INVALID_SIZE, failure.code());
    }

    @Test
    void roundsUpToTheUnitAndNeverDown() {
        Bytes unit = Bytes.ofMib(4);

        assertEquals(Bytes.ofMib(8), Bytes.ofMib(5).roundUp(unit));
        assertEquals(Bytes.ofMib(8), Bytes.ofMib(8).roundUp(unit));
        assertEquals(1, new Bytes(1).kib());
    }

    @Test
    void showsSizesForPeople() {
        assertEquals("4 GiB", Bytes.parse("4G").toString());
        assertEquals("1.50 MiB", Bytes.ofKib(1536).toString());
    }
}
