/** The doors beside each other: what one says, the others say. */
@org.jspecify.annotations.NullMarked
package io.heddle.tests.doors;
