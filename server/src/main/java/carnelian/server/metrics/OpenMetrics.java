package carnelian.server.metrics;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A page in the OpenMetrics text format, version 1.0.0: families of samples, each family whole and
/// under a name of its own, however they were added.
public final class OpenMetrics {
  public static final String CONTENT_TYPE =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  /// What a family's samples are.
  public enum Kind {
    COUNTER("_total"),
    GAUGE(""),
    HISTOGRAM(""),
    INFO("_info");

    private final String suffix;

    Kind(String suffix) {
      this.suffix = suffix;
    }
  }

  private final Map<String, Family> families = new LinkedHashMap<>();

  /// The family of that name, which comes into being if it is not there.
  ///
  /// @param name of letters, digits and `_`; what else is in it becomes `_`
  /// @param unit empty, or what the name ends with
  public Family family(String name, Kind kind, String unit, String help) {
    String clean = clean(name);
    Family family = families.computeIfAbsent(clean, own -> new Family(own, kind, unit, help));
    if (family.kind != kind) {
      throw new IllegalArgumentException(clean + " is a " + family.kind + ", not a " + kind);
    }
    return family;
  }

  /// As in [#family], of a family without a unit, or with the one that its name tells.
  public Family family(String name, Kind kind, String help) {
    String unit = "";
    for (String known : new String[] {"bytes", "seconds"}) {
      unit = name.endsWith("_" + known) ? known : unit;
    }
    return family(name, kind, unit, help);
  }

  static String clean(String name) {
    String clean = name.replaceAll("[^a-zA-Z0-9_]", "_");
    return clean.isEmpty() || Character.isDigit(clean.charAt(0)) ? "_" + clean : clean;
  }

  /// The page's bytes.
  public byte[] page() {
    StringBuilder page = new StringBuilder(1 << 16);
    for (Family family : families.values()) {
      if (!family.series.isEmpty()) {
        family.write(page);
      }
    }
    return page.append("# EOF\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Samples of one name.
  public static final class Family {
    private final String name;
    private final Kind kind;
    private final String unit;
    private final String help;
    private final StringBuilder samples = new StringBuilder();
    private final Set<String> series = new HashSet<>();

    private Family(String name, Kind kind, String unit, String help) {
      this.name = name;
      this.kind = kind;
      this.unit = unit;
      this.help = help;
    }

    /// Adds a sample; the second one with the same labels is left out.
    ///
    /// @param labels names and values in turn
    public void add(double value, String... labels) {
      add(number(value), labels);
    }

    public void add(long value, String... labels) {
      add(Long.toString(value), labels);
    }

    private void add(String value, String... labels) {
      String text = labels(labels);
      if (series.add(text)) {
        sample(kind.suffix, text, value);
      }
    }

    /// Adds a histogram.
    ///
    /// @param ends of the buckets, growing; the last bucket has none
    /// @param counts of each bucket, one more than ends
    public void addHistogram(double[] ends, long[] counts, double sum, String... labels) {
      if (!series.add(labels(labels))) {
        return;
      }
      long upTo = 0;
      for (int i = 0; i < counts.length; i++) {
        upTo += counts[i];
        String end = i < ends.length ? number(ends[i]) : "+Inf";
        String[] within = Arrays.copyOf(labels, labels.length + 2);
        within[labels.length] = "le";
        within[labels.length + 1] = end;
        sample("_bucket", labels(within), Long.toString(upTo));
      }
      sample("_count", labels(labels), Long.toString(upTo));
      sample("_sum", labels(labels), number(sum));
    }

    private void sample(String suffix, String labels, String value) {
      samples.append(name).append(suffix).append(labels).append(' ').append(value).append('\n');
    }

    private static String labels(String... labels) {
      if (labels.length == 0) {
        return "";
      }
      StringBuilder text = new StringBuilder("{");
      for (int i = 0; i < labels.length; i += 2) {
        text.append(i == 0 ? "" : ",").append(clean(labels[i])).append("=\"");
        escape(text, labels[i + 1]);
        text.append('"');
      }
      return text.append('}').toString();
    }

    private static String number(double value) {
      if (Double.isNaN(value)) {
        return "NaN";
      }
      if (Double.isInfinite(value)) {
        return value > 0 ? "+Inf" : "-Inf";
      }
      return Double.toString(value);
    }

    private static void escape(StringBuilder text, String value) {
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        switch (c) {
          case '\\' -> text.append("\\\\");
          case '"' -> text.append("\\\"");
          case '\n' -> text.append("\\n");
          default -> text.append(c);
        }
      }
    }

    private void write(StringBuilder page) {
      String type = kind.name().toLowerCase(Locale.ROOT);
      page.append("# TYPE ").append(name).append(' ').append(type).append('\n');
      if (!unit.isEmpty()) {
        page.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
      }
      page.append("# HELP ").append(name).append(' ');
      escape(page, help);
      page.append('\n').append(samples);
    }
  }
}
