package io.heddle.core.cluster;

/** What a use case does to its object. */
public enum Action {
    CREATE,
    MODIFY,
    DELETE
}
