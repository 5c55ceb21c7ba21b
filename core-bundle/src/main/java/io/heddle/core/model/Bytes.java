package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of bytes, never negative.
 *
 * @param value number of bytes
 */
public record Bytes(@JsonValue long value) implements Comparable<Bytes> {
    public static final Bytes ZERO = new Bytes(0);
    public static final long KIB = 1024L;
    public static final long MIB = 1024L * KIB;
    public static final long GIB = 1024L * MIB;
    public static final long TIB = 1024L * GIB;

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,15})\\s*([A-Za-z]{0,3})");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("", KIB),
            Map.entry("b", 1L),
            Map.entry("k", KIB),
            Map.entry("kib", KIB),
            Map.entry("m", MIB),
            Map.entry("mib", MIB),
            Map.entry("g", GIB),
            Map.entry("gib", GIB),
            Map.entry("t", TIB),
            Map.entry("tib", TIB),
            Map.entry("p", 1024L * TIB),
            Map.entry("pib", 1024L * TIB),
            Map.entry("kb", 1_000L),
            Map.entry("mb", 1_000_000L),
            Map.entry("gb", 1_000_000_000L),
            Map.entry("tb", 1_000_000_000_000L),
            Map.entry("pb", 1_000_000_000_000_000L));

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Bytes {
        if (value < 0) {
            throw invalid(Long.toString(value));
        }
    }

    public static Bytes ofKib(long kib) {
        try {
            return new Bytes(Math.multiplyExact(kib, KIB));
        } catch (ArithmeticException e) {
            throw invalid(kib + " KiB");
        }
    }

    public static Bytes ofMib(long mib) {
        return new Bytes(Math.multiplyExact(mib, MIB));
    }

    /**
     * Reads what people write: {@code 4G}, {@code 500MiB}, {@code 10GB}. Without a unit it is KiB, as in REST v1 and in the
     * command grammar that LINSTOR's users know; K, M, G, T and P are powers of 1024, kB, MB, GB, TB and PB of 1000.
     *
     * @throws HeddleException INVALID_SIZE
     */
    public static Bytes parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw invalid(text);
        }
        Long unit = UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT));
        if (unit == null) {
            throw invalid(text);
        }
        try {
            return new Bytes(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException e) {
            throw invalid(text);
        }
    }

    private static HeddleException invalid(String text) {
        return new HeddleException(
                ErrorCode.INVALID_SIZE,
                "'" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "' is not a size",
                "a size is a whole number with a unit K, M, G, T or P (powers of 1024), or KiB when there is none",
                "write it like 4G or 500M");
    }

    /** Whole KiB, rounded up: the unit of REST v1. */
    public long kib() {
        return value / KIB + (value % KIB == 0 ? 0 : 1);
    }

    public Bytes plus(Bytes other) {
        return new Bytes(Math.addExact(value, other.value));
    }

    /** The next multiple of {@code unit} that is not smaller. */
    public Bytes roundUp(Bytes unit) {
        long rest = value % unit.value;
        return rest == 0 ? this : new Bytes(Math.addExact(value, unit.value - rest));
    }

    public boolean isZero() {
        return value == 0;
    }

    @Override
    public int compareTo(Bytes other) {
        return Long.compare(value, other.value);
    }

    /** For people: {@code 4 GiB}, {@code 1.5 TiB}. */
    @Override
    public String toString() {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double amount = value;
        int unit = 0;
        while (amount >= 1024 && unit < units.length - 1) {
            amount /= 1024;
            unit++;
        }
        String number =
                amount == Math.rint(amount) ? Long.toString((long) amount) : String.format(Locale.ROOT, "%.2f", amount);
        return number + " " + units[unit];
    }
}
