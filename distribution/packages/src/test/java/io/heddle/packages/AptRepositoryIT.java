package io.heddle.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real apt reads the repository. */
class AptRepositoryIT {
    @BeforeAll
    static void onlyWherePackagesCanBeMade() {
        assumeTrue(Program.isThere("dpkg-deb"), "there is no dpkg-deb on this machine");
        assumeTrue(Program.isThere("apt-get"), "there is no apt on this machine");
    }

    @Test
    void aptFindsEachPackageInIt(@TempDir Path apt) throws IOException {
        List<String> options = aptOn(apt, "deb [trusted=yes] file:" + Repository.APT + " stable main");
        run(options, "apt-get", "update");

        for (String name : Repository.PACKAGES) {
            String policy = run(options, "apt-cache", "policy", name);
            assertTrue(policy.contains("stable/main"), policy);
        }
        String wanted = run(options, "apt-get", "download", "--print-uris", "heddle-satellite");
        assertTrue(wanted.contains("SHA256:"), wanted);
    }

    @Test
    void aptTakesASignedOneOnItsKeyAndNotOneThatWasChanged(
            @TempDir Path apt, @TempDir Path other, @TempDir Path keys, @TempDir Path signed) throws IOException {
        assumeTrue(Program.isThere("gpg") && Program.isThere("gpgv"), "there is no gpg on this machine");
        Program.output("chmod", "700", keys.toString());
        String[] gpg = {"env", "GNUPGHOME=" + keys, "gpg", "--batch", "--quiet"};
        try {
            Program.output(
                    with(gpg, "--passphrase", "", "--quick-generate-key", "heddle-test", "ed25519", "sign", "never"));
            Program.output(
                    "env",
                    "GNUPGHOME=" + keys,
                    "HEDDLE_SIGNING_KEY=heddle-test",
                    Repository.SOURCES.resolve("build").toString(),
                    Repository.TREE.toString(),
                    "0.0.1",
                    signed.toString());

            String source = "deb [signed-by=" + signed.resolve("heddle.asc") + "] file:" + signed + " stable main";
            List<String> options = aptOn(apt, source);
            run(options, "apt-get", "update", "--error-on=any");
            assertTrue(run(options, "apt-cache", "policy", "heddle").contains("0.0.1"));

            Path packages = signed.resolve("dists/stable/main/binary-all/Packages");
            Files.writeString(packages, Files.readString(packages).replace("0.0.1", "6.6.6"));
            Files.delete(packages.resolveSibling("Packages.gz"));
            Program.Result tampered = Program.run(
                    with(aptOn(other, source).toArray(String[]::new), "apt-get", "update", "--error-on=any"));
            assertTrue(tampered.exitCode() != 0, tampered.output());
        } finally {
            Program.run("env", "GNUPGHOME=" + keys, "gpgconf", "--kill", "all");
        }
    }

    @Test
    void theReleaseFileNamesEveryIndexWithItsSizeAndHash() throws IOException {
        Path dists = Repository.APT.resolve("dists/stable");
        Matcher line = Pattern.compile("(?m)^ ([0-9a-f]{64}) +(\\d+) (\\S+)$")
                .matcher(Files.readString(dists.resolve("Release")));
        int lines = 0;
        while (line.find()) {
            Path index = dists.resolve(line.group(3));
            assertEquals(Files.size(index), Long.parseLong(line.group(2)), index.toString());
            assertEquals(
                    line.group(1), Program.output("sha256sum", index.toString()).split(" ")[0], index.toString());
            lines++;
        }
        assertEquals(6, lines, "Packages and Packages.gz of all, amd64 and arm64");
    }

    /** An apt that knows this source only, and nothing of the machine. */
    private static List<String> aptOn(Path folder, String source) throws IOException {
        for (String each : List.of(
                "etc/apt/apt.conf.d", "etc/apt/preferences.d", "state/lists/partial", "cache/archives/partial")) {
            Files.createDirectories(folder.resolve(each));
        }
        Files.writeString(folder.resolve("status"), "");
        Files.writeString(folder.resolve("sources.list"), source + "\n");
        Files.writeString(folder.resolve("apt.conf"), """
                Dir::Etc "%1$s/etc/apt";
                Dir::Etc::sourcelist "%1$s/sources.list";
                Dir::Etc::sourceparts "/dev/null";
                Dir::State "%1$s/state";
                Dir::State::status "%1$s/status";
                Dir::Cache "%1$s/cache";
                APT::Sandbox::User "";
                APT::Architecture "amd64";
                APT::Architectures { "amd64"; };
                """.formatted(folder));
        return new ArrayList<>(List.of("env", "APT_CONFIG=" + folder.resolve("apt.conf")));
    }

    private static String run(List<String> options, String... command) {
        return Program.output(with(options.toArray(String[]::new), command));
    }

    private static String[] with(String[] first, String... more) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}
