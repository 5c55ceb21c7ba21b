package io.heddle.console;

import picocli.CommandLine.Command;

@Command(
        name = "resource-group",
        aliases = "rg",
        description = "Templates that resource definitions follow; DfltRscGrp where none is named.")
final class ResourceGroupCommands extends Group {}
