package carnelian.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same random commands on redis-server and Carnelian: every reply, what clients are told that
/// wait, listen and cache meanwhile, the propagated stream, and at the end all data are equal. Up
/// to where values are compact is drawn from the seed, and anew now and then.
///
/// `-Dcarnelian.differential.commands=N` and `-Dcarnelian.differential.seed=S` lengthen and vary
/// it, `-Dcarnelian.differential.families=a,b` takes some families alone, and
/// `-Dcarnelian.differential.expires=false` leaves no keys to be found expired; a difference prints
/// the commands that led to it on the same keys.
class DifferentialTest {
  private static final int COMMANDS = Integer.getInteger("carnelian.differential.commands", 3_500);
  private static final long SEED = Long.getLong("carnelian.differential.seed", 1);
  private static final String FAMILIES = System.getProperty("carnelian.differential.families", "");
  private static final boolean EXPIRES =
      !System.getProperty("carnelian.differential.expires", "true").equals("false");
  private static final int MOST = Integer.getInteger("carnelian.differential.most", 1);
  private static final int BATCH = 50;
  private static final int CONTEXT = 25;

  /// After so many commands the digests of the data are compared.
  private static final int DIGESTED = 500;

  /// Other limits after every eighth digest or so.
  private static final int ONE_LIMITED_OF = 8;

  /// So many commands later, someone has come across every key that has expired.
  private static final int EXPIRED_KEYS_LAST = 1500;

  /// How much later one server may execute `EXPIRE key 100` than the other.
  private static final long CLOCKS_APART_MILLIS = 60_000;

  /// Two milliseconds, and more for what rounds.
  private static final long BRIEFLY_NANOS = 4_000_000;

  private static final RespValue QUEUED = new RespValue.Simple("QUEUED");

  private static final String NO_BOUND = "ERR min or max is not a float";
  private static final Pattern NUMBER = Pattern.compile("|-?[0-9]+(\\.[0-9]+)?");

  /// Of an integer that COPY has made: Redis counts who refers to it.
  private static final RespValue NOT_SHARED = new RespValue.Int(1);

  private static final RespValue SHARED = new RespValue.Int(Integer.MAX_VALUE);

  /// What 7.2 has for small sets, and what a HyperLogLog stays that is only counted; whether they
  /// are such is looked at with the data.
  private static final RespValue LISTPACK = new RespValue.Bulk("listpack");

  private static final RespValue EMBSTR = new RespValue.Bulk("embstr");
  private static final RespValue RAW = new RespValue.Bulk("raw");

  private static final RespValue HASHTABLE = new RespValue.Bulk("hashtable");
  private static final RespValue INTSET = new RespValue.Bulk("intset");
  private static final Set<RespValue> SETS = Set.of(HASHTABLE, INTSET);

  private static final String[] LOGGING = {
    "--appendonly",
    "yes",
    "--appendfsync",
    "no",
    "--auto-aof-rewrite-percentage",
    "0",
    "--enable-debug-command",
    "yes"
  };

  @TempDir Path directory;

  private final List<String[]> history = new ArrayList<>();
  private final List<String[]> queued = new ArrayList<>();
  private final Map<String, String> different = new LinkedHashMap<>();
  private long seed;
  private CompactLimits limits = new CompactLimits(Map.of());
  private boolean compactSets;
  private boolean smallIntsets;
  private boolean startsOver;
  private int timesStartedOver;

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void randomCommands_onBothServers_replyTheSame(int protocol) throws Exception {
    assumeTrue(ServerProcess.redisInstalled(), "needs Debian's redis-server");
    seed = SEED * 31 + protocol;
    Path ours = Files.createDirectory(directory.resolve("carnelian"));
    Path theirs = Files.createDirectory(directory.resolve("redis"));
    SplittableRandom random = new SplittableRandom(~seed);
    limits = CompactLimits.draw(random);
    compactSets = limits.haveCompactSets();
    smallIntsets = limits.haveSmallIntsets();
    List<String> options = new ArrayList<>(List.of(LOGGING));
    options.addAll(List.of("--aof-marks", "no", "--aof-segment-size", "100gb"));
    options.addAll(limits.options(true));
    List<String> redisOptions = new ArrayList<>(List.of(LOGGING));
    redisOptions.addAll(List.of("--hz", "200")); // It looks for those who have waited enough then.
    redisOptions.addAll(limits.options(false));
    try (ServerProcess redis = ServerProcess.redis(theirs, redisOptions.toArray(String[]::new));
        ServerProcess carnelian = ServerProcess.carnelian(ours, options.toArray(String[]::new));
        Side oracle = new Side(redis, theirs, protocol);
        Side subject = new Side(carnelian, ours, protocol)) {
      compareAll(oracle, subject, random);
      assertThat(timesStartedOver).as("times started over").isLessThan(2 + COMMANDS / 1000);
      assertThat(String.join("\n", different.values())).isEmpty();
    }
  }

