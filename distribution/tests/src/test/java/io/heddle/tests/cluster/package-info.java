/**
 * Whole clusters for tests: the lab, controllers and satellites as real processes that can be killed, and the cluster's
 * operations over JMX. Begin with {@link io.heddle.tests.cluster.TestCluster}. Needs no JUnit, so that programs can use it.
 */
package io.heddle.tests.cluster;
