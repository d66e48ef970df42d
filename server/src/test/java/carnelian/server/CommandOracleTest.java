package carnelian.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import carnelian.command.Declaration;
import carnelian.command.KeySpec;
import carnelian.engine.Command;
import carnelian.engine.introspection.CommandCommands;
import carnelian.harness.TestStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Asks redis-server 7.0.15 and us the same about commands and compares the bytes of the replies.
class CommandOracleTest {
  /// What a random command line is made of: keys, numbers and the words that tell where keys are.
  private static final int RUNS = Integer.getInteger("carnelian.getkeys.runs", 100);

  private static final List<String> WORDS =
      List.of(
          "k",
          "key2",
          "0",
          "1",
          "2",
          "3",
          "-1",
          "x9",
          "",
          "STORE",
          "store",
          "STOREDIST",
          "BY",
          "GET",
          "LIMIT",
          "KEYS",
          "AUTH",
          "AUTH2",
          "STREAMS",
          "WEIGHTS",
          "AGGREGATE",
          "COUNT",
          "EX",
          "OVERFLOW",
          "INCRBY",
          "u8",
          "COPY",
          "LEFT");

  /// Changed by 7.2 in what COMMAND INFO tells or in how many arguments are right.
  private static final Set<String> CHANGED_IN_72 =
      Set.of(
          "acl",
          "blmove",
          "blpop",
          "brpop",
          "brpoplpush",
          "bzpopmax",
          "bzpopmin",
          "client",
          "cluster",
          "command",
          "config",
          "latency",
          "msetnx",
          "randomkey",
          "scan",
          "wait",
          "waitaof",
          "zrank",
          "zrevrank");

  @TempDir Path directory;
  private TestStore store;
  private Oracle oracle;

  @BeforeEach
  void start() {
    assumeTrue(Oracle.isInstalled(), "redis-server is not installed");
    oracle = Oracle.start(directory);
    store = TestStore.with(AllCommands.list().stream().filter(c -> !isCommand(c)).toList());
    store.and(new CommandCommands(store.engine().commands()).all());
  }

  private static boolean isCommand(Command command) {
    return command.declaration().name().equals("command");
  }

  @AfterEach
  void stop() {
    if (oracle != null) {
      oracle.close();
      store.close();
    }
  }

  private static List<Declaration> comparable() {
    List<Declaration> declarations = new ArrayList<>();
    for (Command command : AllCommands.list()) {
      String name = command.declaration().name();
      if (!CHANGED_IN_72.contains(name) && !DeclarationsTest.NOT_IN_REDIS_72.contains(name)) {
        declarations.add(command.declaration());
      }
    }
    return declarations;
  }

  /// Their order is up to the hash table of redis-server, and notes are in our own words.
  private static boolean hasOrderedReply(Declaration declaration) {
    return !declaration.isContainer()
        && declaration.keySpecs().stream().map(KeySpec::notes).allMatch(note -> note == null);
  }

  private void compare(SoftAssertions softly, Object... words) {
    softly.assertThat(store.raw(words)).as(List.of(words).toString()).isEqualTo(oracle.raw(words));
  }

  @Test
  void commandInfo_isTheSameInBothProtocols() {
    SoftAssertions softly = new SoftAssertions();
    for (int protocol = 2; protocol <= 3; protocol++) {
      oracle.raw("HELLO", protocol);
      store.first().client().protocol(protocol);
      for (Declaration declaration : comparable()) {
        if (hasOrderedReply(declaration)) {
          compare(softly, "COMMAND", "INFO", declaration.name());
        }
      }
      compare(softly, "COMMAND", "INFO", "nope", "get|nope", "config|get|x", "");
      compare(softly, "COMMAND", "DOCS", "nope");
      compare(softly, "COMMAND", "LIST", "FILTERBY", "PATTERN", "mge*");
      compare(softly, "COMMAND", "LIST", "FILTERBY", "MODULE", "m");
      compare(softly, "COMMAND", "LIST", "FILTERBY", "ACLCAT", "nope");
      compare(softly, "COMMAND", "LIST", "FILTERBY", "ACLCAT");
    }
    softly.assertAll();
  }

  @Test
  void commandGetkeys_ofRandomArguments_findsTheSameKeys() {
    long seed = Long.getLong("carnelian.getkeys.seed", 20_261_121);
    Random random = new Random(seed);
    SoftAssertions softly = new SoftAssertions();
    for (Declaration declaration : comparable()) {
      int runs = declaration.hasKeys() ? RUNS : 1;
      for (int i = 0; i < runs; i++) {
        List<Object> line = new ArrayList<>(List.of("COMMAND", "GETKEYSANDFLAGS"));
        line.add(declaration.name());
        int least = Math.abs(declaration.arity()) - 1;
        int count = Math.max(1, least + (declaration.arity() < 0 ? random.nextInt(6) : 0));
        for (int j = 0; j < count; j++) {
          line.add(WORDS.get(random.nextInt(WORDS.size())));
        }
        softly
            .assertThat(store.raw(line.toArray()))
            .as("seed %d: %s", seed, line)
            .isEqualTo(oracle.raw(line.toArray()));
      }
    }
    softly.assertAll();
  }

  @Test
  void commandGetkeys_ofWhatCannotBeAsked_failsAlike() {
    SoftAssertions softly = new SoftAssertions();
    compare(softly, "COMMAND", "GETKEYS", "nope", "x");
    compare(softly, "COMMAND", "GETKEYS", "publish", "x", "y");
    compare(softly, "COMMAND", "GETKEYS", "get", "x", "y");
    compare(softly, "COMMAND", "GETKEYS", "object", "encoding", "k");
    compare(softly, "COMMAND", "GETKEYS", "object", "nope", "k");
    compare(softly, "COMMAND", "GETKEYS", "object|encoding", "k");
    compare(softly, "COMMAND", "GETKEYS", "mset", "a", "b", "c", "d");
    compare(softly, "COMMAND", "GETKEYS", "mset", "a", "b", "c");
    softly.assertAll();
    assertThat(store.raw("COMMAND", "COUNT")).startsWith(":");
  }
}
