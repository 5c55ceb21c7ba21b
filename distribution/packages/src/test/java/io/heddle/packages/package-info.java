/** Tests of the Debian packages and of the apt repository that the build makes. */
package io.heddle.packages;
