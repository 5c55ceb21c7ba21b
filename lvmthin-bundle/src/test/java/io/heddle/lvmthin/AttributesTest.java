package io.heddle.lvmthin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributesTest {
    @ParameterizedTest
    @CsvSource({
        "Vwi-a-tz--, true,  false, false, false, true",
        "Vwi-aotz--, true,  true,  false, false, true",
        "Vwi---tz--, false, false, false, false, true",
        "Vwi---tz-k, false, false, false, false, true",
        "twi-aotz--, true,  true,  true,  false, true",
        "twi-a-t---, true,  false, true,  false, false",
        "twi-aot-M-, true,  true,  true,  false, false",
        "-wi-a-----, true,  false, false, false, false",
        "-wi-ao----, true,  true,  false, false, false",
        "-wi-------, false, false, false, false, false",
        "owi-a-s---, true,  false, false, true,  false",
        "owi-a-tz--, true,  false, false, true,  true",
        "Owi-aos---, true,  true,  false, true,  false",
        "-wi-XX--X-, false, false, false, false, false",
        "Vwi-sotz--, true,  true,  false, false, true",
        "twi-cotz--, true,  true,  true,  false, true"
    })
    void readsTheLetters(String letters, boolean active, boolean open, boolean pool, boolean origin, boolean zeroes) {
        Attributes attributes = new Attributes(letters);

        assertEquals(active, attributes.isActive(), "active");
        assertEquals(open, attributes.isOpen(), "open");
        assertEquals(pool, attributes.isPool(), "pool");
        assertEquals(origin, attributes.isOrigin(), "origin");
        assertEquals(zeroes, attributes.zeroes(), "zeroes");
    }

    @ParameterizedTest
    @CsvSource({
        "twi-aotzD-, no data space left",
        "twi-aot-M-, takes no more changes",
        "twi-aotzF-, does no more I/O",
        "Vwi-aotzF-, does no more I/O",
        "Vwi---tzp-, physical volume",
        "-wi-----p-, physical volume",
        "twi-cotz--, must be checked",
        "twi-Cotz--, must be checked",
        "Vwi-sotz--, suspended",
        "swi-I-s---, run full",
        "-wi-d-----, without a table",
        "-wi-XX--X-, cannot say"
    })
    void hasASentenceForEachSickState(String letters, String part) {
        String fault = new Attributes(letters).fault().orElseThrow();

        assertTrue(fault.contains(part), fault);
    }

    @ParameterizedTest
    @CsvSource({"rwi-a-r-r-, write error", "rwi-a-r-m-, differ", "rwi-a-r-p-, missing", "mwi-aom-p-, missing"})
    void onlyWarnsOfWhatAMirrorLivesWith(String letters, String part) {
        Attributes attributes = new Attributes(letters);

        assertTrue(attributes.fault().isEmpty());
        assertTrue(attributes.warning().orElseThrow().contains(part));
    }

    @ParameterizedTest
    @CsvSource({"Vwi-a-tz--", "Vwi-aotz--", "Vwi---tz-k", "twi-aotz--", "twi-a-t---", "-wi-ao----", "owi-a-s---"})
    void findsNothingWrongWithTheHealthy(String letters) {
        assertTrue(new Attributes(letters).fault().isEmpty());
        assertTrue(new Attributes(letters).warning().isEmpty());
    }

    @Test
    void refusesFewerLettersThanItKnows() {
        assertEquals(
                ErrorCode.OUTPUT_UNREADABLE,
                assertThrows(HeddleException.class, () -> new Attributes("Vwi-a-tz"))
                        .code());
    }
}
