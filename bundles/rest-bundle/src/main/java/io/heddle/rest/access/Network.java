package io.heddle.rest.access;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import java.net.InetAddress;
import java.util.Arrays;

/** A network of addresses, such as {@code 10.1.0.0/16}; an address without a length is a network of its own. */
final class Network {
    private final byte[] address;
    private final int length;

    private Network(byte[] address, int length) {
        this.address = address;
        this.length = length;
    }

    /**
     * Reads a network.
     *
     * @throws HeddleException INVALID_ADDRESS
     */
    static Network of(String text) {
        int slash = text.indexOf('/');
        String base = slash < 0 ? text : text.substring(0, slash);
        byte[] address = new IpAddress(base).inetAddress().getAddress();
        int bits = address.length * 8;
        int length = slash < 0 ? bits : length(text, text.substring(slash + 1), bits);
        return new Network(address, length);
    }

    private static int length(String text, String digits, int bits) {
        if (digits.matches("[0-9]{1,3}") && Integer.parseInt(digits) <= bits) {
            return Integer.parseInt(digits);
        }
        throw new HeddleException(
                ErrorCode.INVALID_ADDRESS,
                "'" + text + "' is not a network",
                "the length after '/' is a number from 0 to " + bits,
                "write it like 10.1.0.0/16 or fd00::/8");
    }

    /** Bits that are compared: the more, the narrower. */
    int length() {
        return length;
    }

    boolean contains(InetAddress asked) {
        byte[] other = asked.getAddress();
        if (other.length != address.length) {
            return false;
        }
        int whole = length / 8;
        if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
            return false;
        }
        int rest = length % 8;
        if (rest == 0) {
            return true;
        }
        int mask = 0xFF << (8 - rest);
        return (address[whole] & mask) == (other[whole] & mask);
    }
}
