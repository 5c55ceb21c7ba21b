/** The satellite's side of the link, over WebSocket with mutual TLS and pinned keys. */
@NullMarked
package io.heddle.satellite.link;

import org.jspecify.annotations.NullMarked;
