/**
 * How REST v1 says what became of a request. Read {@link io.heddle.rest.reply.Answers} first.
 */
@NullMarked
package io.heddle.rest.reply;

import org.jspecify.annotations.NullMarked;
