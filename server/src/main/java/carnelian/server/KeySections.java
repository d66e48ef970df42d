package carnelian.server;

import carnelian.engine.diagnosis.BytesText;
import carnelian.engine.diagnosis.Census;
import carnelian.engine.diagnosis.HotKeys;
import carnelian.engine.diagnosis.Tally;
import carnelian.keyspace.Type;
import java.util.List;
import java.util.Locale;

/// Sections of INFO on keys: how large they are, which are used most, which take most, and what
/// they begin with.
final class KeySections {
  private static final int SHOWN = 10;
  private static final int BITS = 64;

  private final HotKeys hotKeys;
  private final Census census;

  KeySections(HotKeys hotKeys, Census census) {
    this.hotKeys = hotKeys;
    this.census = census;
  }

  InfoSection sizes() {
    return InfoSection.onDemand("Keysizes", this::writeSizes);
  }

  /// The sections that show keys themselves.
  List<InfoSection> keys() {
    return List.of(
        InfoSection.onDemand("Hotkeys", this::writeHot),
        InfoSection.onDemand("Bigkeys", this::writeBig),
        InfoSection.onDemand("Prefixes", this::writePrefixes));
  }

  // ---- Sizes -----------------------------------------------------------------------------------

  private void writeSizes(InfoSection.Fields fields) {
    Tally tally = census.tally();
    counted(fields, tally);
    for (int database = 0; database < tally.databases(); database++) {
      for (Type type : Type.values()) {
        String sizes = sizes(tally, database, type);
        if (!sizes.isEmpty()) {
          fields.put("db" + database + "_distrib_" + name(type), sizes);
        }
      }
    }
  }

  /// When and how much of the data was looked at.
  private static void counted(InfoSection.Fields fields, Tally tally) {
    fields.put("counted_unix_ms", tally.endMillis());
    fields.put("counted_keys", tally.keys());
    fields.put("counted_perc", String.format(Locale.ROOT, "%.2f", tally.percent()));
  }

  private static String name(Type type) {
    return switch (type) {
      case STRING -> "strings_sizes";
      case LIST -> "lists_items";
      case SET -> "sets_items";
      case ZSET -> "zsets_items";
      case HASH -> "hashes_items";
      case STREAM -> "streams_items";
    };
  }

  private static String sizes(Tally tally, int database, Type type) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit <= BITS; bit++) {
      long count = tally.count(database, type, bit);
      if (count > 0) {
        text.append(text.isEmpty() ? "" : ",").append(size(bit)).append('=').append(count);
      }
    }
    return text.toString();
  }

  /// The smallest size with this highest bit: `0`, `1`, `2`, `4` … `512`, `1K`, `2K` …
  private static String size(int bit) {
    if (bit == 0) {
      return "0";
    }
    int power = bit - 1;
    String unit = power < 10 ? "" : String.valueOf("KMGTPE".charAt(power / 10 - 1));
    return (1 << power % 10) + unit;
  }

  // ---- Keys ------------------------------------------------------------------------------------

  private void writeHot(InfoSection.Fields fields) {
    fields.put("hotkeys_sampled_commands", hotKeys.samples());
    int rank = 1;
    for (HotKeys.HotKey key : hotKeys.hottest(SHOWN)) {
      fields.put(
          "hotkey_" + rank++,
          String.format(
              Locale.ROOT,
              "key=%s,db=%d,calls_per_sec=%.2f,perc=%.2f,write_perc=%.2f",
              text(key.key()),
              key.database(),
              key.callsPerSecond(),
              key.percent(),
              key.writePercent()));
    }
  }

  private void writeBig(InfoSection.Fields fields) {
    Tally tally = census.tally();
    counted(fields, tally);
    int rank = 1;
    for (Tally.BigKey key : tally.biggest(SHOWN)) {
      fields.put(
          "bigkey_" + rank++,
          String.format(
              Locale.ROOT,
              "key=%s,db=%d,type=%s,bytes=%d,elements=%d",
              text(key.key()),
              key.database(),
              key.type().word(),
              key.bytes(),
              key.elements()));
    }
  }

  private void writePrefixes(InfoSection.Fields fields) {
    Tally tally = census.tally();
    counted(fields, tally);
    int rank = 1;
    for (Tally.PrefixUse use : tally.prefixes(SHOWN)) {
      fields.put(
          "prefix_" + rank++,
          String.format(
              Locale.ROOT,
              "prefix=%s,db=%d,perc=%.2f,bytes=%d,keys=%d,without_ttl=%d",
              text(use.prefix()),
              use.database(),
              100.0 * use.bytes() / Math.max(1, tally.bytes()),
              use.bytes(),
              use.keys(),
              use.withoutDeadline()));
    }
  }

  /// A key within fields: what separates them is escaped.
  private static String text(byte[] key) {
    return BytesText.escaped(key).replace(",", "\\x2c").replace("=", "\\x3d");
  }
}
