package io.heddle.core.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.SpecVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    @Test
    void readsAMessageFromItsFragments() {
        LinkMessage.NeedFullSpec message = new LinkMessage.NeedFullSpec("\ud83d\udca7 äß \"x\" ".repeat(40_000));
        MessageWriter writer = new MessageWriter(message);
        MessageReader reader = new MessageReader(LinkMessage.MAXIMUM_BYTES);
        List<String> whole = new ArrayList<>();
        int fragments = 0;

        while (writer.hasNext()) {
            String fragment = writer.next();
            fragments++;
            assertFalse(Character.isLowSurrogate(fragment.charAt(0)), "a character was cut in two");
            reader.add(fragment, !writer.hasNext()).ifPresent(whole::add);
        }

        assertTrue(fragments > 1, "one fragment only");
        assertEquals(1, whole.size());
        assertEquals(message, MessageReader.read(whole.get(0)));
    }

    @Test
    void refusesAMessageThatIsTooLongBeforeItsEndHasCome() {
        MessageReader reader = new MessageReader(10);
        reader.add("12345", false);

        HeddleException refused = assertThrows(HeddleException.class, () -> reader.add("äöü", false));

        assertEquals(ErrorCode.FRAME_TOO_LARGE, refused.code());
    }

    @Test
    void countsBytesAndStartsAnewWithEachMessage() {
        MessageReader reader = new MessageReader(10);

        assertEquals(Optional.of("äöüäö"), reader.add("äöüäö", true));
        assertEquals(Optional.of("0123456789"), reader.add("0123456789", true));
        assertEquals(Optional.of("\ud83d\udca7\ud83d\udca7"), reader.add("\ud83d\udca7\ud83d\udca7", true));
        assertThrows(HeddleException.class, () -> reader.add("\u20ac\u20ac\u20ac\u20ac", true));
    }

    @Test
    void refusesToWriteWhatNobodyWouldRead() {
        String text = "x".repeat(LinkMessage.MAXIMUM_BYTES);

        HeddleException refused =
                assertThrows(HeddleException.class, () -> new MessageWriter(new LinkMessage.NeedFullSpec(text)));

        assertEquals(ErrorCode.FRAME_TOO_LARGE, refused.code());
    }

    @Test
    void readsWhatItWroteOfAHello() {
        LinkMessage.Hello hello = new LinkMessage.Hello(
                LinkMessage.PROTOCOL,
                "0.1.0",
                UUID.randomUUID(),
                new NodeName("n1"),
                new SpecVersion(3, UUID.randomUUID(), 7),
                Optional.of(new Secret("ABCD")),
                true);
        MessageWriter writer = new MessageWriter(hello);

        assertEquals(hello, MessageReader.read(writer.next()));
        assertFalse(writer.hasNext());
    }

    @Test
    void readsTheVersionOfAHelloThatItDoesNotKnowOtherwise() {
        MessageReader.Greeting greeting =
                MessageReader.greeting("{\"message\":\"hello\",\"protocol\":9,\"version\":\"4.2\",\"cluster\":{}}");

        assertEquals(new MessageReader.Greeting(9, "4.2"), greeting);
    }

    @Test
    void showsNothingOfAStrangersVersionThatIsNone() {
        MessageReader.Greeting greeting =
                MessageReader.greeting("{\"message\":\"hello\",\"protocol\":9,\"version\":\"1.0\\nERROR all is lost"
                        + "x".repeat(500) + "\"}");

        assertEquals("1.0ERRORallislost" + "x".repeat(23), greeting.version());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "null",
                "[]",
                "{\"message\":\"ping\",\"nonce\":1}",
                "{\"message\":\"hello\",\"protocol\":\"one\"}",
                "{\"message\":\"hello\"}"
            })
    void takesNothingElseForAHello(String text) {
        assertEquals(
                ErrorCode.INVALID_INPUT,
                assertThrows(HeddleException.class, () -> MessageReader.greeting(text))
                        .code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"message\":\"hello\",\"protocol\":1}",
                "{\"message\":\"full-spec\"}",
                "{\"message\":\"launch\"}",
                "{\"nonce\":1}",
                "x"
            })
    void refusesAMessageWithPartsMissing(String text) {
        assertEquals(
                ErrorCode.INVALID_INPUT,
                assertThrows(HeddleException.class, () -> MessageReader.read(text))
                        .code());
    }
}
