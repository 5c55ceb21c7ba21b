/** The REST API in the dialect of LINSTOR's v1. */
@NullMarked
package io.heddle.rest;

import org.jspecify.annotations.NullMarked;