  /// One of the two servers and its clients: the one that runs the commands, one that blocks, those
  /// that cache, the first of which listens as well, and one to look after them.
  private static final class Side implements AutoCloseable {
    final RespConnection main;
    final RespConnection waiter;
    final RespConnection control;
    final CachingClients caching;
    final LogTail log;
    private final String waiterId;

    Side(ServerProcess server, Path directory, int protocol) {
      main = server.connect();
      waiter = server.connect();
      control = server.connect();
      caching = new CachingClients(server);
      log = new LogTail(directory);
      for (RespConnection connection : List.of(main, waiter)) {
        connection.call("HELLO", Integer.toString(protocol)).items();
      }
      waiterId = waiter.call("CLIENT", "ID").text();
      control.call("DEBUG", "SET-ACTIVE-EXPIRE", "0").text();
      caching.reader.call("SUBSCRIBE", "a").items();
      caching.reader.call("PSUBSCRIBE", "n*").items();
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

    @Override
    public void close() {
      main.close();
      waiter.close();
      control.close();
      caching.close();
    }
  }

  private void compareAll(Side oracle, Side subject, SplittableRandom other) {
    DataComparison data = new DataComparison(oracle.control, subject.control, CLOCKS_APART_MILLIS);
    List<String> all = List.copyOf(new TreeSet<>(CommandTemplates.BY_FAMILY.keySet()));
    List<String> families = FAMILIES.isEmpty() ? all : List.of(FAMILIES.split(","));
    SplittableRandom random = new SplittableRandom(seed);
    CommandGrammar grammar = new CommandGrammar(seed, families);
    for (int done = 0; done < COMMANDS; done += BATCH) {
      String[] blocking = command(random, grammar, "blocking", CommandTemplates.BLOCKING);
      if (EXPIRES) {
        letExpire(random, grammar, oracle, subject);
      }
      cache(random, grammar, oracle, subject);
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
      List<RespValue> theirs = oracle.main.read(BATCH);
      List<RespValue> ours = subject.main.read(BATCH);
      history.add(blocking);
      // First, because what follows from a named difference of it is none.
      compareOne(first + BATCH, oracle.end(), subject.end());
      for (int i = 0; i < BATCH; i++) {
        compareOne(first + i, theirs.get(i), ours.get(i));
        queue(history.get(first + i), theirs.get(i));
      }
      compareTold(oracle.caching, subject.caching, blocking);
      compareLogs(oracle, subject, done);
      if (startsOver) {
        startOver(oracle, subject);
      } else if (done % DIGESTED == 0) {
        compareData(data, grammar.key());
        changeLimits(data, other, oracle, subject);
      }
      forgetOld();
    }
    RespValue _ = oracle.main.call("DISCARD");
    RespValue _ = subject.main.call("DISCARD");
    data("at the end", data.differences());
  }

  private void compareData(DataComparison data, String key) {
    if (data.digestsDiffer()) {
      List<String> lines = data.differences();
      boolean alone = lines.isEmpty() && data.digestsDiffer(); // What has expired is gone now.
      data("in the middle", alone ? List.of("The digests differ.") : lines);
    }
    data("dumped " + key.replaceAll("[0-9]", ""), data.exchange(key));
  }

  private void changeLimits(
      DataComparison data, SplittableRandom random, Side oracle, Side subject) {
    if (random.nextInt(ONE_LIMITED_OF) == 0) {
      data("before new limits", data.differences());
      limits = CompactLimits.draw(random);
      compactSets |= limits.haveCompactSets();
      smallIntsets |= limits.haveSmallIntsets();
      history.add(limits.command(false));
      oracle.control.call(limits.command(false)).text();
      subject.control.call(limits.command(true)).text();
      if (random.nextBoolean()) {
        compareOne(new String[] {"DEBUG", "RELOAD"}, oracle.control, subject.control);
        data("loaded under new limits", data.differences());
      }
    }
  }

  private void data(String when, List<String> lines) {
    if (!lines.isEmpty()) {
      String key = lines.getFirst().replaceFirst("(?s)[0-9]+/([^:]*):.*", "$1");
      String before = context(new String[] {"", key}, history.size());
      differs(
          "data " + when,
          "%s, data %s:%n%s%nbefore it:%n%s%nin the batch%n%s"
              .formatted(seedLine(), when, String.join("\n", lines), before, batch()));
    }
  }

