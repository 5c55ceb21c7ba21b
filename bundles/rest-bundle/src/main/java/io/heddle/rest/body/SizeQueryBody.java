package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * A question for what there is room for. How old the answer may be is not looked at: it is of what was seen last.
 *
 * @param selectFilter what would be placed otherwise than the group says
 */
public record SizeQueryBody(@Nullable SelectFilterBody selectFilter) {}
