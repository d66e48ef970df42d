package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same random commands on redis-server and Carnelian: every reply, what clients are told that
/// wait, listen and cache meanwhile, the propagated stream, and at the end all data are equal.
/// `-Dcarnelian.differential.commands=N` and `-Dcarnelian.differential.seed=S` lengthen and vary
/// it, `-Dcarnelian.differential.families=a,b` takes some families alone; a difference prints the
/// commands that led to it on the same keys.
class DifferentialTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.differential.commands", 5_000);
  private static final long SEED = Long.getLong("carnelian.differential.seed", 1);
  private static final String FAMILIES = System.getProperty("carnelian.differential.families", "");
  private static final int MOST = Integer.getInteger("carnelian.differential.most", 1);
  private static final int BATCH = 50;
  private static final int CONTEXT = 25;

  /// How much later one server may execute `EXPIRE key 100` than the other.
  private static final long CLOCKS_APART_MILLIS = 60_000;

  private static final String[] LOGGING = {
    "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"
  };

  @TempDir Path directory;

  private final List<String[]> history = new ArrayList<>();
  private final Map<String, String> different = new LinkedHashMap<>();
  private long seed;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void randomCommands_onBothServers_replyTheSame(int protocol) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    seed = SEED * 31 + protocol;
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path theirs = Files.createDirectory(directory.resolve("redis"));
    List<String> options = new ArrayList<>(List.of(LOGGING));
    options.addAll(List.of("--aof-marks", "no", "--aof-segment-size", "100gb"));
    try (ServerProcess redis = ServerProcess.redis(theirs, LOGGING);
        ServerProcess carnelian = ServerProcess.carnelian(ours, options.toArray(String[]::new));
        Side oracle = new Side(redis, theirs, protocol);
        Side subject = new Side(carnelian, ours, protocol)) {
      compareAll(oracle, subject);
      assertThat(String.join("\n", different.values())).isEmpty();
      assertThat(
              KeyspaceImage.differences(
                  KeyspaceImage.read(oracle.control, 16),
                  KeyspaceImage.read(subject.control, 16),
                  CLOCKS_APART_MILLIS))
          .as("seed %d", seed)
          .isEmpty();
    }
  }

  /// One of the two servers and its clients: the one that runs the commands, one that blocks, one
  /// that listens, one that caches, and one to look after them.
  private static final class Side implements AutoCloseable {
    final RespConnection main;
    final RespConnection waiter;
    final RespConnection listener;
    final RespConnection control;
    final LogTail log;
    final Set<String> invalidated = new TreeSet<>();
    private final String waiterId;

    Side(ServerProcess server, Path directory, int protocol) {
      main = server.connect();
      waiter = server.connect();
      listener = server.connect();
      control = server.connect();
      log = new LogTail(directory);
      for (RespConnection connection : List.of(main, waiter)) {
        connection.call("HELLO", Integer.toString(protocol)).items();
      }
      waiterId = waiter.call("CLIENT", "ID").text();
      listener.call("HELLO", "3").items();
      listener.call("CLIENT", "TRACKING", "ON").text();
      listener.call("SUBSCRIBE", "a").items();
      listener.call("PSUBSCRIBE", "n*").items();
    }

    /// Has the waiter send a command, and returns when it waits or has its reply.
    void begin(String[] blocking) {
      waiter.send(blocking);
      waiter.flush();
      while (!waiter.hasInput() && !infoSays("blocked_clients:1")) {
        Thread.onSpinWait();
      }
    }

    private boolean infoSays(String line) {
      return control.call("INFO", "clients").text().contains(line + "\r");
    }

    /// What the waiter was told, if need be because it was woken.
    RespValue end() {
      if (!waiter.hasInput()) {
        control.call("CLIENT", "UNBLOCK", waiterId).number();
      }
      return waiter.read();
    }

    /// What the listener was told since the last time. Of which keys it was ever told that they are
    /// not what it has read is kept in `invalidated`.
    List<String> heard() {
      List<String> messages = new ArrayList<>();
      listener.send("PING", "that was");
      listener.flush();
      for (RespValue told = listener.read();
          !told.equals(new RespValue.Bulk("that was"));
          told = listener.read()) {
        List<RespValue> items = told.items();
        if (items.getFirst().text().equals("invalidate")) {
          invalidated.add(items.get(1).toString());
        } else {
          messages.add(items.toString());
        }
      }
      return messages;
    }

    @Override
    public void close() {
      main.close();
      waiter.close();
      listener.close();
      control.close();
    }
  }

  private void compareAll(Side oracle, Side subject) {
    List<String> all = List.copyOf(new TreeSet<>(CommandTemplates.BY_FAMILY.keySet()));
    List<String> families = FAMILIES.isEmpty() ? all : List.of(FAMILIES.split(","));
    SplittableRandom random = new SplittableRandom(seed);
    CommandGrammar grammar = new CommandGrammar(seed, families);
    for (int done = 0; done < COMMANDS; done += BATCH) {
      String[] blocking = command(random, grammar, "blocking", CommandTemplates.BLOCKING);
      String[] cached = command(random, grammar, "string", CommandTemplates.CACHED);
      compareOne(cached, oracle.listener, subject.listener);
      oracle.begin(blocking);
      subject.begin(blocking);
      int first = history.size();
      for (int i = 0; i < BATCH; i++) {
        String family = families.get(random.nextInt(families.size()));
        List<String> templates = CommandTemplates.BY_FAMILY.getOrDefault(family, List.of());
        String[] command = command(random, grammar, family, templates);
        history.add(command);
        oracle.main.send(command);
        subject.main.send(command);
      }
      oracle.main.flush();
      subject.main.flush();
      for (int i = first; i < history.size(); i++) {
        compareOne(i, oracle.main.read(), subject.main.read());
      }
      history.add(blocking);
      compareOne(history.size() - 1, oracle.end(), subject.end());
      same("what was told", oracle.heard(), subject.heard());
      if (!subject.invalidated.containsAll(oracle.invalidated)) { // More of them do no harm.
        differs("keys", "redis: " + oracle.invalidated + "\ncarnelian: " + subject.invalidated);
      }
      compareLogs(oracle, subject, done);
      forgetOld();
    }
    RespValue _ = oracle.main.call("DISCARD");
    RespValue _ = subject.main.call("DISCARD");
  }

  private static String[] command(
      SplittableRandom random, CommandGrammar grammar, String family, List<String> templates) {
    return grammar.expand(family, templates.get(random.nextInt(templates.size())));
  }

  private void compareOne(String[] command, RespConnection oracle, RespConnection subject) {
    history.add(command);
    compareOne(history.size() - 1, oracle.call(command), subject.call(command));
  }

  private void compareOne(int i, RespValue theirs, RespValue ours) {
    RespValue expected = CanonicalReply.of(history.get(i), theirs);
    RespValue actual = CanonicalReply.of(history.get(i), ours);
    if (!expected.equals(actual)) {
      differs(
          history.get(i)[0],
          "seed %d, command %d: %s%n  redis:     %s%n  carnelian: %s%nbefore it:%n%s"
              .formatted(seed, i, show(history.get(i)), expected, actual, context(i)));
    }
  }

  private void compareLogs(Side oracle, Side subject, int done) {
    String marker = Integer.toString(done);
    oracle.control.call("SET", "a-marker", marker).text();
    subject.control.call("SET", "a-marker", marker).text();
    List<String> theirs = CanonicalLog.of(oracle.log.upTo("a-marker", marker));
    List<String> ours = CanonicalLog.of(subject.log.upTo("a-marker", marker));
    same("what was propagated", theirs, ours);
  }

  private void same(String what, List<String> theirs, List<String> ours) {
    for (int i = 0; i < Math.max(theirs.size(), ours.size()); i++) {
      String expected = i < theirs.size() ? theirs.get(i) : "nothing";
      String actual = i < ours.size() ? ours.get(i) : "nothing";
      if (!CanonicalLog.equal(expected, actual, CLOCKS_APART_MILLIS)) {
        List<String> batch = new ArrayList<>();
        for (int j = Math.max(0, history.size() - BATCH - 2); j < history.size(); j++) {
          batch.add("  " + show(history.get(j)));
        }
        differs(
            what,
            "seed %d, %s:%n  redis:     %s%n  carnelian: %s%nafter%n  %s%nof the batch%n%s"
                .formatted(
                    seed,
                    what,
                    expected,
                    actual,
                    String.join(
                        "\n  ", theirs.subList(Math.max(0, i - 5), Math.min(i, theirs.size()))),
                    String.join("\n", batch)));
        return;
      }
    }
  }

  /// The first difference ends the run, unless more of them are asked for; one of each kind.
  private void differs(String kind, String how) {
    different.putIfAbsent(kind, how);
    if (different.size() >= MOST) {
      fail(String.join("\n", different.values()));
    }
  }

  /// Of a long run only the end is kept.
  private void forgetOld() {
    if (history.size() > 40_000) {
      history.subList(0, 20_000).clear();
    }
  }

  private String context(int at) {
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
