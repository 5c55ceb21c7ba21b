package io.heddle.rest.body;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A storage pool to create.
 *
 * @param storagePoolName its name
 * @param providerKind which driver serves it
 * @param props properties; {@code StorDriver/...} among them says what it stands on
 * @param sharedSpace name of a space shared by several nodes; not supported
 * @param externalLocking whether others lock it; not supported
 */
public record StoragePoolBody(
        @Nullable String storagePoolName,
        @Nullable String providerKind,
        @Nullable Map<String, @Nullable String> props,
        @Nullable String sharedSpace,
        @Nullable Boolean externalLocking) {}
