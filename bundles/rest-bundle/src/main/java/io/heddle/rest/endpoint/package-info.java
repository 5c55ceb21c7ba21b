/**
 * The paths of REST v1, one class for each kind of object. Read {@link io.heddle.rest.endpoint.ResourceDefinitionEndpoint} first.
 */
@NullMarked
package io.heddle.rest.endpoint;

import org.jspecify.annotations.NullMarked;
