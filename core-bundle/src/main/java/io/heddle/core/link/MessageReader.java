package io.heddle.core.link;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import java.util.Optional;

/** Puts the fragments of a message together, up to a bound, and reads it. For one connection, one fragment at a time. */
public final class MessageReader {
    private StringBuilder text = new StringBuilder();
    private long bytes;
    private int limit;

    /**
     * A reader that takes messages of up to so many bytes.
     *
     * @param limit bytes of UTF-8
     */
    public MessageReader(int limit) {
        this.limit = limit;
    }

    /** Changes the bound, for what is read from now on. */
    public void limit(int changed) {
        this.limit = changed;
    }

    /**
     * Takes a fragment; the text of the whole message once the last has come.
     *
     * @throws HeddleException FRAME_TOO_LARGE as soon as the bound is passed
     */
    public Optional<String> add(CharSequence fragment, boolean last) {
        bytes += utf8Length(fragment);
        if (bytes > limit) {
            text = new StringBuilder();
            throw new HeddleException(
                    ErrorCode.FRAME_TOO_LARGE,
                    "a message on the link is too long",
                    "it has more than " + limit + " bytes",
                    "make sure that a Heddle of the same version is at the other end of the link");
        }
        text.append(fragment);
        if (!last) {
            return Optional.empty();
        }
        String whole = text.toString();
        text = new StringBuilder();
        bytes = 0;
        return Optional.of(whole);
    }

    /**
     * Reads a message.
     *
     * @throws HeddleException INVALID_INPUT if it is none
     */
    public static LinkMessage read(String text) {
        return Json.read(text, LinkMessage.class);
    }

    /**
     * Protocol and version of Heddle in a first message, whatever else is in it; so sides that do not understand each other
     * can still say why.
     *
     * @throws HeddleException INVALID_INPUT if it is no hello
     */
    public static Greeting greeting(String text) {
        try {
            JsonNode message = Json.mapper().readTree(text);
            if (message.path("message").asText().equals("hello")
                    && message.path("protocol").canConvertToInt()) {
                return new Greeting(
                        message.path("protocol").intValue(),
                        message.path("version").asText());
            }
        } catch (JsonProcessingException e) {
            throw notAHello(e.getOriginalMessage());
        }
        throw notAHello("its first message is something else");
    }

    /**
     * What does not change from one protocol to the next.
     *
     * @param protocol the sender's {@link LinkMessage#PROTOCOL}
     * @param version the sender's version of Heddle, cut to what a version can be, since it is shown before it is known who
     *     sent it; empty text if it does not say
     */
    public record Greeting(int protocol, String version) {
        private static final int LONGEST_VERSION = 40;

        public Greeting {
            String plain = version.replaceAll("[^0-9A-Za-z.+_-]", "");
            version = plain.substring(0, Math.min(plain.length(), LONGEST_VERSION));
        }
    }

    private static HeddleException notAHello(String why) {
        return new HeddleException(
                ErrorCode.INVALID_INPUT,
                "who connected does not say hello",
                why,
                "only a controller of Heddle connects here");
    }

    private static long utf8Length(CharSequence part) {
        long length = 0;
        for (int i = 0; i < part.length(); i++) {
            char each = part.charAt(i);
            // A surrogate is half of a character of four bytes.
            length += each < 0x80 ? 1 : each < 0x800 || Character.isSurrogate(each) ? 2 : 3;
        }
        return length;
    }
}
