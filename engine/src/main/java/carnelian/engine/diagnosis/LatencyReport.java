package carnelian.engine.diagnosis;

import java.util.List;

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
    for (LatencyMonitor.Series series : monitor.all()) {
      for (String advice : advice(series.event())) {
        report.append("- ").append(advice).append('\n');
      }
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
      case "command", "fast-command" ->
          List.of(
              "See the slow log for the commands that took long: SLOWLOG GET.",
              "Delete large values with UNLINK, and walk large ones with the SCAN commands.");
      case "expire-cycle" -> List.of("Many keys expire at the same time; spread their deadlines.");
      case "eviction-cycle", "eviction-del" ->
          List.of("Memory is at its limit; raise maxmemory or store less.");
      case "aof-write", "aof-fsync-always", "aof-write-pending-fsync" ->
          List.of("The disk of the log is slow or busy with something else.");
      default -> List.of("Look at what the machine did when \"" + event + "\" was slow.");
    };
  }
}
