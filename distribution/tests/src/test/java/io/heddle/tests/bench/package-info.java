/** The program {@code distribution/bench/bench}: measures the built appliance as it is used. Begin with {@code Bench}. */
@NullMarked
package io.heddle.tests.bench;

import org.jspecify.annotations.NullMarked;
