/** The controller's side of the link, over WebSocket with mutual TLS and pinned keys. */
@NullMarked
package io.heddle.controller.link;

import org.jspecify.annotations.NullMarked;
