/** Makes one node match its spec, and reports what is. */
@NullMarked
package io.heddle.satellite;

import org.jspecify.annotations.NullMarked;
