package carnelian.server;

import carnelian.base.Version;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is left behind when the process dies of a fault: the reason, the version and what every
/// thread was doing.
public final class CrashReport {
  private static final Logger LOG = LoggerFactory.getLogger(CrashReport.class);

  private CrashReport() {}

  /// Writes the report to the log. The caller ends the process.
  public static void write(String reason) {
    StringBuilder report = new StringBuilder("\n=== CARNELIAN BUG REPORT START ===\n");
    report.append(reason).append('\n');
    report.append("Carnelian ").append(Version.CARNELIAN).append(", Java ");
    report.append(Runtime.version()).append("\n------ STACK TRACE ------\n");
    for (Map.Entry<Thread, StackTraceElement[]> entry : Thread.getAllStackTraces().entrySet()) {
      report.append(entry.getKey().getName()).append('\n');
      for (StackTraceElement element : entry.getValue()) {
        report.append("    at ").append(element).append('\n');
      }
    }
    LOG.error("{}=== CARNELIAN BUG REPORT END ===", report);
  }

  /// Writes a report and ends the process for a fault that nobody caught.
  public static void die(Throwable fault) {
    LOG.error("Guru Meditation: {}", fault.toString(), fault);
    write("Uncaught fault: " + fault);
    Runtime.getRuntime().halt(1);
  }
}
