package io.heddle.jmx;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.AccessRole;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Users, seen over JMX. */
final class AccessBean implements AccessMXBean {
    private final Users users;

    AccessBean(Users users) {
        this.users = users;
    }

    @Override
    public Map<String, String> listUsers() {
        TreeMap<String, String> roles = new TreeMap<>();
        users.list().forEach((name, role) -> roles.put(name, role.name()));
        return roles;
    }

    @Override
    public String createUser(String name, String role) {
        AccessRole granted = Arrays.stream(AccessRole.values())
                .filter(candidate -> candidate.name().equalsIgnoreCase(role.strip()))
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "'" + role + "' is no role",
                        "a role is one of " + Arrays.toString(AccessRole.values()),
                        "choose one of those"));
        return users.create(name, granted);
    }

    @Override
    public void deleteUser(String name) {
        if (!users.delete(name)) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot delete user '" + name + "'",
                    "there is none of that name beside " + users.list().keySet(),
                    "see 'user list'");
        }
    }
}
