package io.heddle.core.management;

import java.util.Map;

/** Users of the JMX connector, as {@code io.heddle:type=Access}. */
@Description("Users of the JMX connector and of the console")
public interface AccessMXBean {
    /** Name under which it is registered. */
    String OBJECT_NAME = "io.heddle:type=Access";

    @Description("Users beside admin, with their roles")
    @Requires(AccessRole.ADMIN)
    Map<String, String> listUsers();

    @Description("Makes a user, or gives one a new secret; returns the secret, which is kept nowhere")
    @Requires(AccessRole.ADMIN)
    String createUser(
            @Description("name: lower-case letters, digits, '_' and '-'") String name,
            @Description("VIEWER, OPERATOR or ADMIN") String role);

    @Description("Deletes a user; its open connections lose their rights at once")
    @Requires(AccessRole.ADMIN)
    void deleteUser(@Description("name") String name);
}
