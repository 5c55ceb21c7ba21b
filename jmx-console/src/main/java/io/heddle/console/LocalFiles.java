package io.heddle.console;

import io.heddle.core.identity.Fingerprint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** What root of the controller's own machine can read: its configuration, key and secret. */
final class LocalFiles {
    private static final String CONFIGURATION = "/etc/heddle/heddle.conf";

    private final Properties configuration = new Properties();

    /** Reads the configuration that {@code heddled} would, as far as it can be read. */
    LocalFiles(Map<String, String> environment) {
        Path file = Path.of(environment.getOrDefault("HEDDLE_CONFIG", CONFIGURATION));
        if (Files.isReadable(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                configuration.load(in);
            } catch (IOException | IllegalArgumentException e) {
                System.err.println("heddle: " + file + " cannot be read and is passed over: " + e.getMessage());
            }
        }
        for (String key : List.of("state-directory", "jmx-address", "jmx-port")) {
            String value =
                    environment.get("HEDDLE_" + key.toUpperCase(Locale.ROOT).replace('-', '_'));
            if (value != null) {
                configuration.setProperty(key, value);
            }
        }
    }

    /** Where the connector of this machine listens. */
    Endpoint endpoint() {
        String address = configuration.getProperty("jmx-address", "127.0.0.1").strip();
        String port = configuration.getProperty("jmx-port", "").strip();
        String host = address.isEmpty() || address.equals("0.0.0.0") || address.equals("::") ? "127.0.0.1" : address;
        return Endpoint.parse((host.indexOf(':') >= 0 ? "[" + host + "]" : host) + (port.isEmpty() ? "" : ":" + port));
    }

    /** The secret of the user admin, for root. */
    Optional<String> adminSecret() {
        Path file = directory().resolve("admin.secret");
        try {
            return Files.isReadable(file)
                    ? Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Fingerprint of this machine's connector, for root. */
    Optional<String> fingerprint() {
        Path file = directory().resolve("identity.pem");
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            int from = text.indexOf("-----BEGIN CERTIFICATE-----");
            if (from < 0) {
                return Optional.empty();
            }
            byte[] certificate = text.substring(from).getBytes(StandardCharsets.US_ASCII);
            return Optional.of(Fingerprint.of((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(certificate))));
        } catch (IOException | CertificateException e) {
            return Optional.empty();
        }
    }

    private Path directory() {
        String state = configuration.getProperty("state-directory", "").strip();
        return Path.of(state.isEmpty() ? "/var/lib/heddle" : state, "jmx");
    }
}
