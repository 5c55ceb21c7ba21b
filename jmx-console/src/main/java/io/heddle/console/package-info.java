/** The command line {@code heddle}: a JMX client outside the container. */
@NullMarked
package io.heddle.console;

import org.jspecify.annotations.NullMarked;
