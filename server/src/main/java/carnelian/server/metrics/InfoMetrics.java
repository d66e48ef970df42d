package carnelian.server.metrics;

import carnelian.server.metrics.OpenMetrics.Kind;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes metrics of INFO's fields, by their names alone, so that a field that is new to INFO is a
/// metric, too. `carnelian_` and the field's name; counters lose a `total_` and end with `_total`.
///
/// | field | metric |
/// |---|---|
/// | `used_memory:1048576` | `carnelian_used_memory 1048576` |
/// | `total_commands_processed:7` | `carnelian_commands_processed_total 7` |
/// | `db0:keys=3,expires=1` | `carnelian_db_keys{db="0"} 3` … |
/// | `cmdstat_get:calls=5,usec=9` | `carnelian_cmdstat_calls_total{cmd="get"} 5` … |
/// | `rdb_last_bgsave_status:ok` | `carnelian_rdb_last_bgsave_status 1` |
/// | `redis_version:7.2.4` | `carnelian_server_info{redis_version="7.2.4"} 1` |
public final class InfoMetrics {
  private static final String PREFIX = "carnelian_";
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?%?");
  private static final Pattern PAIRS = Pattern.compile("[^=,]+=[^=,]*(,[^=,]+=[^=,]*)*");
  private static final Pattern QUANTILE = Pattern.compile("p(\\d+(\\.\\d+)?)");

  /// Fields that are of several things, by what is told of each: a command, a database.
  private enum Subject {
    COMMAND("(cmdstat)_(.+)", "cmd"),
    ERROR("(errorstat)_(.+)", "error"),
    PERCENTILES("(latency_percentiles_usec)_(.+)", "cmd"),
    SIZES("db(\\d+)_(distrib_.+)", "db"),
    NUMBERED("(db|slave|master)(\\d+)", "");

    private final Pattern pattern;
    private final String label;

    Subject(String pattern, String label) {
      this.pattern = Pattern.compile(pattern);
      this.label = label;
    }
  }

  /// Digits that are no figures.
  private static final Set<String> NAMES =
      Set.of("redis_git_sha1", "redis_build_id", "run_id", "master_replid", "master_replid2");

  /// What the network need not know.
  private static final Set<String> LEFT_OUT = Set.of("executable", "config_file");

  private static final Set<String> GAUGES =
      Set.of("total_system_memory", "total_watched_keys", "total_blocking_keys");

  private static final Set<String> COUNTERS =
      Set.of(
          "active_defrag_hits",
          "active_defrag_key_hits",
          "active_defrag_key_misses",
          "active_defrag_misses",
          "aof_delayed_fsync",
          "aof_rewrites",
          "dump_payload_sanitizations",
          "evicted_clients",
          "evicted_keys",
          "expire_cycle_cpu_milliseconds",
          "expired_keys",
          "expired_subkeys",
          "expired_time_cap_reached_count",
          "io_threaded_reads_processed",
          "io_threaded_writes_processed",
          "keyspace_hits",
          "keyspace_misses",
          "lazyfreed_objects",
          "queueing_reads",
          "rdb_saves",
          "rejected_connections",
          "reply_buffer_expands",
          "reply_buffer_shrinks",
          "snapshot_cuts",
          "sync_full",
          "sync_partial_err",
          "sync_partial_ok",
          "unexpected_error_replies");

  /// Fields of commands and errors that count.
  private static final Set<String> COUNTED_PARTS =
      Set.of("calls", "usec", "rejected_calls", "failed_calls", "count");

  private final OpenMetrics metrics;
  private final Map<String, Map<String, String>> words = new LinkedHashMap<>();

  public InfoMetrics(OpenMetrics metrics) {
    this.metrics = metrics;
  }

  /// Takes one field of a section.
  public void field(String section, String name, Object value) {
    String text = value.toString();
    if (name.endsWith("_human") || LEFT_OUT.contains(name)) {
      return; // Told in bytes, too.
    }
    if (text.contains("=") && PAIRS.matcher(text).matches()) {
      pairs(section, name, text);
    } else if (!NAMES.contains(name) && NUMBER.matcher(text).matches()) {
      figure(section, name, text);
    } else if (name.endsWith("_status") && (text.equals("ok") || text.equals("err"))) {
      gauge(section, name).add(text.equals("ok") ? 1 : 0);
    } else {
      words.computeIfAbsent(section, _ -> new LinkedHashMap<>()).put(name, text);
    }
  }

