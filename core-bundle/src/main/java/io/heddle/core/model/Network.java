package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * A range of addresses, written like {@code 10.1.0.0/16} or {@code fd00::/8}.
 *
 * @param address any address in it
 * @param prefix how many leading bits its addresses have in common
 */
public record Network(IpAddress address, int prefix) {
    public Network {
        Numbers.check("prefix of " + address, prefix, 0, address.isV6() ? 128 : 32);
    }

    /** Reads a network; refuses anything else with INVALID_ADDRESS or INVALID_INPUT. */
    public static Network parse(String text) {
        String[] halves = text.strip().split("/", -1);
        if (halves.length != 2 || !halves[1].matches("[0-9]{1,3}")) {
            throw new HeddleException(
                    ErrorCode.INVALID_ADDRESS,
                    "'" + text.strip() + "' is not a network",
                    "a network is an address, '/' and the length of its prefix",
                    "write it like 10.1.0.0/16 or fd00::/8");
        }
        return new Network(new IpAddress(halves[0]), Integer.parseInt(halves[1]));
    }

    /** Reads networks with commas between; blank text means none. */
    public static List<Network> list(String text) {
        return Arrays.stream(text.split(","))
                .filter(each -> !each.isBlank())
                .map(Network::parse)
                .toList();
    }

    /** Whether an address lies in it. */
    public boolean contains(InetAddress candidate) {
        byte[] ours = address.inetAddress().getAddress();
        byte[] theirs = candidate.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit++) {
            int mask = 0x80 >> (bit % 8);
            if (((ours[bit / 8] ^ theirs[bit / 8]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }
}
