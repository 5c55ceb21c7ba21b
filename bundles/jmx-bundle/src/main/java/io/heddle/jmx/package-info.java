/** The MBeans and the JMX connector on one port. */
@NullMarked
package io.heddle.jmx;

import org.jspecify.annotations.NullMarked;
