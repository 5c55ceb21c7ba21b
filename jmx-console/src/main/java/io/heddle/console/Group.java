package io.heddle.console;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.Bytes;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A word that only leads on to other words: alone, it shows its help. */
abstract class Group implements Runnable {
    private static final int WIDTH = 60;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "heddle: say what to do: one of the commands below");
    }

    static boolean matches(@Nullable List<String> wanted, String name) {
        return wanted == null || wanted.stream().anyMatch(name::equalsIgnoreCase);
    }

    static <R> R one(List<R> rows, Predicate<R> wanted, String noun) {
        return rows.stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID_INPUT,
                        "cannot find " + noun,
                        "there is none of that name",
                        "see the list of what there is"));
    }

    /** Breaks a sentence into lines that fit a column. */
    static String wrap(String sentence) {
        StringBuilder text = new StringBuilder();
        int column = 0;
        for (String word : sentence.split(" ", -1)) {
            if (column > 0 && column + word.length() > WIDTH) {
                text.append('\n');
                column = 0;
            } else if (column > 0) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        return text.toString();
    }

    /** Bytes for people; unknown (-1) is empty. */
    static String size(long bytes) {
        return bytes < 0 ? "" : new Bytes(bytes).toString();
    }
}
