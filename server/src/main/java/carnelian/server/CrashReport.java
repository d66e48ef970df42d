package carnelian.server;

import carnelian.base.Version;
import carnelian.memory.ProcessEnd;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is left behind when the process dies of a fault or of a signal: the reason, the version,
/// what every thread was doing, and what the store says of itself. Nothing is saved on the way.
///
/// Any thread; the engine need not answer, and what hangs otherwise (a log that nobody reads, a
/// thread that does not stop to show its stack) delays the end for some seconds at most.
final class CrashReport {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReport.class);

  /// The end comes after that, with or without a report.
  private static final int LONGEST_SECONDS = 15;

  /// Exit codes of processes that a signal has ended are above this.
  private static final int SIGNALLED = 128;

  private CrashReport() {}

  /// Writes the report to the log. The caller ends the process. `store` is null if none is made.
  private static void write(String reason, @Nullable LastWords store) {
    ProcessEnd.within(LONGEST_SECONDS);
    // In two steps: the second needs more of the process to be in order.
    LOG.error("{}", opening(reason, store));
    String state = store == null ? "" : store.state();
    LOG.error("\n{}=== CARNELIAN BUG REPORT END ===", state);
  }

  private static String opening(String reason, @Nullable LastWords store) {
    StringBuilder report = new StringBuilder("\n=== CARNELIAN BUG REPORT START ===\n");
    report.append(reason).append('\n');
    report.append("Carnelian ").append(Version.CARNELIAN).append(", Java ");
    report.append(Runtime.version()).append('\n');
    Path file = store == null ? null : store.configFile();
    report.append("Configuration: ").append(file == null ? "no file" : file).append('\n');
    report.append("\n------ STACK TRACE ------\n");
    Thread engine = store == null ? null : store.engineThread();
    Comparator<Map.Entry<Thread, StackTraceElement[]>> order =
        Comparator.comparing(entry -> !entry.getKey().equals(engine));
    Thread.getAllStackTraces().entrySet().stream()
        .sorted(order.thenComparingLong(entry -> entry.getKey().threadId()))
        .forEach(entry -> append(report, entry.getKey(), entry.getValue(), engine));
    return report.toString();
  }

  private static void append(
      StringBuilder report, Thread thread, StackTraceElement[] stack, @Nullable Thread engine) {
    report.append(thread.getName()).append(thread.equals(engine) ? " (engine), " : ", ");
    report.append(thread.getState()).append('\n');
    for (StackTraceElement element : stack) {
      report.append("    at ").append(element).append('\n');
    }
  }

  /// Writes a report and ends the process for a fault that nobody caught.
  static void die(Throwable fault, @Nullable LastWords store) {
    LOG.error("Guru Meditation: {}", fault.toString(), fault);
    write("Uncaught fault: " + fault, store);
    Runtime.getRuntime().halt(1);
  }

  /// Ends the process by this signal, after a report if one is wanted.
  @SuppressWarnings("IllegalCatch")
  static void dieBySignal(int signal, String reason, boolean report, @Nullable LastWords store) {
    try {
      if (report) {
        write(reason, store);
      }
      ProcessEnd.by(signal);
    } catch (RuntimeException | Error e) {
      LOG.error("No more of the report", e);
    }
    Runtime.getRuntime().halt(SIGNALLED + signal);
  }
}
