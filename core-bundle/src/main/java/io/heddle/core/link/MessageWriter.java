package io.heddle.core.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import java.nio.charset.StandardCharsets;

/**
 * A message on its way out, in fragments, so that it can be seen whether a long one makes progress.
 */
public final class MessageWriter {
    private static final int FRAGMENT = 64 * 1024;

    private final String text;
    private int position;

    /**
     * Writes a message as text.
     *
     * @throws HeddleException FRAME_TOO_LARGE if the other side would not take it
     */
    public MessageWriter(LinkMessage message) {
        this.text = Json.write(message);
        // A character has at most three bytes, so short texts need not be encoded to be measured.
        if (text.length() > LinkMessage.MAXIMUM_BYTES / 3
                && text.getBytes(StandardCharsets.UTF_8).length > LinkMessage.MAXIMUM_BYTES) {
            throw new HeddleException(
                    ErrorCode.FRAME_TOO_LARGE,
                    "cannot send a " + message.getClass().getSimpleName(),
                    "it has more than " + LinkMessage.MAXIMUM_BYTES + " bytes",
                    "keep fewer resources on the node");
        }
    }

    /** Whether there is a fragment left. */
    public boolean hasNext() {
        return position < text.length();
    }

    /** The next fragment; never ends between the two halves of a character. */
    public String next() {
        int end = Math.min(text.length(), position + FRAGMENT);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        String fragment = text.substring(position, end);
        position = end;
        return fragment;
    }
}