  private String seedLine() {
    return "seed %d (%s)".formatted(seed, limits);
  }

  /// Keeps what a transaction has queued, by which the replies of its EXEC are compared.
  private void queue(String[] command, RespValue reply) {
    boolean done = !(reply instanceof RespValue.Failure(String text) && !text.startsWith("EXECA"));
    if (reply.equals(QUEUED)) {
      queued.add(command);
    } else if (done && Set.of("EXEC", "DISCARD").contains(command[0].toUpperCase(Locale.ROOT))) {
      queued.clear();
    }
  }

  private static String[] command(
      SplittableRandom random, CommandGrammar grammar, String family, List<String> templates) {
    return grammar.expand(family, templates.get(random.nextInt(templates.size())));
  }

  /// Keys whose deadline has passed are removed by who comes across them, for both servers' timers
  /// are stopped.
  private void letExpire(
      SplittableRandom random, CommandGrammar grammar, Side oracle, Side subject) {
    String[] brief = command(random, grammar, "string", CommandTemplates.BRIEF);
    compareOne(brief, oracle.control, subject.control);
    long sent = System.nanoTime();
    while (System.nanoTime() - sent < BRIEFLY_NANOS) {
      Thread.onSpinWait();
    }
  }

  private void cache(SplittableRandom random, CommandGrammar grammar, Side oracle, Side subject) {
    String[] cached = command(random, grammar, "string", CommandTemplates.CACHED);
    history.add(cached);
    compareOne(history.size() - 1, oracle.caching.read(cached), subject.caching.read(cached));
    String[] chosen = command(random, grammar, "string", CommandTemplates.CACHED);
    boolean caches = random.nextBoolean();
    history.add(chosen);
    compareOne(
        history.size() - 1,
        oracle.caching.choose(caches, chosen),
        subject.caching.choose(caches, chosen));
  }

  private void compareTold(CachingClients theirs, CachingClients ours, String[] blocking) {
    CachingClients.Told toldByRedis = theirs.toldToReader();
    CachingClients.Told told = ours.toldToReader();
    same("what was published", toldByRedis.messages(), told.messages());
    compareTold("reader", toldByRedis, told, blocking);
    compareTold("sink", theirs.toldToSink(), ours.toldToSink(), blocking);
    compareTold("broadcast", theirs.toldToBroadcast(), ours.toldToBroadcast(), blocking);
  }

  private void compareTold(
      String client, CachingClients.Told theirs, CachingClients.Told ours, String[] blocking) {
    String lines = CachingClients.differences(theirs, ours);
    if (lines.isEmpty()) {
      return;
    }
    if (toldByOursOnly(blocking).containsAll(CachingClients.differing(theirs, ours))) {
      startsOver = true;
    } else {
      differs(
          "told to " + client,
          "%s, told to %s:%n%sin the batch%n%s".formatted(seedLine(), client, lines, batch()));
    }
  }

  /// Keys of which ours may tell once more, because they have changed. What SWAPDB brings to who
  /// waits for a list is taken from it: in 7.0 only who pushes tells of that key. And a BITFIELD of
  /// which no operation fits may have made its string grow.
  private Set<String> toldByOursOnly(String[] blocking) {
    Set<String> keys = new TreeSet<>();
    for (String[] command : recent()) {
      if (command[0].equalsIgnoreCase("SWAPDB")) {
        keys.addAll(List.of(blocking));
      } else if (command[0].equalsIgnoreCase("BITFIELD") && List.of(command).contains("FAIL")) {
        keys.add(command[1]);
      }
    }
    return keys;
  }

  private String batch() {
    List<String> lines = new ArrayList<>();
    for (int i = Math.max(0, history.size() - BATCH - 4); i < history.size(); i++) {
      lines.add("  " + show(history.get(i)));
    }
    return String.join("\n", lines);
  }

  private void compareOne(String[] command, RespConnection oracle, RespConnection subject) {
    history.add(command);
    compareOne(history.size() - 1, oracle.call(command), subject.call(command));
  }

  private void compareOne(int i, RespValue theirs, RespValue ours) {
    RespValue expected = CanonicalReply.of(history.get(i), queued, theirs);
    RespValue actual = CanonicalReply.of(history.get(i), queued, ours);
    if (!isEqualOrNamed(history.get(i), expected, actual)) {
      differs(
          history.get(i)[0],
          "%s, command %d: %s%n  redis:     %s%n  carnelian: %s%nbefore it:%n%s"
              .formatted(
                  seedLine(),
                  i,
                  show(history.get(i)),
                  expected,
                  actual,
                  context(history.get(i), i)));
    }
  }

