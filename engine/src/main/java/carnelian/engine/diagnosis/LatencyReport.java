package carnelian.engine.diagnosis;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The texts of LATENCY GRAPH and LATENCY DOCTOR.
final class LatencyReport {
  private static final int GRAPH_WIDTH = 80;
  private static final int GRAPH_ROWS = 4;

  /// Heights that one row of the graph tells apart, lowest first.
  private static final String STEPS = "_o#";

  private LatencyReport() {}

  // ---- LATENCY GRAPH ---------------------------------------------------------------------------

  /// One column for each sample, its age beneath.
  static String graph(LatencyMonitor.Series series, long nowSeconds) {
    int columns = Math.min(series.count(), GRAPH_WIDTH);
    int first = series.count() - columns;
    long high = 0;
    long low = Long.MAX_VALUE;
    for (int i = first; i < series.count(); i++) {
      high = Math.max(high, series.millis(i));
      low = Math.min(low, series.millis(i));
    }
    StringBuilder graph = new StringBuilder();
    graph
        .append(series.event())
        .append(" - high ")
        .append(high)
        .append(" ms, low ")
        .append(low)
        .append(" ms (all time high ")
        .append(series.worstMillis())
        .append(" ms)\n")
        .append("-".repeat(GRAPH_WIDTH))
        .append('\n');
    for (int row = GRAPH_ROWS - 1; row >= 0; row--) {
      for (int i = first; i < series.count(); i++) {
        graph.append(cell(series.millis(i), low, high, row));
      }
      graph.append('\n');
    }
    graph.append('\n');
    appendAges(graph, series, first, nowSeconds);
    return graph.toString();
  }

  private static char cell(long millis, long low, long high, int row) {
    int heights = GRAPH_ROWS * STEPS.length();
    long range = Math.max(high - low, 1);
    int height = (int) ((millis - low) * (heights - 1) / range) + 1;
    int inRow = height - row * STEPS.length();
    if (inRow <= 0) {
      return ' ';
    }
    return inRow > STEPS.length() ? '|' : STEPS.charAt(inRow - 1);
  }

  /// Ages such as `13m`, written from top to bottom.
  private static void appendAges(
      StringBuilder graph, LatencyMonitor.Series series, int first, long nowSeconds) {
    int rows = 0;
    for (int i = first; i < series.count(); i++) {
      rows = Math.max(rows, age(nowSeconds - series.unixSecond(i)).length());
    }
    for (int row = 0; row < rows; row++) {
      for (int i = first; i < series.count(); i++) {
        String age = age(nowSeconds - series.unixSecond(i));
        graph.append(row < age.length() ? age.charAt(row) : ' ');
      }
      graph.append('\n');
    }
  }

