package io.heddle.jmx;

import io.heddle.core.error.HeddleException;
import io.heddle.core.management.Description;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.util.Arrays;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.ReflectionException;
import javax.management.RuntimeMBeanException;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/**
 * An MXBean that shows names and texts from {@link Description} and {@code javac -parameters}, and whose refusals any JMX
 * client can read: a {@link MBeanException} around a plain {@link Exception}, with no class that only Heddle has.
 */
final class DescribedMBean extends StandardMBean {
    private final Class<?> type;

    @SuppressWarnings("unchecked") // StandardMBean wants the interface's class as the type of the bean
    DescribedMBean(Object bean, Class<?> type) {
        super(bean, (Class<Object>) type, true);
        this.type = type;
    }

    @Override
    public Object invoke(String operation, Object[] arguments, String[] signature)
            throws MBeanException, ReflectionException {
        try {
            return super.invoke(operation, withoutNulls(arguments, signature), signature);
        } catch (RuntimeMBeanException e) {
            throw refusal(e.getTargetException());
        } catch (HeddleException e) {
            throw refusal(e);
        }
    }

    /** A field left empty in JConsole comes as null: here it is an empty text. */
    private static Object[] withoutNulls(Object[] arguments, String[] signature) {
        Object[] given = arguments.clone();
        for (int i = 0; i < given.length; i++) {
            if (given[i] == null && String.class.getName().equals(signature[i])) {
                given[i] = "";
            }
        }
        return given;
    }

    /** A failure as any JMX client can read it. */
    static MBeanException refusal(Throwable failure) {
        HeddleException known = HeddleException.of(failure);
        Exception text = new Exception(
                known.code() + ": " + known.what() + "\nwhy: " + known.why() + "\ncorrection: " + known.correction());
        text.setStackTrace(new StackTraceElement[0]);
        return new MBeanException(text, text.getMessage());
    }

    @Override
    protected String getDescription(MBeanInfo info) {
        return text(type.getAnnotation(Description.class), type.getName());
    }

    @Override
    protected String getDescription(MBeanAttributeInfo info) {
        for (String prefix : new String[] {"get", "is", "set"}) {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(prefix + info.getName())) {
                    return text(method.getAnnotation(Description.class), info.getName());
                }
            }
        }
        return info.getName();
    }

    @Override
    protected String getDescription(MBeanOperationInfo info) {
        Method method = method(info);
        return method == null ? info.getName() : text(method.getAnnotation(Description.class), info.getName());
    }

    @Override
    protected String getParameterName(MBeanOperationInfo operation, MBeanParameterInfo parameter, int position) {
        Method method = method(operation);
        return method == null ? parameter.getName() : method.getParameters()[position].getName();
    }

    @Override
    protected String getDescription(MBeanOperationInfo operation, MBeanParameterInfo parameter, int position) {
        Method method = method(operation);
        return method == null
                ? parameter.getName()
                : text(method.getParameters()[position].getAnnotation(Description.class), parameter.getName());
    }

    private static String text(@Nullable Description description, String otherwise) {
        return description == null ? otherwise : description.value();
    }

    /** An MXBean's signature is of open types; the Java type is in each parameter's descriptor. */
    private @Nullable Method method(MBeanOperationInfo operation) {
        String[] wanted = Arrays.stream(operation.getSignature())
                .map(parameter -> String.valueOf(parameter.getDescriptor().getFieldValue("originalType")))
                .toArray(String[]::new);
        for (Method method : type.getMethods()) {
            String[] types = Arrays.stream(method.getParameters())
                    .map(Parameter::getParameterizedType)
                    .map(Type::getTypeName)
                    .toArray(String[]::new);
            if (method.getName().equals(operation.getName()) && Arrays.equals(wanted, types)) {
                return method;
            }
        }
        return null;
    }
}
