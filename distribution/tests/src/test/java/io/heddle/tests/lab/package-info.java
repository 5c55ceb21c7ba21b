/** The main job, end to end, in the lab: real kernels, real LVM, real DRBD, power cuts. */
package io.heddle.tests.lab;
