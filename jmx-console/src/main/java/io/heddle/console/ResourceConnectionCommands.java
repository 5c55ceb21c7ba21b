package io.heddle.console;

import picocli.CommandLine.Command;

@Command(
        name = "resource-connection",
        aliases = "rc",
        description = "The connection of a resource between two nodes.",
        subcommands = PathCommands.class)
final class ResourceConnectionCommands extends Group {}
