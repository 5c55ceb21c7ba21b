package io.heddle.zfs;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import java.util.regex.Pattern;

/**
 * What a pool stands on.
 *
 * @param spec the pool
 * @param dataset dataset that its zvols are made in: the zpool itself, or a file system in it
 * @param options how its zvols are made
 */
record ZfsPool(PoolSpec spec, String dataset, VolumeOptions options) {
    /** Names as ZFS takes them, without blanks, '%' and a leading '-', which would be an option. */
    private static final Pattern DATASET = Pattern.compile("[A-Za-z][A-Za-z0-9_.:-]*(/[A-Za-z0-9_][A-Za-z0-9_.:-]*)*");

    /** ZFS_MAX_DATASET_NAME_LEN without the end of the string. */
    static final int LONGEST_NAME = 255;

    /**
     * Takes the text of a pool apart: {@code zpool} or {@code zpool/dataset}.
     *
     * @throws HeddleException POOL_UNUSABLE
     */
    static ZfsPool of(PoolSpec spec) {
        if (!DATASET.matcher(spec.backing()).matches() || spec.backing().length() > LONGEST_NAME / 2) {
            throw new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    "cannot use storage pool " + spec.name(),
                    "'" + spec.backing() + "' does not name a zpool or a dataset",
                    "give the name of a zpool, or of a dataset in it, as in tank/heddle");
        }
        try {
            return new ZfsPool(
                    spec,
                    spec.backing(),
                    VolumeOptions.parse(spec.properties().getOrDefault(VolumeOptions.PROPERTY, "")));
        } catch (HeddleException badOptions) {
            throw new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    "cannot use storage pool " + spec.name(),
                    badOptions.what() + ": " + badOptions.why(),
                    badOptions.correction(),
                    badOptions);
        }
    }

    boolean isThin() {
        return spec.kind().equals(DriverKind.ZFS_THIN);
    }

    String zpool() {
        int slash = dataset.indexOf('/');
        return slash < 0 ? dataset : dataset.substring(0, slash);
    }

    /** Full name of what is called so in this pool. */
    String child(String name) {
        return dataset + "/" + name;
    }
}