  /// Whether what differs is named; of what EXEC replies, each by its command.
  private boolean isEqualOrNamed(String[] command, RespValue theirs, RespValue ours) {
    if (theirs.equals(ours)) {
      return true;
    }
    if (isNamed(command, theirs, ours)) {
      startsOver |= leavesOtherData(command, ours);
      return true;
    }
    if (!command[0].equalsIgnoreCase("EXEC")
        || !(theirs instanceof RespValue.Aggregate(char _, List<RespValue> expected))
        || !(ours instanceof RespValue.Aggregate(char _, List<RespValue> actual))
        || expected.size() != queued.size()
        || actual.size() != queued.size()) {
      return false;
    }
    for (int i = 0; i < queued.size(); i++) {
      if (!isEqualOrNamed(queued.get(i), expected.get(i), actual.get(i))) {
        return false;
      }
    }
    return true;
  }

  /// A named difference that is one of the data, too: who waited got another element, one server
  /// has queued a command more, or one alone has looked for a key that has expired.
  private boolean leavesOtherData(String[] command, RespValue ours) {
    return command[0].matches("B[LRZ].*|XREAD.*|(?i)XSETID")
        || command[0].equalsIgnoreCase("SORT") && ours instanceof RespValue.Int
        || ours instanceof RespValue.Failure(String text) && text.equals(NO_BOUND)
        || QUEUED.equals(ours)
        || command[0].toUpperCase(Locale.ROOT).startsWith("BIT") && mayHaveExpired(command[1]);
  }

  /// Whether the key was given a brief time to live not long ago.
  private boolean mayHaveExpired(String key) {
    List<String[]> last =
        history.subList(Math.max(0, history.size() - EXPIRED_KEYS_LAST), history.size());
    return EXPIRES
        && last.stream()
            .anyMatch(brief -> brief.length > 2 && brief[1].equals(key) && isBrief(brief));
  }

