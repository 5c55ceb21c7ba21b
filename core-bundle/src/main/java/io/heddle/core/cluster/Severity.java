package io.heddle.core.cluster;

/** How grave a reply is. */
public enum Severity {
    SUCCESS,
    INFO,
    WARNING,
    ERROR
}
