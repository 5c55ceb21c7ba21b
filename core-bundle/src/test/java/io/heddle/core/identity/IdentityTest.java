package io.heddle.core.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    @TempDir
    Path directory;

    @Test
    void isMadeOnceAndKept() {
        Identity made = Identity.loadOrCreate(directory, "heddle n1");
        Identity read = Identity.loadOrCreate(directory, "another name");

        assertEquals(made.fingerprint(), read.fingerprint());
        assertEquals(made.certificate(), read.certificate());
    }

    @Test
    void isAnotherInEachDirectory() {
        assertNotEquals(
                Identity.loadOrCreate(directory.resolve("a"), "heddle").fingerprint(),
                Identity.loadOrCreate(directory.resolve("b"), "heddle").fingerprint());
    }

    @Test
    void hasACertificateThatIsSignedByItselfAndNeverExpires() throws GeneralSecurityException {
        Identity identity = Identity.loadOrCreate(directory, "heddle n1");

        identity.certificate().verify(identity.certificate().getPublicKey());
        identity.certificate().checkValidity(Date.from(Instant.EPOCH));
        identity.certificate().checkValidity(Date.from(Instant.parse("2999-01-01T00:00:00Z")));
        assertEquals(
                "CN=heddle n1", identity.certificate().getSubjectX500Principal().getName());
    }

    @Test
    void isKnownByTheDigestOfItsPublicKey() throws GeneralSecurityException {
        Identity identity = Identity.loadOrCreate(directory, "heddle");

        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(identity.certificate().getPublicKey().getEncoded());

        assertEquals(HexFormat.of().formatHex(digest), identity.fingerprint());
    }

    @Test
    void isReadableForItsOwnerOnlyEvenWhenAFileWithOtherPermissionsWasPutBack() throws IOException {
        Identity.loadOrCreate(directory, "heddle");
        Path file = directory.resolve(Identity.FILE);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        Identity.loadOrCreate(directory, "heddle");

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void removesWhatAPowerCutLeft() throws IOException {
        Files.writeString(directory.resolve("." + Identity.FILE + ".42.tmp"), "torn");

        Identity.loadOrCreate(directory, "heddle");

        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of(Identity.FILE),
                    files.map(each -> each.getFileName().toString()).toList());
        }
    }

    @Test
    void neverOverwritesAnIdentityThatItCannotRead() throws IOException {
        Identity.loadOrCreate(directory, "heddle");
        Path file = directory.resolve(Identity.FILE);
        byte[] torn = Files.readString(file).substring(0, 100).getBytes(StandardCharsets.US_ASCII);
        Files.write(file, torn);

        HeddleException refused = assertThrows(HeddleException.class, () -> Identity.loadOrCreate(directory, "heddle"));

        assertEquals(ErrorCode.FILE_FAILED, refused.code());
        assertArrayEquals(torn, Files.readAllBytes(file));
    }

    @Test
    void refusesAKeyThatDoesNotBelongToTheCertificate() throws IOException {
        Identity.loadOrCreate(directory.resolve("a"), "heddle");
        Identity.loadOrCreate(directory.resolve("b"), "heddle");
        String one = Files.readString(directory.resolve("a/" + Identity.FILE));
        String other = Files.readString(directory.resolve("b/" + Identity.FILE));
        String certificate = "-----BEGIN CERTIFICATE-----";
        Files.writeString(
                directory.resolve("a/" + Identity.FILE),
                one.substring(0, one.indexOf(certificate)) + other.substring(other.indexOf(certificate)));

        HeddleException refused =
                assertThrows(HeddleException.class, () -> Identity.loadOrCreate(directory.resolve("a"), "heddle"));

        assertTrue(refused.why().contains("do not belong together"), refused.why());
    }
}
