package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.Property;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What can be set on a level, as REST v1 describes it: for each property a text, the kind of its values, what they may be, the
 * default and the unit. Properties of free choice, {@code Aux/}, are not in it.
 */
public final class PropertyInfoJson {
    private PropertyInfoJson() {}

    /**
     * A property as REST v1 describes it.
     *
     * @param info for a person
     * @param type REST v1's word for the kind of its values
     * @param value a regular expression, or a range such as {@code (0 - 300)}; empty text: anything
     * @param initial the default; empty if there is none
     * @param unit what numbers count; empty text: things
     */
    private record Description(String info, String type, String value, Optional<String> initial, String unit) {
        void write(JsonGenerator out) throws IOException {
            out.writeStartObject();
            out.writeStringField("info", info);
            out.writeStringField("prop_type", type);
            if (!value.isEmpty()) {
                out.writeStringField("value", value);
            }
            if (initial.isPresent()) {
                out.writeStringField("dflt", initial.get());
            }
            if (!unit.isEmpty()) {
                out.writeStringField("unit", unit);
            }
            out.writeEndObject();
        }
    }

    /** Writes what can be set on a level: an object with an entry for each property. */
    public static void write(JsonGenerator out, PropertyLevel level) throws IOException {
        TreeMap<String, Description> described = new TreeMap<>();
        for (DrbdOption option : DrbdOptionCatalogue.all()) {
            if (option.section().levels().contains(level) && option.type() != DrbdOption.Type.RESERVED) {
                described.put(option.key(), of(option));
            }
        }
        for (Property property : PropertyCatalogue.all()) {
            if (property.levels().contains(level) && property.type() != Property.Type.FIXED) {
                described.put(property.key(), of(property));
            }
        }
        out.writeStartObject();
        for (Map.Entry<String, Description> entry : described.entrySet()) {
            out.writeFieldName(entry.getKey());
            entry.getValue().write(out);
        }
        out.writeEndObject();
    }

    private static Description of(DrbdOption option) {
        String range = option.minimum().isEmpty()
                ? ""
                : "(" + option.minimum().getAsLong() + " - " + option.maximum().orElseThrow() + ")";
        String type = switch (option.type()) {
            case BOOLEAN -> "boolean";
            case NUMBER -> "range";
            case NUMBER_OR_WORD, WORD -> "regex";
            case TEXT, COMMAND, RESERVED -> "string";
        };
        String value = switch (option.type()) {
            case BOOLEAN -> "(?i)(?:yes|no|true|false)";
            case NUMBER -> range;
            case NUMBER_OR_WORD -> alternatives(Stream.concat(option.words().stream(), Stream.of("[0-9]+")));
            case WORD -> alternatives(option.words().stream());
            case TEXT, COMMAND, RESERVED -> "";
        };
        return new Description(
                "DRBD option " + option.spelling() + ": " + option.range() + "; a change holds "
                        + option.change().text(),
                type,
                value,
                option.initial(),
                option.counted());
    }

    private static Description of(Property property) {
        String range = property.minimum()
                .map(low -> "(" + low.toPlainString() + " - "
                        + property.maximum().orElseThrow().toPlainString() + ")")
                .orElse("");
        String type = switch (property.type()) {
            case BOOLEAN -> "boolean_true_false";
            case NUMBER -> "range";
            case DECIMAL -> "range_float";
            case WORD, NAME, RANGE, PATTERN -> "regex";
            case TEXT, FIXED -> "string";
        };
        String value = switch (property.type()) {
            case BOOLEAN -> "(?i)(?:true|false|yes|no)";
            case NUMBER, DECIMAL -> range;
            case WORD -> alternatives(property.values().stream());
            case NAME -> Property.NAME_FORM;
            case RANGE -> Property.RANGE_FORM;
            case PATTERN -> property.values().get(0);
            case TEXT, FIXED -> "";
        };
        return new Description(
                property.range() + (property.acts() ? "" : "; kept, and this version does not act on it"),
                type,
                value,
                property.initial(),
                property.unit());
    }

    private static String alternatives(Stream<String> forms) {
        return forms.collect(Collectors.joining("|", "(?:", ")"));
    }
}
