package io.heddle.rest.endpoint;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NotFound;
import io.heddle.rest.body.NetInterfaceBody;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads addresses of nodes.
 *
 * <p>The clients of REST v1 send {@code plain} unless told otherwise, so the word says nothing of what its sender wants: it is
 * taken as "what is usual here". PLAIN it becomes only where the controller's own configuration says PLAIN, so no habit of a
 * client switches the protection of a link off.
 *
 * @param usual how links are protected where nothing else is said
 */
record NetInterfaces(LinkEncryption usual) {
    static NetInterfaceName name(String text) {
        return new NetInterfaceName(text);
    }

    static NetInterface find(Node node, String text) {
        NetInterfaceName name = name(text);
        return Optional.ofNullable(node.netInterfaces().get(name))
                .orElseThrow(() -> NotFound.netInterface(node.name(), name));
    }

    NetInterface of(NetInterfaceBody body, String name) {
        return new NetInterface(
                name(name),
                new IpAddress(Wishes.required(body.address(), "address")),
                Objects.requireNonNullElse(body.satellitePort(), NetInterface.DEFAULT_LINK_PORT),
                encryption(body.satelliteEncryptionType(), usual));
    }

    NetInterface changed(NetInterface present, NetInterfaceBody body) {
        return new NetInterface(
                present.name(),
                body.address() == null ? present.address() : new IpAddress(body.address()),
                Objects.requireNonNullElse(body.satellitePort(), present.linkPort()),
                encryption(body.satelliteEncryptionType(), present.encryption()));
    }

    private LinkEncryption encryption(@Nullable String text, LinkEncryption otherwise) {
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "PLAIN" -> usual;
            case "SSL", "TLS" -> LinkEncryption.TLS;
            default ->
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "'" + text + "' is not a way to protect a link",
                        "a link is SSL or PLAIN",
                        "give one of these, or leave it out");
        };
    }
}
