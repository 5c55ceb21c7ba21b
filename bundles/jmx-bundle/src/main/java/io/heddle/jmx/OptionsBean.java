package io.heddle.jmx;

import io.heddle.core.cluster.OptionPlace;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.OptionResolver;
import io.heddle.core.plan.OptionResolver.Effective;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.ImmutableDescriptor;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.ReflectionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The DRBD options of one place, each a writable attribute. An attribute shows what holds there, whoever set it; its descriptor
 * says who. Writing one sets it there, and an empty text unsets it there, so that what is inherited shows again.
 */
final class OptionsBean implements DynamicMBean {
    private static final Logger LOG = LoggerFactory.getLogger(OptionsBean.class);

    /** By level: of one level there may be very many beans. */
    private static final Map<PropertyLevel, SortedMap<String, DrbdOption>> OPTIONS = Stream.of(PropertyLevel.values())
            .collect(Collectors.toUnmodifiableMap(
                    level -> level,
                    level -> DrbdOptionCatalogue.settable(
                            level, option -> option.section().word() + "/" + option.name())));

    private final ClusterServices services;
    private final OptionPlace place;

    OptionsBean(ClusterServices services, OptionPlace place) {
        this.services = services;
        this.place = place;
    }

    /** The options that can be set there, by the name of the attribute. */
    private SortedMap<String, DrbdOption> options() {
        return OPTIONS.get(place.level());
    }

    private Map<DrbdOption, Effective> effective() {
        ClusterState state = services.view().state();
        Map<DrbdOption, Effective> effective = new HashMap<>();
        for (OptionSection section : OptionSection.values()) {
            effective(state, section).values().forEach(one -> effective.put(one.option(), one));
        }
        return effective;
    }

    private SortedMap<String, Effective> effective(ClusterState state, OptionSection section) {
        return OptionResolver.complete(section, place.effective(state, section));
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        Map<DrbdOption, Effective> effective = holdingOrNothing();
        MBeanAttributeInfo[] attributes = options().entrySet().stream()
                .map(entry -> attribute(entry.getKey(), entry.getValue(), effective))
                .toArray(MBeanAttributeInfo[]::new);
        return new MBeanInfo(
                OptionsBean.class.getName(),
                "DRBD options of " + place.path() + "; an empty text unsets one here",
                attributes,
                null,
                new MBeanOperationInfo[0],
                null,
                new ImmutableDescriptor("immutableInfo=false"));
    }

    /** What a bean is made of is told even while the controller is replaced, or what it is of was just deleted. */
    private Map<DrbdOption, Effective> holdingOrNothing() {
        try {
            return effective();
        } catch (HeddleException e) {
            LOG.debug("no option of {} holds: {}", place.path(), e.what());
            return Map.of();
        }
    }

    private static MBeanAttributeInfo attribute(String name, DrbdOption option, Map<DrbdOption, Effective> effective) {
        Effective holding = effective.get(option);
        String from = holding == null ? "" : holding.from();
        Map<String, Object> fields = new HashMap<>();
        fields.put("range", option.range());
        fields.put(
                "unit",
                option.unit().isEmpty() || option.scale() == 1 ? option.unit() : option.scale() + " " + option.unit());
        fields.put("defaultValue", option.initial().orElse(""));
        fields.put("effectiveFrom", from);
        fields.put("changeHolds", option.change().text());
        fields.put("sinceDrbd", option.since());
        fields.put("property", option.key());
        return new MBeanAttributeInfo(
                name,
                String.class.getName(),
                option.range()
                        + option.initial()
                                .map(initial -> "; DRBD's default " + initial)
                                .orElse("")
                        + (from.isEmpty() ? "" : "; from " + from)
                        + "; a change holds " + option.change().text(),
                true,
                true,
                false,
                new ImmutableDescriptor(fields));
    }

    private DrbdOption require(String name) throws AttributeNotFoundException {
        DrbdOption option = options().get(name);
        if (option == null) {
            throw new AttributeNotFoundException("no option '" + name + "' can be set on " + place.path());
        }
        return option;
    }

    @Override
    public Object getAttribute(String name) throws AttributeNotFoundException, MBeanException {
        DrbdOption option = require(name);
        try {
            return effective(services.view().state(), option.section())
                    .get(option.name())
                    .value();
        } catch (HeddleException e) {
            throw DescribedMBean.refusal(e);
        }
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException, MBeanException {
        DrbdOption option = require(attribute.getName());
        String value = attribute.getValue() == null
                ? ""
                : attribute.getValue().toString().strip();
        try {
            Outcome outcome =
                    ClusterBean.join(place.modify(services.cluster(), ClusterBean.property(option.key(), value)));
            for (Reply reply : outcome.replies()) {
                // an attribute has no answer that could show it
                if (reply.severity().compareTo(Severity.WARNING) >= 0) {
                    LOG.warn("set option={} on={} said=\"{}\"", option.name(), place.path(), reply.message());
                }
            }
        } catch (HeddleException e) {
            throw DescribedMBean.refusal(e);
        }
    }

    @Override
    public AttributeList getAttributes(String[] names) {
        SortedMap<String, DrbdOption> options = options();
        Map<DrbdOption, Effective> effective = holdingOrNothing();
        AttributeList found = new AttributeList();
        for (String name : names) {
            Effective holding = options.containsKey(name) ? effective.get(options.get(name)) : null;
            if (holding != null) {
                found.add(new Attribute(name, holding.value()));
            }
        }
        return found;
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        AttributeList set = new AttributeList();
        for (Attribute attribute : attributes.asList()) {
            try {
                setAttribute(attribute);
                set.add(attribute);
            } catch (AttributeNotFoundException | MBeanException e) {
                // by its contract the answer names what was set
                LOG.warn("not set attribute={} on={} why=\"{}\"", attribute.getName(), place.path(), e.getMessage());
            }
        }
        return set;
    }

    @Override
    public Object invoke(String operation, Object[] arguments, String[] signature) throws ReflectionException {
        throw new ReflectionException(new NoSuchMethodException(operation), "this bean has attributes only");
    }
}
