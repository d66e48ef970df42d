package carnelian.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the process takes of the machine's memory, as the kernel says.
final class ResidentMemory {
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final int RESIDENT_PAGES = 1;
  private static final long PAGE_BYTES = 4096;

  private ResidentMemory() {}

  /// Resident bytes; 0 where the kernel does not tell.
  static long bytes() {
    try {
      String[] fields = Files.readString(STATM).split(" ", -1);
      return Long.parseLong(fields[RESIDENT_PAGES]) * PAGE_BYTES;
    } catch (IOException _) {
      return 0; // No such file: a system without /proc.
    }
  }
}
