package io.heddle.jmx;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.management.AccessRole;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Who may connect. The user {@code admin} is made at the first start with a random secret, which lies in a file that only
 * root can read: local root needs no other. Further users are kept with a hash of theirs.
 */
final class Users {
    static final String ADMIN = "admin";
    /** Holds the secret of {@link #ADMIN}, for local root. */
    static final String ADMIN_SECRET = "admin.secret";

    static final String USERS = "users";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,31}");
    private static final int ITERATIONS = 210_000;

    private final DurableFile adminSecret;
    private final DurableFile usersFile;
    private final SecureRandom random = new SecureRandom();
    private volatile Map<String, User> users;

    private record User(AccessRole role, String salt, String hash) {}

    /** Reads the users in {@code directory}; makes the admin's secret if there is none. */
    Users(Path directory) {
        adminSecret = DurableFile.secret(directory.resolve(ADMIN_SECRET));
        usersFile = DurableFile.secret(directory.resolve(USERS));
        adminSecret.removeLeftovers();
        usersFile.removeLeftovers();
        if (adminSecret.read().isEmpty()) {
            adminSecret.replace((newSecret() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        users = read();
    }

    /** Role of a user whose secret is right; empty otherwise, after the same time whether the name is known or not. */
    Optional<AccessRole> check(String name, String secret) {
        if (name.equals(ADMIN)) {
            return same(secret, adminSecret()) ? Optional.of(AccessRole.ADMIN) : Optional.empty();
        }
        User user = users.get(name);
        String hash = hash(secret, user == null ? "nobody" : user.salt());
        return user != null && same(hash, user.hash()) ? Optional.of(user.role()) : Optional.empty();
    }

    /** Role of a user who is logged in; empty if it was deleted since. */
    Optional<AccessRole> role(String name) {
        return name.equals(ADMIN)
                ? Optional.of(AccessRole.ADMIN)
                : Optional.ofNullable(users.get(name)).map(User::role);
    }

    /** Users other than the admin, with their roles. */
    Map<String, AccessRole> list() {
        TreeMap<String, AccessRole> roles = new TreeMap<>();
        users.forEach((name, user) -> roles.put(name, user.role()));
        return roles;
    }

    /**
     * Makes a user, or gives one a new secret and role.
     *
     * @return the secret, which is kept nowhere
     * @throws HeddleException INVALID_NAME
     */
    synchronized String create(String name, AccessRole role) {
        if (!NAME.matcher(name).matches() || name.equals(ADMIN)) {
            throw new HeddleException(
                    ErrorCode.INVALID_NAME,
                    "cannot create that user",
                    "a user's name is 1 to 32 lower-case letters, digits, '_' and '-', begins with a letter, and is not "
                            + ADMIN,
                    "choose such a name");
        }
        String secret = newSecret();
        String salt = newSecret();
        TreeMap<String, User> changed = new TreeMap<>(users);
        changed.put(name, new User(role, salt, hash(secret, salt)));
        write(changed);
        return secret;
    }

    /** Deletes a user; returns whether there was one. Its open connections lose their rights at once. */
    synchronized boolean delete(String name) {
        TreeMap<String, User> changed = new TreeMap<>(users);
        boolean found = changed.remove(name) != null;
        write(changed);
        return found;
    }

    private String adminSecret() {
        return adminSecret
                .read()
                .map(content -> new String(content, StandardCharsets.UTF_8).strip())
                .filter(secret -> !secret.isEmpty())
                // without a secret nobody is let in: this one is known to no one
                .orElseGet(this::newSecret);
    }

    private Map<String, User> read() {
        TreeMap<String, User> found = new TreeMap<>();
        String text = usersFile
                .read()
                .map(content -> new String(content, StandardCharsets.UTF_8))
                .orElse("");
        for (String line : text.split("\n", -1)) {
            String[] fields = line.strip().split(" ", -1);
            if (fields.length == 4) {
                found.put(fields[0], new User(AccessRole.valueOf(fields[1]), fields[2], fields[3]));
            }
        }
        return found;
    }

    private void write(Map<String, User> changed) {
        StringBuilder text = new StringBuilder();
        changed.forEach((name, user) ->
                text.append(String.join(" ", name, user.role().name(), user.salt(), user.hash()) + "\n"));
        usersFile.replace(text.toString().getBytes(StandardCharsets.UTF_8));
        users = changed;
    }

    private String newSecret() {
        byte[] bytes = new byte[24];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String hash(String secret, String salt) {
        try {
            PBEKeySpec key =
                    new PBEKeySpec(secret.toCharArray(), salt.getBytes(StandardCharsets.UTF_8), ITERATIONS, 256);
            byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(key)
                    .getEncoded();
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (GeneralSecurityException e) {
            throw HeddleException.of(e);
        }
    }

    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
