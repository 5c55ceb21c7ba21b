package io.heddle.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeOptionsTest {
    @Test
    void readsBlockSizeAndProperties() {
        assertEquals(
                new VolumeOptions(Bytes.ofKib(64), List.of("compression=zstd-3", "copies=2")),
                VolumeOptions.parse(" -o compression=zstd-3  -b 64K -o copies=2 "));
        assertEquals(Bytes.ofKib(8), VolumeOptions.parse("-o volblocksize=8192").blockSize());
    }

    @Test
    void hasABlockSizeOfItsOwnSinceVersionsOfZfsDiffer() {
        assertEquals(new VolumeOptions(Bytes.ofKib(16), List.of()), VolumeOptions.parse(""));
    }

    /** The controller's door and the driver's own must let the same in. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-b 4k",
                "-b 128K",
                "-b 16384",
                "-o volblocksize=32k",
                "-o compression=off",
                "-o compression=gzip-9",
                "-o compression=zstd-fast-10",
                "-o compression=zstd-19 -b 8k -o logbias=throughput",
                "-o checksum=sha512 -o redundant_metadata=most",
                "-o primarycache=metadata -o secondarycache=none",
                "-o sync=always"
            })
    void takesWhatHarmsNobody(String text) {
        VolumeOptions.parse(text);
        assertEquals(text, door(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-s",
                "-p",
                "-b",
                "-b 2k",
                "-b 12k",
                "-b 1M",
                "-b 256k",
                "-o",
                "-o sync=disabled",
                "-o checksum=off",
                "-o compression=nosuch",
                "-o copies=4",
                "-o volsize=1G",
                "-o refreservation=none",
                "-o volmode=full",
                "-o readonly=on",
                "-o mountpoint=/",
                "-o heddle:volume=x",
                "-o dedup=on",
                "-o encryption=on",
                "-V 1G",
                "tank/other",
                "-b 8k tank/other",
                "-o compression=lz4;reboot",
                "-ocompression=lz4",
                "-n"
            })
    void refusesWhatIsUnknownOrDangerous(String text) {
        HeddleException refused = assertThrows(HeddleException.class, () -> VolumeOptions.parse(text));
        assertEquals(ErrorCode.INVALID_PROPERTY, refused.code());
        assertTrue(refused.correction().contains("StorDriver/ZfscreateOptions"));
        assertEquals(
                ErrorCode.INVALID_PROPERTY,
                assertThrows(HeddleException.class, () -> door(text)).code());
    }

    private static String door(String text) {
        return PropertyCatalogue.check(PropertyLevel.STORAGE_POOL, Map.of(VolumeOptions.PROPERTY, text))
                .get(VolumeOptions.PROPERTY);
    }

    @Test
    void saysWhyWhatLosesDataIsRefused() {
        assertTrue(assertThrows(HeddleException.class, () -> VolumeOptions.parse("-o sync=disabled"))
                .why()
                .contains("power cut"));
        assertTrue(assertThrows(HeddleException.class, () -> VolumeOptions.parse("-s"))
                .why()
                .contains("ZFS_THIN"));
        assertFalse(VolumeOptions.parse("").saysSync());
    }
}
