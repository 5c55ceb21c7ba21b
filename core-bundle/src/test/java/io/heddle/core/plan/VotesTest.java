package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VotesTest {
    @ParameterizedTest(name = "{0} of {1}, {2} seen, tie-breaker {3}: {4}")
    @CsvSource({
        "majority, 1, 1, false, true",
        "majority, 2, 2, false, true",
        "majority, 2, 1, false, false",
        "majority, 2, 1, true,  true",
        "majority, 2, 0, true,  false",
        "majority, 3, 2, false, true",
        "majority, 3, 1, true,  false",
        "majority, 4, 3, false, true",
        "majority, 4, 2, false, false",
        "majority, 4, 2, true,  true",
        "majority, 5, 2, true,  false",
        "all,      3, 3, false, true",
        "all,      3, 2, true,  false",
        "2,        5, 2, false, true",
        "2,        5, 1, false, false",
        "2,        4, 1, true,  true",
        "off,      3, 0, false, true"
    })
    void aNodeKeepsItsQuorum(String value, int voters, int seen, boolean witness, boolean expected) {
        assertEquals(expected, Votes.keep(value, voters, seen, witness));
    }
}
