package io.heddle.tests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The tree that the appliance module built, and what tests make of it. */
final class Appliance {
    private Appliance() {}

    static Path home() {
        return Path.of(System.getProperty("heddle.appliance")).normalize();
    }

    /** A new empty directory below target/, so neither on /tmp, nor found again by another run. */
    static Path workDirectory(String name) {
        try {
            Path work = Files.createDirectories(Path.of(System.getProperty("heddle.work")));
            return Files.createTempDirectory(work, name);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** A copy of the appliance that has more bundles, at start level 90; the jars are those of the appliance itself. */
    static Path withMoreBundles(Map<String, byte[]> jars) throws IOException {
        Path home = workDirectory("home");
        for (String linked : List.of("lib", "conf")) {
            Files.createSymbolicLink(home.resolve(linked), home().resolve(linked));
        }
        // Not linked: the script looks for the folder that it really lies in.
        Files.createDirectory(home.resolve("bin"));
        Files.copy(home().resolve("bin/heddled"), home.resolve("bin/heddled"));
        Path bundles = Files.createDirectory(home.resolve("bundles"));
        try (Stream<Path> levels = Files.list(home().resolve("bundles"))) {
            for (Path level : levels.toList()) {
                Files.createSymbolicLink(bundles.resolve(level.getFileName()), level);
            }
        }
        Path more = Files.createDirectory(bundles.resolve("90"));
        for (Map.Entry<String, byte[]> jar : jars.entrySet()) {
            Files.write(more.resolve(jar.getKey()), jar.getValue());
        }
        return home;
    }

    /** A bundle with the given headers, and classes of the tests in it. */
    static byte[] bundle(Map<String, String> headers, Class<?>... classes) throws IOException {
        return bundle(headers, Map.of(), classes);
    }

    /** A bundle that has files too, by name. */
    static byte[] bundle(Map<String, String> headers, Map<String, String> files, Class<?>... classes)
            throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        headers.forEach(attributes::putValue);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                jar.putNextEntry(new JarEntry(file.getKey()));
                jar.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(name));
                try (InputStream code = type.getClassLoader().getResourceAsStream(name)) {
                    code.transferTo(jar);
                }
            }
        }
        return bytes.toByteArray();
    }
}
