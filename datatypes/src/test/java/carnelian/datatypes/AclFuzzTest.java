package carnelian.datatypes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.acl.Acl;
import carnelian.engine.acl.AclCommands;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Any bytes as rules of a user and as an ACL file: refused, or a user whose printed rules make the
/// same user again. A normal run goes over the inputs kept in the test resources; `JAZZER_FUZZ=1`
/// searches for more.
class AclFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 12;

  /// Rules that a second user is given must make what they made of the first.
  private static final class Users implements AutoCloseable {
    private final TestStore store = TestStore.with(DataTypes.commands());
    private final PubSub pubSub = new PubSub(store.engine(), 7);
    private final Acl acl = new Acl(store.engine(), pubSub);

    Users() {
      store.and(new TransactionCommands(store.engine()).all());
      store.and(new PubSubCommands(pubSub).all());
      store.and(new AclCommands(acl).all());
    }

    Object setUser(String name, String[] rules) {
      List<Object> words = new ArrayList<>(List.of("ACL", "SETUSER", name));
      for (String rule : rules) {
        words.add(rule.getBytes(ISO_8859_1));
      }
      return String.valueOf(store.run(words.toArray()));
    }

    /// The line that makes a user, without `user` and the name.
    String rules(String name) {
      for (String line : acl.lines()) {
        String start = "user " + name + " ";
        if (line.startsWith(start)) {
          return line.substring(start.length());
        }
      }
      throw new AssertionError("no user " + name);
    }

    @Override
    public void close() {
      store.close();
      acl.close();
      pubSub.close();
    }
  }

  /// The rules are lines.
  @FuzzTest(maxDuration = "10m")
  void rules_areRefusedOrMakeWhatTheyPrint(byte[] bytes) {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (Users users = new Users()) {
      if (!users.setUser("ann", new String(bytes, ISO_8859_1).split("\n", -1)).equals("OK")) {
        return;
      }
      String rules = users.rules("ann");
      assertThat(users.setUser("bob", rules.split(" ", -1))).as(rules).isEqualTo("OK");
      assertThat(users.rules("bob")).isEqualTo(rules);
      assertThat(users.store.raw("ACL", "GETUSER", "bob"))
          .isEqualTo(users.store.raw("ACL", "GETUSER", "ann"));
      tryAll(users);
    }
  }

  /// What they may do is the same, too.
  private static void tryAll(Users users) {
    String[][] commands = {
      {"GET", "foo"}, {"SET", "a:1", "x"}, {"PUBLISH", "news", "x"}, {"OBJECT", "FREQ", "foo"},
      {"COPY", "foo", "bar"}, {"SORT", "foo", "GET", "a:*"}, {"ACL", "WHOAMI"}, {"CONFIG", "x"}
    };
    for (String[] command : commands) {
      List<Object> ann = new ArrayList<>(List.of("ACL", "DRYRUN", "ann"));
      List<Object> bob = new ArrayList<>(List.of("ACL", "DRYRUN", "bob"));
      ann.addAll(List.of(command));
      bob.addAll(List.of(command));
      String one = users.store.raw(ann.toArray());
      String other = users.store.raw(bob.toArray());
      assertThat(one.replaceAll("\\bann\\b", "bob").replaceAll("\\$[0-9]+", ""))
          .isEqualTo(other.replaceAll("\\$[0-9]+", ""));
    }
  }

  @FuzzTest(maxDuration = "10m")
  void file_isRefusedOrMakesWhatItPrints(byte[] bytes) throws Exception {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    Path memory = Path.of("/dev/shm");
    Path file = Files.createTempFile(Files.isDirectory(memory) ? memory : Path.of(""), "acl", "");
    try (Users users = new Users()) {
      users.acl.file(file);
      Files.write(file, bytes);
      List<String> before = users.acl.lines();
      if (users.store.run("ACL", "LOAD") instanceof ErrorReply) {
        assertThat(users.acl.lines()).isEqualTo(before);
        return;
      }
      List<String> loaded = users.acl.lines();
      Files.writeString(file, String.join("\n", loaded), ISO_8859_1);
      users.acl.log();
      try (Users again = new Users()) {
        again.acl.file(file);
        assertThat(again.store.run("ACL", "LOAD")).isEqualTo("OK");
        assertThat(again.acl.lines()).isEqualTo(loaded);
      }
    } finally {
      Files.delete(file);
    }
  }
}