  /// After the last field: what is told in words.
  public void end() {
    words.forEach(
        (section, labels) -> {
          String name = section.toLowerCase(Locale.ROOT);
          add(metrics.family(PREFIX + name, Kind.INFO, "INFO " + name + ", what is words"), labels);
        });
  }

  private static void add(OpenMetrics.Family family, Map<String, String> labels) {
    String[] pairs = new String[2 * labels.size()];
    int at = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      pairs[at++] = label.getKey();
      pairs[at++] = label.getValue();
    }
    family.add(1, pairs);
  }

  // ---- One figure ------------------------------------------------------------------------------

  private void figure(String section, String name, String text) {
    OpenMetrics.Family family = isCounter(name) ? counter(section, name) : gauge(section, name);
    add(family, text);
  }

  private static boolean isCounter(String name) {
    return COUNTERS.contains(name)
        || name.startsWith("acl_access_denied_")
        || name.startsWith("used_cpu_")
        || (name.startsWith("total_") && !GAUGES.contains(name));
  }

  private OpenMetrics.Family counter(String section, String name) {
    String shorter = name.startsWith("total_") ? name.substring("total_".length()) : name;
    String unit = name.startsWith("used_cpu_") ? "_seconds" : "";
    return metrics.family(PREFIX + shorter + unit, Kind.COUNTER, help(section, name));
  }

  private OpenMetrics.Family gauge(String section, String name) {
    return metrics.family(PREFIX + name, Kind.GAUGE, help(section, name));
  }

  private static String help(String section, String name) {
    return "INFO " + section.toLowerCase(Locale.ROOT) + ": " + name;
  }

  private static void add(OpenMetrics.Family family, String number, String... labels) {
    String digits = number.endsWith("%") ? number.substring(0, number.length() - 1) : number;
    if (digits.contains(".") || digits.length() > 18) {
      family.add(Double.parseDouble(digits), labels);
    } else {
      family.add(Long.parseLong(digits), labels);
    }
  }

  // ---- Several figures -------------------------------------------------------------------------

  private void pairs(String section, String name, String text) {
    for (Subject subject : Subject.values()) {
      Matcher matcher = subject.pattern.matcher(name);
      if (matcher.matches()) {
        String first = matcher.group(1);
        String second = matcher.group(2);
        switch (subject) {
          case COMMAND, ERROR -> parts(section, name, first, text, subject.label, second);
          case PERCENTILES -> percentiles(section, name, text, second);
          case SIZES -> sizes(section, text, first, second);
          case NUMBERED -> parts(section, name, first, text, first, second);
        }
        return;
      }
    }
    parts(section, name, name, text);
  }

  private void parts(String section, String name, String base, String text, String... labels) {
    Map<String, String> told = new LinkedHashMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      told.put(labels[i], labels[i + 1]);
    }
    int subjects = told.size();
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      String part = pair.substring(0, equals);
      String value = pair.substring(equals + 1);
      if (!NUMBER.matcher(value).matches()) {
        told.put(part, value);
        continue;
      }
      boolean counts = COUNTED_PARTS.contains(part);
      Kind kind = counts ? Kind.COUNTER : Kind.GAUGE;
      String help = help(section, labels.length == 0 ? name : base) + ", " + part;
      add(metrics.family(PREFIX + base + "_" + part, kind, help), value, labels);
    }
    if (told.size() > subjects) {
      String help = help(section, base) + ", what is words";
      add(metrics.family(PREFIX + base, Kind.INFO, help), told);
    }
  }

  private void percentiles(String section, String name, String text, String command) {
    String base = name.substring(0, name.length() - command.length() - 1);
    OpenMetrics.Family family = gauge(section, base);
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      Matcher percentile = QUANTILE.matcher(pair.substring(0, equals));
      if (percentile.matches()) {
        BigDecimal part = new BigDecimal(percentile.group(1)).movePointLeft(2);
        String quantile = part.stripTrailingZeros().toPlainString();
        add(family, pair.substring(equals + 1), "cmd", command, "quantile", quantile);
      }
    }
  }

  private void sizes(String section, String text, String database, String base) {
    OpenMetrics.Family family = gauge(section, base);
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      String value = pair.substring(equals + 1);
      add(family, value, "db", database, "size", pair.substring(0, equals));
    }
  }
}
