package io.heddle.satellite.link;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.model.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The claim on this satellite, or the code that allows one, each in a file of its own that only root can read. The code stays
 * the same over restarts, and is a new one after some wrong tries.
 */
final class ClaimStore {
    /** Name of the file with the claim. */
    static final String CLAIM_FILE = "claim.json";
    /** Name of the file with the one-time code. */
    static final String CODE_FILE = "claim-code";
    /** So many wrong codes, then there is a new one. */
    static final int TRIES = 5;

    /** Without letters and digits that look alike; 32 of them, so each is worth 5 bits. */
    private static final String LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static final int LENGTH = 16;
    private static final int GROUP = 4;
    private static final Pattern WELL_FORMED = Pattern.compile("[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){3}");

    private final DurableFile claimFile;
    private final DurableFile codeFile;
    private final SecureRandom random = new SecureRandom();
    private Optional<Claim> claim;
    private int wrongTries;

    /**
     * Reads what is there.
     *
     * @throws HeddleException FILE_FAILED if the claim cannot be read; a satellite is not up for claiming because of that
     */
    ClaimStore(Path directory) {
        claimFile = DurableFile.secret(directory.resolve(CLAIM_FILE));
        codeFile = DurableFile.secret(directory.resolve(CODE_FILE));
        claimFile.removeLeftovers();
        codeFile.removeLeftovers();
        claim = claimFile.read().map(this::parse);
        if (claim.isPresent()) {
            // The power may have failed between the claim and the removal of the code.
            codeFile.remove();
        }
    }

    Optional<Claim> claim() {
        return claim;
    }

    /** Where the claim is kept, for texts that say how to lift it. */
    Path path() {
        return claimFile.path();
    }

    /** Where the code is kept. */
    Path codePath() {
        return codeFile.path();
    }

    /** The code that allows a claim; makes one if there is none. Only for an unclaimed satellite. */
    String code() {
        Optional<String> kept = codeFile.read()
                .map(content -> new String(content, StandardCharsets.US_ASCII).strip())
                .filter(text -> WELL_FORMED.matcher(text).matches());
        return kept.orElseGet(this::newCode);
    }

    /** Whether the code given is the right one; a wrong one counts, and too many of them make a new code. */
    boolean matches(Secret given) {
        if (MessageDigest.isEqual(letters(given.value()), letters(code()))) {
            return true;
        }
        wrongTries++;
        if (wrongTries >= TRIES) {
            wrongTries = 0;
            newCode();
        }
        return false;
    }

    /** Stores the claim, durably, and then removes the code. */
    void claim(Claim accepted) {
        claimFile.replace((Json.write(accepted) + "\n").getBytes(StandardCharsets.UTF_8));
        claim = Optional.of(accepted);
        codeFile.remove();
    }

    /** Makes the satellite nobody's again, durably. */
    void forget() {
        claimFile.remove();
        claim = Optional.empty();
    }

    private String newCode() {
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < LENGTH; i++) {
            if (i > 0 && i % GROUP == 0) {
                code.append('-');
            }
            code.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        codeFile.replace((code + "\n").getBytes(StandardCharsets.US_ASCII));
        return code.toString();
    }

    /** What people may add or change when they copy a code by hand does not count. */
    private static byte[] letters(String code) {
        return code.toUpperCase(Locale.ROOT).replaceAll("[-\\s]", "").getBytes(StandardCharsets.UTF_8);
    }

    private Claim parse(byte[] content) {
        try {
            return Json.read(new String(content, StandardCharsets.UTF_8), Claim.class);
        } catch (HeddleException unreadable) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot read whose satellite this is from " + claimFile.path(),
                    unreadable.why(),
                    "restore the file from a backup, or remove it and claim the satellite again",
                    unreadable);
        }
    }
}
