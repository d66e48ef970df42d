package carnelian.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A strict reader of the OpenMetrics text format: it fails on whatever the specification's version
/// 1.0.0 forbids, as far as such pages can come to it.
public final class MetricsParser {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern DESCRIPTION =
      Pattern.compile("# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(.*)})? ([^ ]+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(,|$)");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?([eE][+-]?\\d+)?|Inf)|NaN");

  /// Every sample: name and labels as on the page, with its value.
  private final Map<String, Double> samples = new LinkedHashMap<>();

  private final Map<String, String> types = new LinkedHashMap<>();
  private String family = "";
  private String type = "";
  private boolean sampled;
  private final Set<String> told = new HashSet<>();
  private double bucketsEnd;
  private double bucketsCount;
  private String bucketsOf = "";

  private MetricsParser() {}

  /// Reads a page.
  public static MetricsParser parse(String page) {
    assertThat(page).endsWith("\n# EOF\n").doesNotContain("\r", "\n\n");
    MetricsParser parser = new MetricsParser();
    List<String> lines = new ArrayList<>(page.lines().toList());
    assertThat(lines.removeLast()).isEqualTo("# EOF");
    for (String line : lines) {
      if (line.startsWith("#")) {
        parser.description(line);
      } else {
        parser.sample(line);
      }
    }
    return parser;
  }

  public Map<String, Double> samples() {
    return samples;
  }

  /// Families with their types.
  public Map<String, String> types() {
    return types;
  }

  private void description(String line) {
    Matcher matcher = DESCRIPTION.matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    String name = matcher.group(2);
    String what = matcher.group(3);
    if (!name.equals(family) || sampled) {
      assertThat(types).as("family in one piece: " + line).doesNotContainKey(name);
      family = name;
      type = "unknown";
      sampled = false;
      told.clear();
    }
    assertThat(told.add(matcher.group(1))).as(line).isTrue();
    switch (matcher.group(1)) {
      case "TYPE" -> {
        assertThat(what).as(line).isIn("counter", "gauge", "histogram", "info");
        type = what;
      }
      case "UNIT" -> assertThat(name).as(line).endsWith("_" + what);
      default -> assertThat(what.replaceAll("\\\\[\\\\\"n]", "")).doesNotContain("\\", "\"");
    }
    types.put(name, type);
  }

  private void sample(String line) {
    Matcher matcher = SAMPLE.matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    String name = matcher.group(1);
    sampled = true;
    assertThat(NAME.matcher(name).matches()).as(line).isTrue();
    assertThat(NUMBER.matcher(matcher.group(4)).matches()).as(line).isTrue();
    double value = number(matcher.group(4));
    Map<String, String> labels = labels(matcher.group(3), line);
    assertThat(name).as(line).startsWith(family);
    String suffix = name.substring(family.length());
    switch (type) {
      case "counter" -> {
        assertThat(suffix).as(line).isEqualTo("_total");
        assertThat(value).as(line).isNotNegative().isNotNaN();
      }
      case "gauge" -> assertThat(suffix).as(line).isEmpty();
      case "info" -> {
        assertThat(suffix).as(line).isEqualTo("_info");
        assertThat(value).as(line).isEqualTo(1);
      }
      default -> histogram(suffix, labels, value, line);
    }
    String series = line.substring(0, line.lastIndexOf(' '));
    assertThat(samples.put(series, value)).as("twice: " + line).isNull();
  }

  private void histogram(String suffix, Map<String, String> labels, double value, String line) {
    assertThat(suffix).as(line).isIn("_bucket", "_count", "_sum");
    String end = labels.remove("le");
    assertThat(end != null).as(line).isEqualTo(suffix.equals("_bucket"));
    String of = family + labels;
    if (end == null) {
      assertThat(of).as(line).isEqualTo(bucketsOf);
      assertThat(bucketsEnd).as(line).isEqualTo(Double.POSITIVE_INFINITY);
      if (suffix.equals("_count")) {
        assertThat(value).as(line).isEqualTo(bucketsCount);
      }
      return;
    }
    if (of.equals(bucketsOf)) {
      assertThat(number(end)).as(line).isGreaterThan(bucketsEnd);
      assertThat(value).as(line).isGreaterThanOrEqualTo(bucketsCount);
    }
    bucketsOf = of;
    bucketsEnd = number(end);
    bucketsCount = value;
  }

  private static double number(String text) {
    return Double.parseDouble(text.replace("Inf", "Infinity"));
  }

  private static Map<String, String> labels(@Nullable String text, String line) {
    Map<String, String> labels = new LinkedHashMap<>();
    if (text == null) {
      return labels;
    }
    Matcher matcher = LABEL.matcher(text);
    int end = 0;
    while (end < text.length()) {
      assertThat(matcher.find(end) && matcher.start() == end).as(line).isTrue();
      assertThat(labels.put(matcher.group(1), matcher.group(2))).as(line).isNull();
      end = matcher.end();
    }
    assertThat(text).as(line).doesNotEndWith(",");
    return labels;
  }
}