  private static String age(long seconds) {
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m";
    }
    return seconds < 86_400 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }

  // ---- LATENCY DOCTOR --------------------------------------------------------------------------

  static String doctor(LatencyMonitor monitor) {
    if (monitor.thresholdMillis() == 0) {
      return "Latency monitoring is off, so there is nothing to tell. Turn it on with"
          + " \"CONFIG SET latency-monitor-threshold <milliseconds>\".\n";
    }
    if (monitor.all().isEmpty()) {
      return "No delay of "
          + monitor.thresholdMillis()
          + " ms or more has been seen since monitoring began. All is well.\n";
    }
    StringBuilder report = new StringBuilder("Delays that were seen, by their causes:\n\n");
    int number = 1;
    for (LatencyMonitor.Series series : monitor.all()) {
      append(report, number++, series);
    }
    report.append("\nWhat may help:\n\n");
    Set<String> told = new LinkedHashSet<>();
    for (LatencyMonitor.Series series : monitor.all()) {
      told.addAll(advice(series.event()));
    }
    for (String advice : told) {
      report.append("- ").append(advice).append('\n');
    }
    return report.toString();
  }

  private static void append(StringBuilder report, int number, LatencyMonitor.Series series) {
    long sum = 0;
    for (int i = 0; i < series.count(); i++) {
      sum += series.millis(i);
    }
    long mean = sum / series.count();
    long deviation = 0;
    for (int i = 0; i < series.count(); i++) {
      deviation += Math.abs(series.millis(i) - mean);
    }
    long span = series.unixSecond(series.count() - 1) - series.unixSecond(0);
    report
        .append(number)
        .append(". ")
        .append(series.event())
        .append(": ")
        .append(series.count())
        .append(" delays (mean ")
        .append(mean)
        .append(" ms, mean deviation ")
        .append(deviation / series.count())
        .append(" ms");
    if (series.count() > 1) {
      report.append(", one every ").append(span / (series.count() - 1)).append(" s");
    }
    report.append("). The worst of all took ").append(series.worstMillis()).append(" ms.\n");
  }

  private static List<String> advice(String event) {
    return switch (event) {
      case "command" ->
          List.of(
              "Commands that take long: SLOWLOG GET names them, LATENCY HISTOGRAM shows how often"
                  + " each takes how long, BIGKEYS the values that make them slow.",
              "Delete large values with UNLINK, and walk large ones with SCAN, HSCAN, SSCAN and"
                  + " ZSCAN instead of KEYS, HGETALL, SMEMBERS and ZRANGE.");
      case "fast-command" ->
          List.of(
              "Commands that are quick by nature took long, so something else had the processor or"
                  + " the memory: look for a busy or swapping machine (vmstat 1), and whether"
                  + " gc-pause stands above at the same times (LATENCY HISTORY gc-pause).");
      case "queueing" ->
          List.of(
              "Requests waited for other clients' commands before their own turn. SLOWLOG GET names"
                  + " long commands; if there are none, the engine's thread is busy all the time"
                  + " (used_cpu_user_main_thread of INFO cpu): spread the load, or set"
                  + " io-threads.");
      case "expire-cycle" ->
          List.of(
              "Many keys expired in the same moment: spread their deadlines, for instance by a"
                  + " random part of the time to live. INFO stats shows how late keys expire"
                  + " (expire_lag_max_ms).");
      case "eviction-cycle" ->
          List.of(
              "Keys had to go to make room for what clients write. Raise maxmemory, store less"
                  + " (MEMORY DOCTOR says what takes most), or lower maxmemory-eviction-tenacity.");
      case "eviction-del" ->
          List.of(
              "A large value was evicted and freed at once: CONFIG SET lazyfree-lazy-eviction yes"
                  + " frees it a little at a time. BIGKEYS names large values.");
      case "aof-fsync-always" ->
          List.of(
              "The disk takes long to make the log durable, and with appendfsync always every reply"
                  + " to a write waits for it (the engine itself does not). Use a faster disk, or"
                  + " appendfsync everysec if a second's loss is bearable.");
      case "aof-fsync-everysec", "aof-write" ->
          List.of(
              "The disk of the log is slow or busy with something else. Nobody waits for it until"
                  + " too much stands in memory; see aof_buffer_length of INFO persistence, and"
                  + " iostat -x 1 for who else writes.");
      case "snapshot-cut" ->
          List.of(
              "Cutting a snapshot should take microseconds: this machine had no processor free for"
                  + " the engine's thread.");
      case "gc-pause" ->
          List.of(
              "The JVM collected garbage while everything waited. Data is not in its heap, so many"
                  + " connections or large scripts are: compare used_memory_java_heap of INFO"
                  + " memory with -Xmx in CARNELIAN_JAVA_FLAGS.");
      case "cron" ->
          List.of(
              "The work of every tenth of a second took long; with tens of thousands of clients it"
                  + " looks at each (connected_clients of INFO clients).");
      default -> List.of("Look at what the machine did when \"" + event + "\" was slow.");
    };
  }
}
