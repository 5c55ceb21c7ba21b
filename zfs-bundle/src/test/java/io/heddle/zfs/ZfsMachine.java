package io.heddle.zfs;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A machine with ZFS, as far as the driver can see one: its commands answer in the words that were recorded from real ones, and
 * its devices are files in a folder. It refuses any command that the driver has no business with, and can lose power before,
 * after and in the middle of any.
 */
final class ZfsMachine implements CommandRunner {
    /** Where in a command the power fails. */
    enum Cut {
        BEFORE,
        /** For what ZFS does in two transactions: the dataset is there, its properties are not. */
        WITHIN,
        AFTER
    }

    static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    record Value(String value, String source) {}

    final Path root;
    final Map<String, Map<String, Value>> datasets = new TreeMap<>();
    final Map<String, String> zpools = new TreeMap<>();
    final Set<String> open = new HashSet<>();
    final List<String> ran = new ArrayList<>();
    long space = 1L << 30;
    boolean udev = true;

    private int powerFailsAt = -1;
    private Cut cut = Cut.BEFORE;
    private int changes;
    private int transactions;
    private int minors;
    private final Map<String, String> devices = new TreeMap<>();

    ZfsMachine(Path root) {
        this.root = root;
        zpools.put("tank", "ONLINE");
        add("tank", "filesystem");
        add("tank/vols", "filesystem");
        write("lib/udev/zvol_id", "");
        write("run/udev/control", "");
    }

