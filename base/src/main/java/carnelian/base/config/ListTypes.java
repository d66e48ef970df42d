package carnelian.base.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The directives whose value is several words.
final class ListTypes {
  private ListTypes() {}

  /// `save 3600 1 300 100`.
  record SavePoints() implements DirectiveType<List<SavePoint>> {
    @Override
    public List<SavePoint> parse(List<String> words, List<SavePoint> current)
        throws InvalidValueException {
      if (isEmptyWord(words)) {
        return List.of();
      }
      if (words.size() % 2 != 0) {
        throw invalid();
      }
      List<SavePoint> points = new ArrayList<>();
      for (int i = 0; i < words.size(); i += 2) {
        long seconds = number(words.get(i));
        long changes = number(words.get(i + 1));
        if (seconds < 1 || changes < 0 || changes > Integer.MAX_VALUE) {
          throw invalid();
        }
        points.add(new SavePoint(seconds, (int) changes));
      }
      return List.copyOf(points);
    }

    @Override
    public List<SavePoint> parseLine(List<String> words, List<SavePoint> current, boolean first)
        throws InvalidValueException {
      List<SavePoint> line = parse(words, current);
      if (first || line.isEmpty()) {
        return line;
      }
      List<SavePoint> sum = new ArrayList<>(current);
      sum.addAll(line);
      return List.copyOf(sum);
    }

    private static long number(String word) throws InvalidValueException {
      try {
        return Long.parseLong(word);
      } catch (NumberFormatException _) {
        throw invalid();
      }
    }

    private static InvalidValueException invalid() {
      return new InvalidValueException("Invalid save parameters");
    }

    @Override
    public String format(List<SavePoint> value) {
      return String.join(" ", plain(value));
    }

    @Override
    public List<String> lines(List<SavePoint> value) {
      return value.isEmpty() ? List.of("\"\"") : plain(value);
    }

    private static List<String> plain(List<SavePoint> points) {
      return points.stream().map(point -> point.seconds() + " " + point.changes()).toList();
    }

    @Override
    public boolean mustWrite(List<SavePoint> value, List<SavePoint> defaultValue) {
      return true;
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "pairs of seconds and changes, or \"\" for none";
    }
  }

  /// `bind 127.0.0.1 -::1`.
  record Addresses() implements DirectiveType<List<String>> {
    private static final int MOST = 16;

    @Override
    public List<String> parse(List<String> words, List<String> current)
        throws InvalidValueException {
      if (words.size() > MOST) {
        throw new InvalidValueException("Too many bind addresses specified.");
      }
      return isEmptyWord(words) ? List.of() : List.copyOf(words);
    }

    @Override
    public String format(List<String> value) {
      return String.join(" ", value);
    }

    @Override
    public List<String> lines(List<String> value) {
      if (value.equals(Directives.BIND.defaultValue())) {
        return List.of();
      }
      return List.of(value.isEmpty() ? "\"\"" : format(value));
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "up to 16 addresses; with - before it, one that may be missing";
    }
  }

  /// `client-output-buffer-limit normal 0 0 0`: only the classes named change.
  record BufferLimits() implements DirectiveType<OutputBufferLimits> {
    @Override
    public OutputBufferLimits parse(List<String> words, OutputBufferLimits current)
        throws InvalidValueException {
      if (words.size() % 4 != 0) {
        throw new InvalidValueException("Wrong number of arguments in buffer limit configuration.");
      }
      OutputBufferLimits limits = current;
      for (int i = 0; i < words.size(); i += 4) {
        String name = words.get(i).toLowerCase(Locale.ROOT);
        boolean known =
            switch (name) {
              case "normal", "slave", "replica", "pubsub" -> true;
              default -> false;
            };
        if (!known) {
          throw new InvalidValueException(
              "Invalid client class specified in buffer limit configuration.");
        }
        limits = with(limits, name, limit(words.subList(i + 1, i + 4)));
      }
      return limits;
    }

    private static OutputBufferLimits with(
        OutputBufferLimits limits, String name, OutputBufferLimits.Limit limit) {
      return switch (name) {
        case "normal" -> new OutputBufferLimits(limit, limits.replica(), limits.pubsub());
        case "pubsub" -> new OutputBufferLimits(limits.normal(), limits.replica(), limit);
        default -> new OutputBufferLimits(limits.normal(), limit, limits.pubsub());
      };
    }

    private static OutputBufferLimits.Limit limit(List<String> words) throws InvalidValueException {
      try {
        long seconds = Long.parseLong(words.get(2));
        if (seconds >= 0 && seconds <= Integer.MAX_VALUE) {
          return new OutputBufferLimits.Limit(
              MemorySize.parse(words.get(0)), MemorySize.parse(words.get(1)), seconds);
        }
      } catch (NumberFormatException | InvalidValueException _) { // One complaint for all three.
      }
      throw new InvalidValueException(
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }

    @Override
    public String format(OutputBufferLimits value) {
      return "normal "
          + plain(value.normal())
          + " slave "
          + plain(value.replica())
          + " pubsub "
          + plain(value.pubsub());
    }

    private static String plain(OutputBufferLimits.Limit limit) {
      return Long.toUnsignedString(limit.hardBytes())
          + " "
          + Long.toUnsignedString(limit.softBytes())
          + " "
          + limit.softSeconds();
    }

    @Override
    public List<String> lines(OutputBufferLimits value) {
      return List.of(
          "normal " + inUnits(value.normal()),
          "replica " + inUnits(value.replica()),
          "pubsub " + inUnits(value.pubsub()));
    }

    private static String inUnits(OutputBufferLimits.Limit limit) {
      return MemorySize.format(limit.hardBytes())
          + " "
          + MemorySize.format(limit.softBytes())
          + " "
          + limit.softSeconds();
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "class (normal, replica, pubsub), hard limit, soft limit, seconds";
    }
  }

