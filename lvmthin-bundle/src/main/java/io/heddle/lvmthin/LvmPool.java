package io.heddle.lvmthin;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a pool stands on.
 *
 * @param spec the pool
 * @param group name of its VG
 * @param thinPool name of its thin pool; empty for thick volumes
 */
record LvmPool(PoolSpec spec, String group, Optional<String> thinPool) {
    /** Names as LVM takes them (lvm(8), VALID NAMES), without a leading '-', which would be an option. */
    private static final String NAME = "([A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,126})";

    private static final Pattern THICK = Pattern.compile(NAME);
    private static final Pattern THIN = Pattern.compile(NAME + "/" + NAME);

    /**
     * Takes the text of a pool apart: {@code vg/thinpool} for LVM_THIN, {@code vg} for LVM.
     *
     * @throws HeddleException POOL_UNUSABLE
     */
    static LvmPool of(PoolSpec spec) {
        boolean thin = spec.kind().equals(DriverKind.LVM_THIN);
        Matcher matcher = (thin ? THIN : THICK).matcher(spec.backing());
        if (!matcher.matches()) {
            throw new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    "cannot use storage pool " + spec.name(),
                    "'" + spec.backing() + "' does not name " + (thin ? "a thin pool" : "a volume group"),
                    thin ? "give volume group and thin pool, as in vg/thinpool" : "give the name of a volume group");
        }
        return new LvmPool(spec, matcher.group(1), thin ? Optional.of(matcher.group(2)) : Optional.empty());
    }

    boolean isThin() {
        return thinPool.isPresent();
    }

    /** {@code vg/thinpool} or {@code vg}. */
    String text() {
        return thinPool.map(pool -> group + "/" + pool).orElse(group);
    }

    /** Whether a volume is one of this pool and of no other in the same VG. */
    boolean holds(LogicalVolume volume) {
        return volume.group().equals(group)
                && volume.pool().equals(thinPool.orElse(""))
                && !volume.attributes().isPool();
    }
}
