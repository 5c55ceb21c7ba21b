/** A cluster of one node on this machine itself, end to end: files on loop devices. */
package io.heddle.tests.machine;
