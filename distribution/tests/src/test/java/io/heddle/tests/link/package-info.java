/** Both ends of the link against each other, over real sockets. */
@NullMarked
package io.heddle.tests.link;

import org.jspecify.annotations.NullMarked;
