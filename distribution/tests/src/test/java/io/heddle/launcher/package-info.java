/** Opens the launcher to the tests of the whole. */
package io.heddle.launcher;
