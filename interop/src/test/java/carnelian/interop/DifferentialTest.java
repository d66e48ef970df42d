package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same random commands on redis-server and Carnelian: every reply and, at the end, all data
/// are equal. `-Dcarnelian.differential.commands=N` and `-Dcarnelian.differential.seed=S` lengthen
/// and vary it; a difference prints the commands that led to it on the same keys.
class DifferentialTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.differential.commands", 5_000);
  private static final long SEED = Long.getLong("carnelian.differential.seed", 1);
  private static final int BATCH = 50;
  private static final int CONTEXT = 25;

  /// How much later one server may execute `EXPIRE key 100` than the other.
  private static final long CLOCKS_APART_MILLIS = 60_000;

  private static final double INTEGER_BOUND = 0x1p62;
  private static final int LONGEST_DOUBLE_DIGITS = 17;
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+\\.[0-9]+");
  private static final Pattern EXPONENT = Pattern.compile("-?[0-9](\\.[0-9]+)?e\\+[0-9]+");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void randomCommands_onBothServers_replyTheSame(int protocol) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path theirs = Files.createDirectory(directory.resolve("redis"));
    try (ServerProcess redis = ServerProcess.redis(theirs);
        ServerProcess carnelian = ServerProcess.carnelian(ours);
        RespConnection oracle = redis.connect();
        RespConnection subject = carnelian.connect()) {
      oracle.call("HELLO", Integer.toString(protocol)).items();
      subject.call("HELLO", Integer.toString(protocol)).items();
      compareReplies(oracle, subject, SEED * 31 + protocol);
      oracle.call("DISCARD");
      subject.call("DISCARD");
      try (RespConnection oracleData = redis.connect();
          RespConnection subjectData = carnelian.connect()) {
        assertThat(
                KeyspaceImage.differences(
                    KeyspaceImage.read(oracleData, 16),
                    KeyspaceImage.read(subjectData, 16),
                    CLOCKS_APART_MILLIS))
            .isEmpty();
      }
    }
  }

  private static void compareReplies(RespConnection oracle, RespConnection subject, long seed) {
    List<String> families =
        List.copyOf(new java.util.TreeSet<>(CommandTemplates.BY_FAMILY.keySet()));
    SplittableRandom random = new SplittableRandom(seed);
    CommandGrammar grammar = new CommandGrammar(seed, families);
    List<String[]> history = new ArrayList<>();
    for (int done = 0; done < COMMANDS; done += BATCH) {
      for (int i = 0; i < BATCH; i++) {
        String family = families.get(random.nextInt(families.size()));
        List<String> templates = CommandTemplates.BY_FAMILY.getOrDefault(family, List.of());
        String[] command = grammar.expand(family, templates.get(random.nextInt(templates.size())));
        history.add(command);
        oracle.send(command);
        subject.send(command);
      }
      oracle.flush();
      subject.flush();
      for (int i = history.size() - BATCH; i < history.size(); i++) {
        RespValue expected = canonical(history.get(i), oracle.read());
        RespValue actual = canonical(history.get(i), subject.read());
        if (!expected.equals(actual)) {
          fail(
              "seed %d, command %d: %s%n  redis:     %s%n  carnelian: %s%nbefore it:%n%s",
              seed, i, show(history.get(i)), expected, actual, context(history, i));
        }
      }
    }
  }

  private static RespValue canonical(String[] command, RespValue reply) {
    return withPlainNumbers(ordered(command, reply));
  }

  /// Redis 7.0 writes a great double with an exponent where 7.2, and Carnelian, write its digits,
  /// and up to seventeen digits where they write the shortest that mean the same.
  private static RespValue withPlainNumbers(RespValue reply) {
    return switch (reply) {
      case RespValue.Aggregate(char type, List<RespValue> items) ->
          new RespValue.Aggregate(
              type, items.stream().map(DifferentialTest::withPlainNumbers).toList());
      case RespValue.Bulk(String bytes) when EXPONENT.matcher(bytes).matches() ->
          new RespValue.Bulk(plain(bytes));
      case RespValue.Scalar(char type, String text) when EXPONENT.matcher(text).matches() ->
          new RespValue.Scalar(type, plain(text));
      case RespValue.Bulk(String bytes) when isLongDecimal(bytes) ->
          new RespValue.Bulk(shortest(bytes));
      case RespValue.Scalar(char type, String text) when isLongDecimal(text) ->
          new RespValue.Scalar(type, shortest(text));
      case RespValue.Bulk _, RespValue.Scalar _, RespValue.Simple _, RespValue.Failure _ -> reply;
      case RespValue.Int _, RespValue.NilBulk _, RespValue.NilArray _, RespValue.Nil _ -> reply;
    };
  }

  /// What is within half of a long's range is written as the integer that the double is.
  private static String plain(String exponential) {
    double number = Double.parseDouble(exponential);
    BigDecimal exact = new BigDecimal(number);
    boolean isInteger = Math.abs(number) < INTEGER_BOUND && exact.stripTrailingZeros().scale() <= 0;
    return (isInteger ? exact : new BigDecimal(exponential)).toPlainString();
  }

  private static boolean isLongDecimal(String text) {
    return DECIMAL.matcher(text).matches()
        && new BigDecimal(text).precision() == LONGEST_DOUBLE_DIGITS;
  }

  private static String shortest(String decimal) {
    String shortest = Double.toString(Double.parseDouble(decimal));
    return new BigDecimal(shortest).stripTrailingZeros().toPlainString();
  }

  private static RespValue ordered(String[] command, RespValue reply) {
    if (!(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    if (command[0].equals("EXEC")) {
      // The queued commands are not known here, so the order inside their replies is not compared.
      return new RespValue.Aggregate(type, items.stream().map(DifferentialTest::sorted).toList());
    }
    return CommandTemplates.UNORDERED.contains(command[0]) ? sorted(reply) : reply;
  }

  private static RespValue sorted(RespValue reply) {
    if (!(reply instanceof RespValue.Aggregate(char type, List<RespValue> items))) {
      return reply;
    }
    List<RespValue> copy = new ArrayList<>(items);
    copy.sort(Comparator.comparing(RespValue::toString));
    return new RespValue.Aggregate(type, copy);
  }

  private static String context(List<String[]> history, int at) {
    List<String> related = new ArrayList<>();
    for (int i = at - 1; i >= 0 && related.size() < CONTEXT; i--) {
      if (shareArgument(history.get(i), history.get(at))) {
        related.addFirst("  " + i + ": " + show(history.get(i)));
      }
    }
    return String.join("\n", related);
  }

  private static boolean shareArgument(String[] a, String[] b) {
    for (int i = 1; i < a.length; i++) {
      for (int j = 1; j < b.length; j++) {
        if (a[i].equals(b[j]) && a[i].length() > 3) {
          return true;
        }
      }
    }
    return a[0].equals("MULTI") || a[0].equals("EXEC") || a[0].equals("DISCARD");
  }

  private static String show(String[] command) {
    StringBuilder line = new StringBuilder();
    for (String word : command) {
      line.append(line.isEmpty() ? "" : " ");
      for (int i = 0; i < word.length(); i++) {
        char c = word.charAt(i);
        line.append(c > ' ' && c < 127 ? Character.toString(c) : "\\x%02x".formatted((int) c));
      }
      if (word.isEmpty()) {
        line.append("\"\"");
      }
    }
    return line.toString();
  }
}
