package carnelian.interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/// Up to where values keep their compact form, the same for both servers: a random test that draws
/// small limits meets the borders to the large forms with few members.
record CompactLimits(Map<String, String> values) {
  private static final int ONE_USUAL_OF = 4;

  /// `newer` has 7.2 alone; it changes nothing but what OBJECT ENCODING says of a set.
  private record Parameter(String name, boolean newer, String usual, List<String> small) {}

  private static final List<Parameter> PARAMETERS =
      List.of(
          limit("hash-max-listpack-entries", false, "512", "0", "4", "8", "16"),
          limit("hash-max-listpack-value", false, "64", "4", "8", "16"),
          limit("zset-max-listpack-entries", false, "128", "0", "4", "8", "16"),
          limit("zset-max-listpack-value", false, "64", "4", "8", "16"),
          limit("set-max-intset-entries", false, "512", "0", "4", "8", "16"),
          limit("set-max-listpack-entries", true, "0", "4", "16", "128"),
          limit("set-max-listpack-value", true, "64", "4", "8", "16"),
          limit("list-max-listpack-size", false, "-2", "-1", "1", "4", "8", "16"),
          limit("list-compress-depth", false, "0", "1", "2"),
          limit("hll-sparse-max-bytes", false, "3000", "0", "40", "100", "400"),
          limit("stream-node-max-entries", false, "100", "0", "1", "4", "8", "16"),
          limit("stream-node-max-bytes", false, "4096", "0", "60", "200", "1000"));

  private static Parameter limit(String name, boolean newer, String usual, String... small) {
    return new Parameter(name, newer, usual, List.of(small));
  }

  /// One time in four the usual limits, else some of them and some small ones.
  static CompactLimits draw(SplittableRandom random) {
    boolean usual = random.nextInt(ONE_USUAL_OF) == 0;
    Map<String, String> drawn = new LinkedHashMap<>();
    for (Parameter parameter : PARAMETERS) {
      int choice = random.nextInt(-1, parameter.small.size());
      drawn.put(
          parameter.name, usual || choice < 0 ? parameter.usual : parameter.small.get(choice));
    }
    return new CompactLimits(drawn);
  }

  /// Options of a server that is started; redis-server 7.0 knows fewer of them.
  List<String> options(boolean newer) {
    List<String> options = words(newer);
    for (int i = 0; i < options.size(); i += 2) {
      options.set(i, "--" + options.get(i));
    }
    return options;
  }

  /// What sets them while a server runs.
  String[] command(boolean newer) {
    List<String> command = words(newer);
    command.addAll(0, List.of("CONFIG", "SET"));
    return command.toArray(String[]::new);
  }

  private List<String> words(boolean newer) {
    List<String> words = new ArrayList<>();
    for (Parameter parameter : PARAMETERS) {
      if (newer || !parameter.newer) {
        words.add(parameter.name);
        words.add(values.getOrDefault(parameter.name, parameter.usual));
      }
    }
    return words;
  }

  /// Whether small sets have an encoding that 7.0 does not know.
  boolean haveCompactSets() {
    return !"0".equals(values.get("set-max-listpack-entries"));
  }

  /// Whether a new set of integers may be too large for an intset by the words of its SADD.
  boolean haveSmallIntsets() {
    return !"512".equals(values.get("set-max-intset-entries"));
  }

  /// Those that are not the usual ones.
  @Override
  public String toString() {
    String small =
        PARAMETERS.stream()
            .filter(parameter -> !parameter.usual.equals(values.get(parameter.name)))
            .map(parameter -> parameter.name + " " + values.get(parameter.name))
            .collect(Collectors.joining(", "));
    return small.isEmpty() ? "the usual limits" : small;
  }
}
