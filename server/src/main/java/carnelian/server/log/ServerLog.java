package carnelian.server.log;

import carnelian.base.Clock;
import carnelian.base.config.Choices.LogLevel;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// Where log lines go: standard output or a file, one write a line, in the order in which the calls
/// came.
///
/// ```
/// 4711:M 21 Nov 2026 05:10:00.123 * Ready to accept connections
/// pid  role                       weight: . debug, - verbose, * notice, # warning
/// ```
///
/// The file is opened for each line, as Redis does: rotation by renaming needs no signal, and a log
/// line is rare enough to afford it.
///
/// There is one log per process, as there is one standard output; this is the only static state
/// outside an instance. Thread: any.
public final class ServerLog {
  private static final ServerLog PROCESS = new ServerLog(Clock.system());
  private static final String[] MONTHS = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  private final Clock clock;
  private final long pid = ProcessHandle.current().pid();
  private final OutputStream standardOutput = new FileOutputStream(FileDescriptor.out);
  private final ZoneId zone = ZoneId.systemDefault();

  private volatile LogLevel least = LogLevel.NOTICE;
  private volatile char role = 'M';
  private volatile @Nullable Path file;

  ServerLog(Clock clock) {
    this.clock = clock;
  }

  /// The log of this process.
  public static ServerLog ofProcess() {
    return PROCESS;
  }

  /// Drops everything lighter from now on.
  public void level(LogLevel newLeast) {
    least = newLeast;
  }

  /// The letter after the pid: `M` primary, `S` replica, `X` Sentinel.
  public void role(char newRole) {
    role = newRole;
  }

  /// Writes to a file from now on; null for standard output.
  public void file(@Nullable Path newFile) {
    file = newFile;
  }

  boolean takes(LogLevel level) {
    return level.compareTo(least) >= 0;
  }

  void write(LogLevel level, String message, @Nullable Throwable cause) {
    if (!takes(level)) {
      return;
    }
    StringBuilder line = new StringBuilder(64 + message.length());
    line.append(pid).append(':').append(role).append(' ');
    timestamp(line, clock.wallMillis());
    line.append(' ').append(sign(level)).append(' ').append(message).append('\n');
    for (Throwable t = cause; t != null; t = t.getCause()) {
      stackTrace(line, t);
    }
    emit(line.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// Writes text as it is: the logo.
  public void raw(String text) {
    emit(text.getBytes(StandardCharsets.UTF_8));
  }

  private synchronized void emit(byte[] bytes) {
    Path path = file;
    if (path != null) {
      try (FileOutputStream out = new FileOutputStream(path.toFile(), true)) {
        out.write(bytes);
        return;
      } catch (IOException _) { // There is no better place to complain; do not lose the line too.
      }
    }
    try {
      standardOutput.write(bytes);
    } catch (IOException _) { // Nobody reads any more. A server goes on serving without its log.
    }
  }

  private void timestamp(StringBuilder line, long millis) {
    long seconds = Math.floorDiv(millis, 1000);
    ZoneOffset offset = zone.getRules().getOffset(Instant.ofEpochSecond(seconds));
    LocalDateTime at = LocalDateTime.ofEpochSecond(seconds, 0, offset);
    padded(line, at.getDayOfMonth(), 2).append(' ').append(MONTHS[at.getMonthValue() - 1]);
    line.append(' ').append(at.getYear()).append(' ');
    padded(line, at.getHour(), 2).append(':');
    padded(line, at.getMinute(), 2).append(':');
    padded(line, at.getSecond(), 2).append('.');
    padded(line, Math.floorMod(millis, 1000), 3);
  }

  private static StringBuilder padded(StringBuilder line, int number, int width) {
    String digits = Integer.toString(number);
    return line.repeat('0', width - digits.length()).append(digits);
  }

  private static char sign(LogLevel level) {
    return switch (level) {
      case DEBUG -> '.';
      case VERBOSE -> '-';
      case NOTICE -> '*';
      case WARNING -> '#';
    };
  }

  private static void stackTrace(StringBuilder line, Throwable cause) {
    line.append("    ").append(cause).append('\n');
    for (StackTraceElement element : cause.getStackTrace()) {
      line.append("        at ").append(element).append('\n');
    }
  }
}
