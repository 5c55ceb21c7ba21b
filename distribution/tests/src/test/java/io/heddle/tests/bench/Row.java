package io.heddle.tests.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;

/**
 * One figure.
 *
 * @param part which part of the bench
 * @param what what was measured
 * @param at under which circumstances
 * @param value the figure
 * @param unit its unit
 * @param aim what Heddle is meant to reach; empty text where nothing was set
 * @param linstor what LINSTOR 1.34 took on such a machine; empty text where it was not measured
 * @param note what helps to judge the figure
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Row(String part, String what, String at, double value, String unit, String aim, String linstor, String note) {
    /** A figure that has nothing to be compared with. */
    Row(String part, String what, String at, double value, String unit) {
        this(part, what, at, value, unit, "", "", "");
    }

    Row against(String theAim, String theirs) {
        return new Row(part, what, at, value, unit, theAim, theirs, note);
    }

    Row noted(String text) {
        return new Row(part, what, at, value, unit, aim, linstor, text);
    }

    /** The figure as people read it: three digits that count. */
    String figure() {
        return number(value) + (unit.isEmpty() ? "" : " " + unit);
    }

    static String number(double value) {
        if (Math.abs(value) >= 100) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
