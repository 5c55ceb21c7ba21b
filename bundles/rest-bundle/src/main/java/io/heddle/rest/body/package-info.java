/**
 * Bodies of requests, read loosely: clients of REST v1 write numbers as texts, texts as numbers and leave out what they like.
 * Read {@link io.heddle.rest.body.RequestReader} first.
 */
@NullMarked
package io.heddle.rest.body;

import org.jspecify.annotations.NullMarked;
