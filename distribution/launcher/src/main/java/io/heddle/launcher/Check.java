package io.heddle.launcher;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What values a setting takes. A refusal is the end of the sentence "VALUE is refused: ...". */
enum Check {
    ROLES {
        @Override
        boolean allows(String value) {
            List<String> known = Arrays.stream(Role.values()).map(Role::word).toList();
            List<String> words = list(value);
            return !words.isEmpty() && known.containsAll(words);
        }

        @Override
        String rule() {
            return "it has to be controller, satellite, or controller,satellite";
        }
    },
    NODE_NAME {
        @Override
        boolean allows(String value) {
            return value.isEmpty() || HOST_NAME.matcher(value).matches();
        }

        @Override
        String rule() {
            return "a node name is 1 to 128 letters, digits, '-' and '.', with a letter or digit at both ends";
        }
    },
    DIRECTORY {
        @Override
        boolean allows(String value) {
            try {
                return Path.of(value).isAbsolute();
            } catch (InvalidPathException noPath) {
                return false;
            }
        }

        @Override
        String rule() {
            return "it has to be an absolute path, such as /var/lib/heddle";
        }
    },
    PATTERN {
        @Override
        boolean allows(String value) {
            try {
                return Pattern.compile(value).pattern().equals(value);
            } catch (PatternSyntaxException badSyntax) {
                return false;
            }
        }

        @Override
        String rule() {
            return "it is not a regular expression";
        }
    },
    ADDRESS {
        @Override
        boolean allows(String value) {
            return addressBytes(value) > 0;
        }

        @Override
        String rule() {
            return "it has to be an IP address, such as 10.1.0.11 or fd00::11, or 0.0.0.0 for all";
        }
    },
    PORT {
        @Override
        boolean allows(String value) {
            return isNumberUpTo(value, 65535);
        }

        @Override
        String rule() {
            return "a port is a number from 1 to 65535, or 0 for any free one";
        }
    },
    ENCRYPTION {
        @Override
        boolean allows(String value) {
            return value.equals("TLS") || value.equals("PLAIN");
        }

        @Override
        String rule() {
            return "it has to be TLS or PLAIN";
        }
    },
    NETWORKS {
        @Override
        boolean allows(String value) {
            for (String network : list(value)) {
                String[] halves = network.split("/", -1);
                int bytes = addressBytes(halves[0]);
                if (halves.length != 2 || bytes == 0 || !isNumberUpTo(halves[1], bytes * 8)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        String rule() {
            return "it has to be networks with commas between, such as 10.1.0.0/16,fd00::/8";
        }
    },
    HEARTBEAT(1, 60),
    LOST_AFTER(3, 600),
    ANSWER_WITHIN(1, 3600),
    LOG_LEVEL {
        @Override
        boolean allows(String value) {
            return LogLevel.ofWord(value).isPresent();
        }

        @Override
        String rule() {
            return "it has to be ERROR, WARN, INFO, DEBUG or TRACE";
        }
    };

    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}[A-Za-z0-9])?");
    // Only such text is given to InetAddress, which would ask a name server about anything else.
    private static final Pattern ADDRESS_TEXT =
            Pattern.compile("(?:\\d{1,3}\\.){3}\\d{1,3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private final int least;
    private final int most;

    /** Has rules of its own. */
    Check() {
        this(0, 0);
    }

    /** Takes whole seconds within bounds. */
    Check(int least, int most) {
        this.least = least;
        this.most = most;
    }

    boolean allows(String value) {
        return isNumber(value, least, most);
    }

    String rule() {
        return "it has to be a whole number of seconds from " + least + " to " + most;
    }

    Optional<String> problem(String value) {
        return allows(value) ? Optional.empty() : Optional.of(rule());
    }

    /** The parts of a list with commas between; none of an empty text. */
    static List<String> list(String value) {
        return value.isBlank()
                ? List.of()
                : Arrays.stream(value.split(",", -1)).map(String::strip).toList();
    }

    private static boolean isNumberUpTo(String text, int most) {
        return isNumber(text, 0, most);
    }

    private static boolean isNumber(String text, int least, int most) {
        return text.matches("\\d{1,5}") && Integer.parseInt(text) >= least && Integer.parseInt(text) <= most;
    }

    /** 4 or 16 for the text of an IP address, 0 for any other text. */
    private static int addressBytes(String text) {
        if (!ADDRESS_TEXT.matcher(text).matches()) {
            return 0;
        }
        try {
            return InetAddress.getByName(text).getAddress().length;
        } catch (UnknownHostException noAddress) {
            return 0;
        }
    }
}
