package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "asks Linux's /proc")
final class BackgroundWorkTest {
  /// Its place in `/proc/thread-self/stat`, counted from what follows the name.
  private static final int NICE_FIELD = 16;

  @Test
  void work_runsAtLowerPriority() throws InterruptedException {
    AtomicReference<String> seen = new AtomicReference<>("");
    Thread thread = Thread.ofPlatform().unstarted(BackgroundWork.of(() -> seen.set(niceHere())));
    thread.start();
    thread.join();

    assertThat(seen.get()).isEqualTo("10");
  }

  @Test
  void work_leavesOtherThreadsAlone() throws InterruptedException {
    String before = niceHere();
    Thread thread = Thread.ofPlatform().unstarted(BackgroundWork.of(() -> {}));
    thread.start();
    thread.join();

    assertThat(niceHere()).isEqualTo(before);
  }

  private static String niceHere() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[NICE_FIELD];
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