    private void write(String file, String text) {
        try {
            Path path = root.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Value> add(String name, String type) {
        TreeMap<String, Value> values = new TreeMap<>();
        datasets.put(name, values);
        values.put("type", new Value(type, "-"));
        values.put("createtxg", new Value(Integer.toString(++transactions), "-"));
        return values;
    }

    /** A zvol that somebody else made. */
    void addForeignVolume(String name, long size) {
        Map<String, Value> values = add(name, "volume");
        values.put("volsize", new Value(Long.toString(size), "local"));
        values.put("volblocksize", new Value("8192", "default"));
    }

    void set(String name, String property, String value) {
        datasets.get(name).put(property, new Value(value, "local"));
    }

    String value(String name, String property) {
        return shown(name, property).value();
    }

    /** The power fails at a change, counted from now. */
    void failAt(int change, Cut where) {
        changes = 0;
        powerFailsAt = change;
        cut = where;
    }

    /** The power is back: devices have other numbers, and come again where they are to be. */
    void reboot() {
        powerFailsAt = -1;
        open.clear();
        for (String dataset : List.copyOf(devices.keySet())) {
            removeDevice(dataset);
        }
        datasets.forEach((name, values) -> {
            if (values.get("type").value().equals("volume")
                    && !shown(name, "volmode").value().equals("none")) {
                makeDevice(name);
            }
        });
    }

    @Override
    public CommandResult run(Command command) {
        ran.add(command.text());
        List<String> words = command.arguments();
        if (command.changes()) {
            changes++;
            boolean fails = changes == powerFailsAt;
            if (fails && cut == Cut.BEFORE) {
                throw new PowerCut();
            }
            CommandResult result = change(command, fails && cut == Cut.WITHIN);
            if (fails) {
                throw new PowerCut();
            }
            return result;
        }
        if (words.get(0).endsWith("/zvol_id")) {
            String device = words.get(1).substring("/dev/".length());
            return devices.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(device))
                    .map(entry -> said(command, 0, entry.getKey() + "\n", ""))
                    .findFirst()
                    .orElseGet(() -> said(command, 1, "", "Unable to open device\n"));
        }
        if (command.text().startsWith("zpool list -Hp -o name,size,alloc,free,cap,health,guid,ashift ")) {
            return zpoolList(command, words.subList(5, words.size()));
        }
        if (command.text().startsWith("zfs get -Hp ")) {
            return get(command, words);
        }
        throw new AssertionError("nobody expected '" + command.text() + "'");
    }

    private CommandResult zpoolList(Command command, List<String> names) {
        StringBuilder out = new StringBuilder();
        StringBuilder err = new StringBuilder();
        for (String name : names) {
            if (zpools.containsKey(name)) {
                out.append(String.join("\t", name, "603979776", "130048", "603849728", "0", zpools.get(name), "1", "0"))
                        .append('\n');
            } else {
                err.append("cannot open '").append(name).append("': no such pool\n");
            }
        }
        return said(command, err.isEmpty() ? 0 : 1, out.toString(), err.toString());
    }

    private CommandResult get(Command command, List<String> words) {
        int at = 3;
        boolean children = false;
        List<String> types = List.of("filesystem", "volume", "snapshot");
        while (words.get(at).startsWith("-")) {
            switch (words.get(at)) {
                case "-d" -> children = words.get(at + 1).equals("1");
                case "-t" -> types = List.of(words.get(at + 1).split(","));
                default -> {
                    if (!words.get(at).equals("-o")) {
                        throw new AssertionError("nobody expected '" + command.text() + "'");
                    }
                }
            }
            at += 2;
        }
        List<String> properties = List.of(words.get(at).split(","));
        StringBuilder out = new StringBuilder();
        StringBuilder err = new StringBuilder();
        for (String name : words.subList(at + 1, words.size())) {
            if (!zpools.containsKey(name.split("/", 2)[0]) || !datasets.containsKey(name)) {
                err.append("cannot open '").append(name).append("': dataset does not exist\n");
                continue;
            }
            for (String found : datasets.keySet()) {
                boolean meant = found.equals(name) || (children && parent(found).equals(name));
                if (meant && types.contains(datasets.get(found).get("type").value())) {
                    properties.forEach(property -> out.append(String.join(
                                    "\t",
                                    found,
                                    property,
                                    shown(found, property).value(),
                                    shown(found, property).source()))
                            .append('\n'));
                }
            }
        }
        return said(command, err.isEmpty() ? 0 : 1, out.toString(), err.toString());
    }

    private static String parent(String name) {
        int at = name.indexOf('@');
        return at >= 0 ? name.substring(0, at) : name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
    }

    private Value shown(String name, String property) {
        Value own = datasets.get(name).get(property);
        if (own != null) {
            return own;
        }
        boolean volume = datasets.get(name).get("type").value().equals("volume");
        switch (property) {
            case "clones" -> {
                List<String> clones = datasets.entrySet().stream()
                        .filter(entry -> entry.getValue().containsKey("origin")
                                && entry.getValue().get("origin").value().equals(name))
                        .map(Map.Entry::getKey)
                        .toList();
                return new Value(String.join(",", clones), "-");
            }
            case "available" -> {
                return new Value(Long.toString(space - reserved()), "-");
            }
            case "used" -> {
                return new Value(volume ? Long.toString(Math.max(12288, reservation(name))) : "24576", "-");
            }
            case "volsize", "volblocksize", "origin", "createtxg", "keystatus", "defer_destroy" -> {
                return new Value("-", "-");
            }
            case "refreservation", "quota" -> {
                return new Value("0", "default");
            }
            default -> {
                String parent = parent(name);
                if (!parent.isEmpty() && datasets.containsKey(parent)) {
                    Value above = shown(parent, property);
                    return above.source().equals("local")
                            ? new Value(above.value(), "inherited from " + parent)
                            : above;
                }
                return property.contains(":")
                        ? new Value("-", "-")
                        : new Value(property.equals("sync") ? "standard" : "default", "default");
            }
        }
    }

    private long reservation(String name) {
        Value value = datasets.get(name).get("refreservation");
        return value == null ? 0 : Long.parseLong(value.value());
    }

    private long reserved() {
        return datasets.keySet().stream().mapToLong(this::reservation).sum();
    }

    private CommandResult change(Command command, boolean halfOnly) {
        List<String> words = command.arguments();
        return switch (words.get(0) + " " + words.get(1)) {
            case "zfs create" -> create(command, words, halfOnly);
            case "zfs set" -> set(command, words);
            case "zfs rename" -> rename(command, words.get(2), words.get(3), words.size() == 4);
            case "zfs destroy" ->
                words.get(2).equals("-d")
                        ? destroyLater(command, words.get(3))
                        : destroy(command, words.get(2), words.size() == 3);
            case "zfs snapshot" -> snapshot(command, words);
            case "zfs clone" -> cloneOf(command, words, halfOnly);
            case "zfs promote" -> promote(command, words.get(2));
            default -> throw new AssertionError("nobody expected '" + command.text() + "'");
        };
    }

    private CommandResult create(Command command, List<String> words, boolean halfOnly) {
        String name = words.get(words.size() - 1);
        TreeMap<String, Value> values = new TreeMap<>();
        TreeMap<String, Value> later = new TreeMap<>();
        boolean thin = false;
        for (int i = 2; i < words.size() - 1; i++) {
            switch (words.get(i)) {
                case "-s" -> thin = true;
                case "-b" -> values.put("volblocksize", new Value(words.get(++i), "-"));
                case "-V" -> values.put("volsize", new Value(words.get(++i), "local"));
                case "-o" ->
                    later.put(
                            words.get(i + 1).split("=", 2)[0],
                            new Value(words.get(++i).split("=", 2)[1], "local"));
                default -> throw new AssertionError("nobody expected '" + command.text() + "'");
            }
        }
        if (datasets.containsKey(name)) {
            return said(command, 1, "", "cannot create '" + name + "': dataset already exists\n");
        }
        if (!datasets.containsKey(parent(name))) {
            return said(command, 1, "", "cannot create '" + name + "': parent does not exist\n");
        }
        long size = Long.parseLong(values.get("volsize").value());
        if (!thin) {
            later.put("refreservation", new Value(Long.toString(size + size / 16), "local"));
            if (space - reserved() < size + size / 16) {
                return said(command, 1, "", "cannot create '" + name + "': out of space\n");
            }
        }
        add(name, "volume").putAll(values);
        if (!halfOnly) {
            datasets.get(name).putAll(later);
        }
        device(name);
        return said(command, 0, "", "");
    }

    private CommandResult set(Command command, List<String> words) {
        String name = words.get(words.size() - 1);
        if (!datasets.containsKey(name)) {
            return said(command, 1, "", "cannot open '" + name + "': dataset does not exist\n");
        }
        for (String assignment : words.subList(2, words.size() - 1)) {
            String property = assignment.split("=", 2)[0];
            String value = assignment.split("=", 2)[1];
            if (property.equals("refreservation") && value.equals("auto")) {
                long size = Long.parseLong(value(name, "volsize"));
                if (space - reserved() + reservation(name) < size + size / 16) {
                    return said(
                            command,
                            1,
                            "",
                            "cannot set property for '" + name + "': size is greater than available space\n");
                }
                value = Long.toString(size + size / 16);
            }
            if (property.equals("volsize") && reservation(name) > 0) {
                // ZFS takes the reservation along; where it does not fit, nothing is changed.
                long reserved = Long.parseLong(value) + Long.parseLong(value) / 16;
                if (space - reserved() + reservation(name) < reserved) {
                    return said(
                            command,
                            1,
                            "",
                            "cannot set property for '" + name + "': size is greater than available space\n");
                }
                set(name, "refreservation", Long.toString(reserved));
            }
            set(name, property, value);
        }
        device(name);
        return said(command, 0, "", "");
    }

    private CommandResult rename(Command command, String from, String to, boolean plain) {
        if (!plain || datasets.containsKey(to)) {
            return said(command, 1, "", "cannot rename '" + from + "': dataset already exists\n");
        }
        datasets.put(to, datasets.remove(from));
        if (devices.containsKey(from)) {
            removeDevice(from);
            makeDevice(to);
        }
        return said(command, 0, "", "");
    }

    private CommandResult destroyLater(Command command, String name) {
        if (datasets.containsKey(name) && !shown(name, "clones").value().isEmpty()) {
            set(name, "defer_destroy", "on");
            return said(command, 0, "", "");
        }
        return destroy(command, name, true);
    }

    private CommandResult destroy(Command command, String name, boolean plain) {
        if (!plain) {
            throw new AssertionError("nobody expected '" + command.text() + "'");
        }
        if (!datasets.containsKey(name)) {
            return said(command, 1, "", "cannot open '" + name + "': dataset does not exist\n");
        }
        if (open.contains(name)) {
            return said(command, 1, "", "cannot destroy '" + name + "': dataset is busy\n");
        }
        if (datasets.keySet().stream().anyMatch(other -> parent(other).equals(name))) {
            return said(command, 1, "", "cannot destroy '" + name + "': volume has children\n");
        }
        removeDevice(name);
        Value origin = datasets.remove(name).get("origin");
        if (origin != null
                && value(origin.value(), "defer_destroy").equals("on")
                && shown(origin.value(), "clones").value().isEmpty()) {
            datasets.remove(origin.value());
        }
        return said(command, 0, "", "");
    }

    private CommandResult snapshot(Command command, List<String> words) {
        int first = 2;
        while (words.get(first).equals("-o")) {
            first += 2;
        }
        List<String> names = words.subList(first, words.size());
        for (String name : names) {
            if (datasets.containsKey(name)) {
                return said(
                        command,
                        1,
                        "",
                        "cannot create snapshot '" + name + "': dataset already exists\n"
                                + (names.size() == 1 ? "" : "no snapshots were created\n"));
            }
        }
        // Unlike create and clone, one transaction.
        for (String name : names) {
            add(name, "snapshot");
            assign(name, words.subList(2, first));
        }
        return said(command, 0, "", "");
    }

    private void assign(String name, List<String> options) {
        for (int i = 0; i < options.size(); i += 2) {
            set(name, options.get(i + 1).split("=", 2)[0], options.get(i + 1).split("=", 2)[1]);
        }
    }

    private CommandResult cloneOf(Command command, List<String> words, boolean halfOnly) {
        String name = words.get(words.size() - 1);
        String snapshot = words.get(words.size() - 2);
        if (datasets.containsKey(name)) {
            return said(command, 1, "", "cannot create '" + name + "': dataset already exists\n");
        }
        Map<String, Value> values = add(name, "volume");
        values.put("origin", new Value(snapshot, "-"));
        values.put("volsize", datasets.get(parent(snapshot)).get("volsize"));
        values.put("volblocksize", datasets.get(parent(snapshot)).get("volblocksize"));
        if (!halfOnly) {
            assign(name, words.subList(2, words.size() - 2));
        }
        device(name);
        return said(command, 0, "", "");
    }

    private CommandResult promote(Command command, String name) {
        String snapshot = value(name, "origin");
        String origin = parent(snapshot);
        int age = Integer.parseInt(value(snapshot, "createtxg"));
        for (String found : List.copyOf(datasets.keySet())) {
            if (parent(found).equals(origin) && Integer.parseInt(value(found, "createtxg")) <= age) {
                String moved = name + found.substring(found.indexOf('@'));
                datasets.put(moved, datasets.remove(found));
                datasets.values().stream()
                        .filter(values -> values.containsKey("origin")
                                && values.get("origin").value().equals(found))
                        .forEach(values -> values.put("origin", new Value(moved, "-")));
            }
        }
        // It stands now on what its origin stood on.
        Value below = datasets.get(origin).get("origin");
        datasets.get(name).remove("origin");
        if (below != null) {
            datasets.get(name).put("origin", below);
        }
        datasets.get(origin).put("origin", new Value(name + snapshot.substring(snapshot.indexOf('@')), "-"));
        return said(command, 0, "", "");
    }

    /** Brings the device to what the properties say; one that is open stays. */
    private void device(String name) {
        if (value(name, "volmode").equals("none")) {
            if (!open.contains(name)) {
                removeDevice(name);
            }
        } else if (devices.containsKey(name)) {
            writeSize(name);
        } else {
            makeDevice(name);
        }
    }

    void makeDevice(String name) {
        devices.put(name, "zd" + 16 * minors++);
        write("dev/" + devices.get(name), "");
        writeSize(name);
        if (udev) {
            try {
                Path link = root.resolve("dev/zvol").resolve(name);
                Files.createDirectories(link.getParent());
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, root.resolve("dev").resolve(devices.get(name)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void writeSize(String name) {
        write("sys/block/" + devices.get(name) + "/size", Long.parseLong(value(name, "volsize")) / 512 + "\n");
    }

    private void removeDevice(String name) {
        String device = devices.remove(name);
        if (device == null) {
            return;
        }
        try {
            Files.delete(root.resolve("sys/block/" + device + "/size"));
            Files.delete(root.resolve("sys/block/" + device));
            Files.delete(root.resolve("dev/" + device));
            if (udev) {
                Files.deleteIfExists(root.resolve("dev/zvol").resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String device(Path link) {
        try {
            return link.toRealPath().getFileName().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String deviceOf(String dataset) {
        return devices.getOrDefault(dataset, "");
    }

    private static CommandResult said(Command command, int exit, String out, String err) {
        return new CommandResult(command, exit, out, err, Duration.ofMillis(1));
    }

    @Override
    public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
        throw new AssertionError("nobody expected '" + command.text() + "' to be started");
    }
}