  private static boolean isBrief(String[] command) {
    return Set.of("PEXPIRE", "GETEX", "SET").contains(command[0])
        && command[command.length - 1].equals(CommandTemplates.BRIEFLY);
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
        differs(
            what + " " + CanonicalLog.name(expected) + " " + CanonicalLog.name(actual),
            "%s, %s:%n  redis:     %s%n  carnelian: %s%nafter%n  %s%nof the batch%n%s"
                .formatted(
                    seedLine(),
                    what,
                    expected,
                    actual,
                    String.join(
                        "\n  ", theirs.subList(Math.max(0, i - 5), Math.min(i, theirs.size()))),
                    batch()));
        return;
      }
    }
  }

  /// What 7.2 does and 7.0 does not, and docs/compatibility.md names.
  private boolean isNamed(String[] words, RespValue theirs, RespValue ours) {
    String command = words[0].toUpperCase(Locale.ROOT);
    boolean isError = theirs instanceof RespValue.Failure(String _);
    if (isCutShort(theirs, ours)) {
      return true;
    }
    if (!(ours instanceof RespValue.Failure(String text))) {
      return switch (command) {
        case "ZRANK", "ZREVRANK" -> isError && QUEUED.equals(ours); // They know WITHSCORE.
        case "SORT", "SORT_RO" -> isFalseAlarm(theirs, ours);
        case "OBJECT" ->
            NOT_SHARED.equals(theirs) && SHARED.equals(ours)
                || compactSets && SETS.contains(theirs) && LISTPACK.equals(ours)
                || smallIntsets && INTSET.equals(theirs) && HASHTABLE.equals(ours)
                || RAW.equals(theirs) && EMBSTR.equals(ours);
        case "XREAD" -> List.of(words).contains("BLOCK") && hasMoreStreams(theirs, ours);
        case "GEOSEARCH", "GEORADIUS" ->
            List.of(words).containsAll(List.of("WITHDIST", "COUNT"))
                && distances(theirs).equals(distances(ours));
        default -> command.startsWith("B") && isFromOtherKey(theirs, ours);
      };
    }
    return switch (command) {
      case "ACL" -> isError && dropsASelector(words);
      case "BITCOUNT", "BITPOS" -> true; // They check their arguments before the key.
      case "ZRANK", "ZREVRANK" -> isError;
      case "XSETID" -> text.contains("max_deleted_entry_id"); // Both check the greatest ID.
      case "XREAD", "XREADGROUP" ->
          isError
              ? text.startsWith("ERR Unbalanced") || text.equals("ERR timeout is out of range")
              : List.of(words).contains("BLOCK") && text.startsWith("WRONGTYPE");
      default ->
          text.equals(NO_BOUND) && hasZeroByte(words)
              || !isError && command.startsWith("B") && text.startsWith("WRONGTYPE");
    };
  }

  /// Redis forgets a selector that is open when another begins.
  private static boolean dropsASelector(String[] words) {
    return Stream.of(words).filter(word -> word.startsWith("(") && !word.endsWith(")")).count() > 1;
  }

  /// What some of Redis's errors quote ends at its first zero byte.
  private static boolean isCutShort(RespValue theirs, RespValue ours) {
    if (!(theirs instanceof RespValue.Failure(String cut))
        || !(ours instanceof RespValue.Failure(String whole))) {
      return false;
    }
    int zero = whole.indexOf(0);
    return zero >= 0
        && cut.length() >= zero
        && cut.startsWith(whole.substring(0, zero))
        && whole.endsWith(cut.substring(zero));
  }

  /// Redis reads a bound of scores up to its first zero byte.
  private static boolean hasZeroByte(String[] words) {
    return List.of(words).stream().anyMatch(word -> word.indexOf(0) >= 0);
  }

  /// SORT in Redis takes a number for none if an earlier command has met one that is out of range.
  /// What STORE has stored is not looked at.
  private static boolean isFalseAlarm(RespValue theirs, RespValue ours) {
    return theirs instanceof RespValue.Failure(String text)
        && text.startsWith("ERR One or more scores")
        && (ours instanceof RespValue.Int
            || ours instanceof RespValue.Aggregate(char _, List<RespValue> items)
                && items.stream()
                    .noneMatch(
                        item ->
                            item instanceof RespValue.Bulk(String s)
                                && !s.isEmpty() // Which is 0, too.
                                && !NUMBER.matcher(s).matches()));
  }

  /// A client that waits for several keys has its command run again, and so may find that an
  /// earlier key is no list, or, if SWAPDB has brought several, that it comes first.
  private boolean isFromOtherKey(RespValue theirs, RespValue ours) {
    return theirs instanceof RespValue.Aggregate(char _, List<RespValue> expected)
        && ours instanceof RespValue.Aggregate(char _, List<RespValue> actual)
        && !expected.getFirst().equals(actual.getFirst())
        && recent().stream().anyMatch(command -> command[0].equalsIgnoreCase("SWAPDB"));
  }

  /// Who waits for several streams is told of all that have something then, not of one.
  private static boolean hasMoreStreams(RespValue theirs, RespValue ours) {
    return theirs instanceof RespValue.Aggregate(char _, List<RespValue> one)
        && ours instanceof RespValue.Aggregate(char _, List<RespValue> all)
        && all.containsAll(one);
  }

  /// Which of the members that are equally far away come first is not said.
  private static List<RespValue> distances(RespValue found) {
    List<RespValue> distances = new ArrayList<>();
    if (found instanceof RespValue.Aggregate(char _, List<RespValue> places)) {
      for (RespValue place : places) {
        distances.add(
            place instanceof RespValue.Aggregate(char _, List<RespValue> told)
                ? told.get(1)
                : place);
      }
    }
    return distances;
  }

  /// What the clients have just sent, with transactions that began earlier.
  private List<String[]> recent() {
    return history.subList(Math.max(0, history.size() - 4 * BATCH), history.size());
  }

  /// After such a difference, nothing was compared up to the end of the batch.
  private void startOver(Side oracle, Side subject) {
    for (Side side : List.of(oracle, subject)) {
      RespValue _ = side.main.call("DISCARD");
      side.main.call("SELECT", "0").text();
      side.main.call("SCRIPT", "FLUSH").text();
      side.main.call("FUNCTION", "FLUSH").text();
      side.control.call("FLUSHALL").text();
    }
    queued.clear();
    startsOver = false;
    timesStartedOver++;
    for (CachingClients caching : List.of(oracle.caching, subject.caching)) {
      CachingClients.Told _ = caching.toldToReader();
      CachingClients.Told _ = caching.toldToSink();
      CachingClients.Told _ = caching.toldToBroadcast();
    }
  }

  /// The first difference ends the run, unless more of them are asked for; one of each kind.
  private void differs(String kind, String how) {
    if (startsOver) {
      return;
    }
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

  /// The last commands before the one at the index that have an argument of this one's.
  private String context(String[] command, int at) {
    List<String> related = new ArrayList<>();
    for (int i = at - 1; i >= 0 && related.size() < CONTEXT; i--) {
      if (shareArgument(history.get(i), command)) {
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
