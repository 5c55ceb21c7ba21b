/** The desired state of the cluster: the use cases, the store, and the link out to the satellites. */
@NullMarked
package io.heddle.controller;

import org.jspecify.annotations.NullMarked;
