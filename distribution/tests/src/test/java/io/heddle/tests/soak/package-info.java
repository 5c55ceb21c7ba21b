/**
 * Everything is killed at random moments while volumes are made and deleted, and afterwards nothing that was acknowledged may
 * be missing and nothing may be left over. {@link io.heddle.tests.soak.Soak} is the program; the tests here run a
 * short part of it.
 */
package io.heddle.tests.soak;
