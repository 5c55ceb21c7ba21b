package io.heddle.core.management;

/**
 * One sentence of an answer.
 *
 * @param severity SUCCESS, INFO or WARNING
 * @param message the sentence
 * @param code stable code behind a warning, empty text otherwise
 * @param why the reason behind a warning, empty text otherwise
 * @param correction what to do about a warning, empty text otherwise
 */
public record ReplyRow(String severity, String message, String code, String why, String correction) {}
