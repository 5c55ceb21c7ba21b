/** Where the desired state survives a crash. Read {@link io.heddle.controller.store.Store} first. */
@NullMarked
package io.heddle.controller.store;

import org.jspecify.annotations.NullMarked;