  /// `oom-score-adj-values 0 200 800`.
  record OomScores() implements DirectiveType<List<Integer>> {
    @Override
    public List<Integer> parse(List<String> words, List<Integer> current)
        throws InvalidValueException {
      DirectiveType.exactly(3, words);
      List<Integer> values = new ArrayList<>();
      for (String word : words) {
        values.add(value(word));
      }
      return List.copyOf(values);
    }

    private static int value(String word) throws InvalidValueException {
      try {
        int value = Integer.parseInt(word);
        if (value >= -2000 && value <= 2000) {
          return value;
        }
      } catch (NumberFormatException _) { // The same complaint.
      }
      throw new InvalidValueException(
          "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }

    @Override
    public String format(List<Integer> value) {
      return value.get(0) + " " + value.get(1) + " " + value.get(2);
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "three numbers from -2000 to 2000: primary, replica, background work";
    }
  }

  /// `latency-tracking-info-percentiles 50 99 99.9`.
  record Percentiles() implements DirectiveType<List<Double>> {
    private static final int MOST = 64;

    @Override
    public List<Double> parse(List<String> words, List<Double> current)
        throws InvalidValueException {
      if (isEmptyWord(words)) {
        return List.of();
      }
      List<Double> values = new ArrayList<>();
      for (String word : words) {
        values.add(value(word));
      }
      if (values.size() > MOST) {
        throw invalid();
      }
      return List.copyOf(values);
    }

    private static double value(String word) throws InvalidValueException {
      double value;
      try {
        value = new BigDecimal(word).doubleValue();
      } catch (NumberFormatException _) {
        throw invalid();
      }
      if (value < 0 || value > 100) {
        throw new InvalidValueException(
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
      }
      return value;
    }

    private static InvalidValueException invalid() {
      return new InvalidValueException("Invalid latency-tracking-info-percentiles parameters");
    }

    @Override
    public String format(List<Double> value) {
      return String.join(" ", value.stream().map(Percentiles::plain).toList());
    }

    /// Six decimals without the zeros at the end, as in the names of INFO's fields.
    private static String plain(double percentile) {
      String text = String.format(Locale.ROOT, "%f", percentile);
      return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    @Override
    public List<String> lines(List<Double> value) {
      return List.of(value.isEmpty() ? "\"\"" : format(value));
    }

    @Override
    public boolean mustWrite(List<Double> value, List<Double> defaultValue) {
      return true;
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "percentiles from 0 to 100, or \"\" for none";
    }
  }

  /// `replicaof host port`, `replicaof no one`.
  record Primary() implements DirectiveType<ReplicaOf> {
    @Override
    public ReplicaOf parse(List<String> words, ReplicaOf current) throws InvalidValueException {
      DirectiveType.exactly(2, words);
      if (words.get(0).equalsIgnoreCase("no") && words.get(1).equalsIgnoreCase("one")) {
        return ReplicaOf.NO_ONE;
      }
      try {
        int port = Integer.parseInt(words.get(1));
        if (port >= 0 && port <= 65535) {
          return new ReplicaOf(words.get(0), port);
        }
      } catch (NumberFormatException _) { // The same complaint.
      }
      throw new InvalidValueException("Invalid master port");
    }

    @Override
    public String format(ReplicaOf value) {
      return value.isReplica() ? value.host() + " " + value.port() : "";
    }

    @Override
    public List<String> lines(ReplicaOf value) {
      return value.isReplica() ? List.of(format(value)) : List.of();
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return "host and port, or no one";
    }
  }

  /// What only a configuration file may say, a statement a line: `rename-command`, `user`,
  /// `loadmodule`. Each statement is its words.
  record Statements(int leastWords, int mostWords) implements DirectiveType<List<List<String>>> {
    @Override
    public List<List<String>> parse(List<String> words, List<List<String>> current)
        throws InvalidValueException {
      if (words.size() < leastWords || words.size() > mostWords) {
        throw new InvalidValueException("Bad directive or wrong number of arguments");
      }
      List<List<String>> sum = new ArrayList<>(current);
      sum.add(List.copyOf(words));
      return List.copyOf(sum);
    }

    @Override
    public String format(List<List<String>> value) {
      return "";
    }

    @Override
    public String describe() {
      return "any number of lines";
    }
  }

  private static boolean isEmptyWord(List<String> words) {
    return words.size() == 1 && words.getFirst().isEmpty();
  }
}
