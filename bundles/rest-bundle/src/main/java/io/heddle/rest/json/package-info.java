/**
 * What REST v1 shows of the cluster: JSON written straight from the records of core. Read
 * {@link io.heddle.rest.json.ResourceJson} first.
 */
@NullMarked
package io.heddle.rest.json;

import org.jspecify.annotations.NullMarked;
