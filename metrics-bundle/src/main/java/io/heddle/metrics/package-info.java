/** Metrics for Prometheus, answered from memory. */
@NullMarked
package io.heddle.metrics;

import org.jspecify.annotations.NullMarked;
