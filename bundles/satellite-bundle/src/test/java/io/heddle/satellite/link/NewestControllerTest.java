package io.heddle.satellite.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.spec.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestControllerTest {
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    @TempDir
    Path directory;

    private NewestController open() {
        return new NewestController(directory);
    }

    @Test
    void whoWasLetInCountsAfterARestart() {
        assertTrue(open().accepts(new SpecVersion(1, FIRST, 1)));
        open().letIn(new SpecVersion(6, FIRST, 10));

        assertFalse(open().accepts(new SpecVersion(5, FIRST, 100)));
        assertFalse(open().accepts(new SpecVersion(6, SECOND, 100)));
        assertTrue(open().accepts(new SpecVersion(6, FIRST, 1)));
        assertTrue(open().accepts(new SpecVersion(7, SECOND, 1)));
    }

    @Test
    void whatIsForgottenStaysForgotten() {
        NewestController newest = open();
        newest.letIn(new SpecVersion(6, FIRST, 10));

        newest.forget();

        assertEquals(Optional.empty(), open().version());
        assertTrue(open().accepts(new SpecVersion(1, SECOND, 1)));
    }

    @Test
    void oneThatComesAgainCostsNoWrite() throws IOException {
        NewestController newest = open();
        newest.letIn(new SpecVersion(6, FIRST, 10));
        Files.delete(directory.resolve(NewestController.FILE));

        newest.letIn(new SpecVersion(6, FIRST, 11));

        assertFalse(Files.exists(directory.resolve(NewestController.FILE)));
    }

    @Test
    void whatCannotBeReadLetsNobodyInUnchecked() throws IOException {
        Files.writeString(directory.resolve(NewestController.FILE), "{torn");

        assertEquals(
                ErrorCode.FILE_FAILED,
                assertThrows(HeddleException.class, this::open).code());
    }
}
