package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A literal IPv4 or IPv6 address; host names are not looked up, since a name server may be down when a node starts. */
public record IpAddress(@JsonValue String value) implements Comparable<IpAddress> {
    private static final Pattern V4 =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])");
    private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public IpAddress {
        value = canonical(value);
    }

    public boolean isV6() {
        return value.indexOf(':') >= 0;
    }

    /** The address in the JDK's form; never asks a name server, since the value is a literal. */
    public InetAddress inetAddress() {
        try {
            return InetAddress.getByName(value);
        } catch (UnknownHostException e) {
            throw invalid(value, e);
        }
    }

    private static String canonical(@Nullable String text) {
        if (text != null && V4.matcher(text).matches()) {
            return text;
        }
        if (text != null && text.indexOf(':') >= 0 && V6.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text).getHostAddress();
            } catch (UnknownHostException e) {
                throw invalid(text, e);
            }
        }
        throw invalid(String.valueOf(text), null);
    }

    private static HeddleException invalid(String text, @Nullable Throwable cause) {
        return new HeddleException(
                ErrorCode.INVALID_ADDRESS,
                "'" + (text.length() > 80 ? text.substring(0, 80) + "..." : text) + "' is not an address",
                "an address is a literal like 10.1.0.11 or fd00::11",
                "give the node's address in numbers",
                cause);
    }

    @Override
    public int compareTo(IpAddress other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
