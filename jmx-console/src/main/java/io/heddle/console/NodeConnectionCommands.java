package io.heddle.console;

import picocli.CommandLine.Command;

@Command(name = "node-connection", aliases = "nc", description = "All connections between two nodes.")
final class NodeConnectionCommands extends Group {}
