package io.heddle.core.spec;

import io.heddle.core.model.DataMark;
import java.util.UUID;

/**
 * What an administrator has decided about a split brain between this node and one peer. Counts only while the volumes here
 * have the very content that was decided on.
 *
 * @param uuid identity of the word
 * @param discardHere whether the changes on this node go; if not, this node only connects again
 * @param mark what tells the content here when the word was given; of a side that keeps its data only the generations, and
 *     nothing without a disk
 * @param snapshot whether a snapshot of what goes is taken first
 */
public record SplitBrainAnswer(UUID uuid, boolean discardHere, DataMark mark, boolean snapshot) {}
