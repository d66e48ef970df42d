package carnelian.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Processor time that was spent in the kernel and outside of it, as the kernel counts it.
///
/// @param systemTicks in the kernel, in hundredths of a second
/// @param userTicks outside
record ProcessorTime(long systemTicks, long userTicks) {
  static final ProcessorTime NONE = new ProcessorTime(0, 0);

  private static final double TICKS_PER_SECOND = 100;

  // Of the fields behind the name, which may hold anything.
  private static final int USER_TICKS = 11;
  private static final int SYSTEM_TICKS = 12;

  static ProcessorTime ofProcess() {
    return read(Path.of("/proc/self/stat"));
  }

  static ProcessorTime ofThisThread() {
    return read(Path.of("/proc/thread-self/stat"));
  }

  private static ProcessorTime read(Path file) {
    try {
      String stat = Files.readString(file);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return new ProcessorTime(
          Long.parseLong(fields[SYSTEM_TICKS]), Long.parseLong(fields[USER_TICKS]));
    } catch (IOException _) {
      return NONE; // No such file: a system without /proc.
    }
  }

  String system() {
    return seconds(systemTicks);
  }

  String user() {
    return seconds(userTicks);
  }

  private static String seconds(long ticks) {
    return String.format(Locale.ROOT, "%.6f", ticks / TICKS_PER_SECOND);
  }
}
