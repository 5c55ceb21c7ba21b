package io.heddle.tests.soak;

import io.heddle.core.management.ResourceDefinitionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the controller has acknowledged, so what has to be true whatever is killed. May be used by many threads. */
final class Ledger {
    /**
     * What is known of one resource.
     *
     * @param present whether its creation was acknowledged, and no deletion begun
     * @param settled whether no operation on it is in flight, so that it has to be just so
     * @param change counts its changes
     */
    private record Entry(boolean present, boolean settled, long change) {}

    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final SortedMap<String, byte[]> contents = new TreeMap<>();
    private int creations;
    private int deletions;
    private int repeated;
    private int audits;
    private int readBack;

    /** An operation on a resource is about to be asked for: until it is acknowledged, all is possible. */
    synchronized void begin(String resource) {
        Entry before = entries.getOrDefault(resource, new Entry(false, true, 0));
        entries.put(resource, new Entry(before.present(), false, before.change() + 1));
        contents.remove(resource);
    }

    /** Its creation was acknowledged. */
    synchronized void created(String resource) {
        creations++;
        end(resource, true);
    }

    /** Its deletion was acknowledged. */
    synchronized void deleted(String resource) {
        deletions++;
        end(resource, false);
    }

    private void end(String resource, boolean present) {
        entries.computeIfPresent(resource, (name, entry) -> new Entry(present, true, entry.change() + 1));
    }

    /** These bytes were written to its device, and synced. */
    synchronized void written(String resource, byte[] content) {
        contents.put(resource, content.clone());
    }

    synchronized Optional<byte[]> content(String resource) {
        return Optional.ofNullable(contents.get(resource)).map(byte[]::clone);
    }

    synchronized void repeated() {
        repeated++;
    }

    synchronized void readBack() {
        readBack++;
    }

    /** Resources whose creation was acknowledged and that nobody has begun to delete. */
    synchronized SortedSet<String> present() {
        return entries.entrySet().stream()
                .filter(entry -> entry.getValue().present())
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    synchronized int creations() {
        return creations;
    }

    synchronized int deletions() {
        return deletions;
    }

    /** Remembers how things stand, to be compared with what the controller says afterwards. */
    synchronized Audit audit() {
        audits++;
        return new Audit(new TreeMap<>(entries));
    }

    private synchronized Optional<Entry> entry(String resource) {
        return Optional.ofNullable(entries.get(resource));
    }

    /** What had to be true at one moment. */
    final class Audit {
        private final SortedMap<String, Entry> before;

        private Audit(SortedMap<String, Entry> before) {
            this.before = before;
        }

        /** What of that is wrong in a list that was asked for later; what has changed meanwhile is left out. */
        List<String> wrong(List<ResourceDefinitionRow> listed) {
            List<String> wrong = new ArrayList<>();
            before.forEach((resource, entry) -> {
                if (!entry.settled() || !entry(resource).equals(Optional.of(entry))) {
                    return;
                }
                // Beside it there may be earlier ones of its name that are still being deleted.
                List<ResourceDefinitionRow> found = listed.stream()
                        .filter(row ->
                                row.resource().equals(resource) && !row.state().equals("DELETING"))
                        .toList();
                boolean whole = found.size() == 1
                        && found.get(0).volumes() == 1
                        && found.get(0).resources() >= 1;
                if (entry.present() && !whole) {
                    wrong.add("the creation of " + resource + " was acknowledged, and it is " + found);
                } else if (!entry.present() && !found.isEmpty()) {
                    wrong.add("the deletion of " + resource + " was acknowledged, and it is " + found);
                }
            });
            return wrong;
        }
    }

    @Override
    public synchronized String toString() {
        return creations + " creations and " + deletions + " deletions acknowledged, " + repeated + " calls repeated, "
                + audits + " audits, " + readBack + " volumes read back";
    }
}
