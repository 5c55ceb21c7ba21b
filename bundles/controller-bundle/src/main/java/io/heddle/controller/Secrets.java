package io.heddle.controller;

import io.heddle.core.model.Secret;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Draws shared secrets. */
final class Secrets {
    /** DRBD takes 63 characters at most; 160 bits are what SHA-1, the weakest algorithm in use, can make of them. */
    private static final int BYTES = 20;

    private final SecureRandom random = new SecureRandom();

    Secret next() {
        byte[] drawn = new byte[BYTES];
        random.nextBytes(drawn);
        return new Secret(HexFormat.of().formatHex(drawn));
    }
}
