package carnelian.interop;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same random calls of the libraries that scripts have, on redis-server and Carnelian: every
/// result, every error's text and the order of every table are equal. `-Dcarnelian.scripts.calls=N`
/// and `-Dcarnelian.scripts.seed=S` lengthen and vary it.
class ScriptLibrariesTest {
  private static final int CALLS = Integer.getInteger("carnelian.scripts.calls", 1_000);
  private static final long SEED = Long.getLong("carnelian.scripts.seed", 1);
  private static final int BATCH = 50;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void randomCalls_onBothServers_giveTheSame(ScriptCalls.Library library) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path theirs = Files.createDirectory(directory.resolve("redis"));
    try (ServerProcess redis = ServerProcess.redis(theirs);
        ServerProcess carnelian = ServerProcess.carnelian(ours);
        RespConnection oracle = redis.connect();
        RespConnection subject = carnelian.connect()) {
      ScriptCalls calls = new ScriptCalls(SEED);
      for (int done = 0; done < CALLS; done += BATCH) {
        List<String[]> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          batch.add(calls.next(library));
          oracle.send(batch.getLast());
          subject.send(batch.getLast());
        }
        oracle.flush();
        subject.flush();
        for (int i = 0; i < BATCH; i++) {
          RespValue expected = oracle.read();
          RespValue actual = subject.read();
          if (!expected.equals(actual)) {
            fail(
                "seed %d, call %d: %s%n  redis:     %s%n  carnelian: %s",
                SEED, done + i, show(batch.get(i)), expected, actual);
          }
        }
      }
    }
  }

  private static String show(String[] command) {
    StringBuilder shown = new StringBuilder();
    for (String word : command) {
      shown.append(' ');
      word.chars()
          .forEach(
              c -> {
                if (c < ' ' || c > '~' || c == '\\') {
                  shown.append(String.format("\\x%02x", c));
                } else {
                  shown.append((char) c);
                }
              });
    }
    return shown.toString();
  }
}
