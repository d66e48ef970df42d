package carnelian.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// MEMORY DOCTOR: what a report's figures mean, and what can be done.
final class MemoryDoctor {
  /// With less there is nothing to say.
  private static final long LEAST_BYTES = 5 << 20;

  private static final double HIGH_PEAK = 1.5;
  private static final double HIGH_FRAGMENTATION = 1.4;
  private static final long HIGH_FRAGMENTATION_BYTES = 10 << 20;
  private static final double HIGH_RETAINED = 1.1;
  private static final double HIGH_PROCESS = 1.4;
  private static final long HIGH_PROCESS_BYTES = 512L << 20;
  private static final long HIGH_CLIENT_BYTES = 200 << 10;

  private MemoryDoctor() {}

  static String diagnosis(MemoryReport report) {
    if (report.usedBytes() < LEAST_BYTES) {
      return "Hi Sam, this instance is empty or is using very little memory, so there is nothing to"
          + " examine. Come back when it holds more than 5 MB of data.\n";
    }
    List<String> findings = findings(report);
    if (findings.isEmpty()) {
      return "Hi Sam, I can't find any memory issue in your instance. I can only account for what"
          + " occurs on this base.\n";
    }
    StringBuilder text =
        new StringBuilder("Sam, I detected a few issues in this instance's memory:\n\n");
    for (String finding : findings) {
      text.append(" * ").append(finding).append("\n\n");
    }
    return text.toString();
  }

  private static List<String> findings(MemoryReport report) {
    List<String> findings = new ArrayList<>();
    if (report.peakBytes() > HIGH_PEAK * report.usedBytes()) {
      findings.add(
          text(
              "Peak memory: at its peak this instance used %.1f times what it uses now. Free memory"
                  + " is kept for a while; MEMORY PURGE gives it back to the operating system.",
              report.peakBytes() / (double) report.usedBytes()));
    }
    if (report.heap().fragmentation() > HIGH_FRAGMENTATION
        && report.heap().activeBytes() - report.heap().usedBytes() > HIGH_FRAGMENTATION_BYTES) {
      findings.add(
          text(
              "High allocator fragmentation: slabs take %.2f times what is used of them, after many"
                  + " keys of some sizes were deleted. New keys of those sizes fill the room;"
                  + " MEMORY MALLOC-STATS shows which.",
              report.heap().fragmentation()));
    }
    if (report.allocatorRssRatio() > HIGH_RETAINED
        && report.allocatorRssBytes() > HIGH_FRAGMENTATION_BYTES) {
      findings.add(
          text(
              "Retained memory: the allocator holds %.2f times what its slabs and large objects"
                  + " take: free runs, and pages preserved for a snapshot. MEMORY PURGE gives free"
                  + " runs back.",
              report.allocatorRssRatio()));
    }
    if (report.rssOverheadRatio() > HIGH_PROCESS
        && report.rssOverheadBytes() > HIGH_PROCESS_BYTES) {
      findings.add(
          text(
              "High process overhead: the process takes %.2f times what the allocator holds. Look"
                  + " at the JVM's own memory: used_memory_java_heap of INFO, and -Xmx.",
              report.rssOverheadRatio()));
    }
    if (report.clientBytes() > HIGH_CLIENT_BYTES) {
      findings.add(
          text(
              "Big client buffers: clients hold %d bytes of requests or of replies that they do not"
                  + " take. CLIENT LIST shows who.",
              report.clientBytes()));
    }
    return findings;
  }

  private static String text(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }
}
