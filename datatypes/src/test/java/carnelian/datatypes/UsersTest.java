package carnelian.datatypes;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.acl.Acl;
import carnelian.engine.acl.AclCommands;
import carnelian.engine.acl.AclLog;
import carnelian.engine.pubsub.PubSub;
import carnelian.engine.pubsub.PubSubCommands;
import carnelian.engine.transactions.TransactionCommands;
import carnelian.harness.TestClient;
import carnelian.harness.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Users, their rules and the ACL commands, with real commands to be allowed and refused.
class UsersTest {
  private final TestStore store = TestStore.with(DataTypes.commands());
  private final PubSub pubSub = new PubSub(store.engine(), 7);
  private final Acl acl = new Acl(store.engine(), pubSub);
  private final TestClient ann = store.client();

  UsersTest() {
    store.and(new TransactionCommands(store.engine()).all());
    store.and(new PubSubCommands(pubSub).all());
    store.and(new AclCommands(acl).all());
  }

  @AfterEach
  void close() {
    store.close();
    acl.close();
    pubSub.close();
  }

  private void setUser(String... rules) {
    Object[] words = new Object[rules.length + 3];
    words[0] = "ACL";
    words[1] = "SETUSER";
    words[2] = "ann";
    System.arraycopy(rules, 0, words, 3, rules.length);
    assertThat(store.run(words)).isEqualTo("OK");
    ann.client().authenticate("ann", true);
    assertThat(store.run("ACL", "SETUSER", "ann")).isEqualTo("OK");
  }

  private String send(TestClient client, String line) {
    return client.raw((Object[]) line.split(" ")).strip();
  }

  private String tried(String line) {
    return send(ann, line);
  }

  private String admin(String line) {
    return send(store.first(), line);
  }

  @Test
  void newUser_mayDoNothing() {
    setUser();
    assertThat(tried("GET k"))
        .isEqualTo("-NOPERM this user has no permissions to run the 'get' command");
    assertThat(tried("ACL WHOAMI"))
        .isEqualTo("-NOPERM this user has no permissions to run the 'acl|whoami' command");
  }

  @Test
  void readAndWritePatterns_areToldApart() {
    setUser("+@all", "%R~in:*", "%W~out:*", "~both:*");
    String keyRefused =
        "-NOPERM this user has no permissions to access one of the keys used as arguments";

    assertThat(tried("GET in:1")).isEqualTo("$-1");
    assertThat(tried("SET in:1 x")).isEqualTo(keyRefused);
    assertThat(tried("SET out:1 x")).isEqualTo("+OK");
    assertThat(tried("SET out:1 x GET")).isEqualTo(keyRefused);
    assertThat(tried("GET out:1")).isEqualTo(keyRefused);
    assertThat(tried("COPY in:1 out:2")).isEqualTo(":0");
    assertThat(tried("COPY out:1 in:2")).isEqualTo(keyRefused);
    assertThat(tried("INCR both:1")).isEqualTo(":1");
    assertThat(tried("EXISTS in:1 out:1 both:1")).isEqualTo(":2");
    assertThat(tried("EXISTS other")).isEqualTo(keyRefused);
  }

  @Test
  void selectors_areNotAddedUp() {
    setUser("(+@read %R~a*)", "(+@write ~b*)");
    assertThat(tried("GET a1")).isEqualTo("$-1");
    assertThat(tried("SET b1 x")).isEqualTo("+OK");
    assertThat(tried("GET b1")).startsWith("-NOPERM");
    assertThat(tried("COPY a1 b2")).startsWith("-NOPERM");
  }

  @Test
  void channels_areAllowedByPattern() {
    setUser("+@all", "resetchannels", "&news:*", "&exact");
    assertThat(tried("PUBLISH news:1 x")).isEqualTo(":0");
    assertThat(tried("PUBLISH other x"))
        .isEqualTo(
            "-NOPERM this user has no permissions to access one of the channels used as arguments");
    assertThat(tried("PSUBSCRIBE news:a*")).startsWith("-NOPERM"); // Patterns only literally.
    assertThat(tried("PSUBSCRIBE news:*")).startsWith("*3");
    assertThat(tried("UNSUBSCRIBE other")).startsWith("*3");
  }

  @Test
  void subscribers_areClosedWhenTheirChannelIsTakenAway() {
    setUser("+@all", "resetchannels", "&a", "&b");
    tried("SUBSCRIBE a");
    admin("ACL SETUSER ann &c");
    assertThat(ann.isClosed()).isFalse();
    admin("ACL SETUSER ann resetchannels &b");
    assertThat(ann.isClosed()).isTrue();
  }

  @Test
  void firstArguments_canBeAllowedAlone() {
    setUser("+object|encoding", "+spop", "-spop", "+getex|k", "~*");
    assertThat(tried("OBJECT ENCODING k")).isEqualTo("$-1");
    assertThat(tried("OBJECT FREQ k"))
        .isEqualTo("-NOPERM this user has no permissions to run the 'object|freq' command");
    assertThat(tried("GETEX k")).isEqualTo("$-1");
    assertThat(tried("GETEX other")).startsWith("-NOPERM");
    assertThat(admin("ACL LIST"))
        .contains("user ann off ~* resetchannels -@all +object|encoding +getex|k");
  }

  @Test
  void rulesAreShownAsTheyWereGiven_withoutWhatSaysNothing() {
    setUser("on", "nopass", "+@all", "-@string", "+incr", "-object", "+object|freq", "+GET|k");
    assertThat(admin("ACL LIST"))
        .contains(
            "user ann on nopass resetchannels +@all -@string +incr -object +object|freq +get|k");
    admin("ACL SETUSER ann +object -incr +sadd");
    assertThat(admin("ACL LIST"))
        .contains("user ann on nopass resetchannels +@all -@string +get|k\r");
  }

  @Test
  void linesOfUsers_makeTheSameUsers() {
    setUser("on", ">secret", "%R~a", "%W~b", "~c", "&x", "+@read", "-get", "(+set ~z &y)", "()");
    String line = acl.lines().getFirst();
    String rules = line.substring(line.indexOf(" on "));
    admin("ACL SETUSER ben" + rules);
    assertThat(acl.lines().get(1)).isEqualTo("user ben" + rules);
  }

  @Test
  void passwords_areKeptAsHashes_andAllOfThemAdmit() {
    String hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"; // "secret"
    setUser("on", ">secret", ">other");
    assertThat(admin("ACL GETUSER ann")).contains(hash).doesNotContain("secret");
    assertThat(acl.knows("ann")).isTrue();
    assertThat(admin("ACL SETUSER ann !" + hash)).isEqualTo("+OK");
    assertThat(admin("ACL SETUSER ann <secret"))
        .isEqualTo(
            "-ERR Error in ACL SETUSER modifier '<secret': The password you are trying to remove"
                + " from the user does not exist");
  }

  @Test
  void faultyRules_changeNothing() {
    setUser("+get");
    List<String> before = acl.lines();
    for (String rule :
        List.of("+nosuch", "+@nosuch", "%~", "%Q~a", "+get|a|b", "+object|", "#12", "(", ")")) {
      assertThat(admin("ACL SETUSER ann +set " + rule)).startsWith("-ERR ");
    }
    assertThat(admin("ACL SETUSER ann +object|freq|x"))
        .endsWith(": Allowing first-arg of a subcommand is not supported");
    assertThat(acl.lines()).isEqualTo(before);
  }

  @Test
  void deletedUsers_loseTheirConnections() {
    setUser("+@all");
    assertThat(admin("ACL DELUSER ann nobody")).isEqualTo(":1");
    assertThat(ann.isClosed()).isTrue();
    assertThat(admin("ACL DELUSER default")).isEqualTo("-ERR The 'default' user cannot be removed");
  }

  @Test
  void queuedCommands_areCheckedAgainByExec() {
    setUser("+@all", "~*");
    tried("MULTI");
    tried("INCR n");
    admin("ACL SETUSER ann -incr");
    assertThat(tried("EXEC"))
        .endsWith(
            "-NOPERM ACLs rules changed between the moment the transaction was accumulated and the"
                + " EXEC call. This command is no longer allowed for the following reason: no"
                + " permission to execute the command or subcommand");
    assertThat(admin("ACL LOG")).contains("multi").contains("incr");
  }

  @Test
  void refusals_areOnRecord() {
    setUser("+get", "~a");
    tried("SET a 1");
    tried("GET b");
    tried("GET b");
    String log = admin("ACL LOG");
    assertThat(log).contains("command").contains("set").contains("key").contains("ann");
    assertThat(acl.log().denied(AclLog.Reason.KEY)).isEqualTo(2);
    assertThat(admin("ACL LOG RESET")).isEqualTo("+OK");
    assertThat(admin("ACL LOG")).isEqualTo("*0");
  }

  @Test
  void dryRun_tellsWithoutRunning() {
    setUser("+set", "+get", "%R~r");
    assertThat(admin("ACL DRYRUN ann GET r")).isEqualTo("+OK");
    assertThat(admin("ACL DRYRUN ann SET r 1"))
        .contains("This user has no permissions to access the 'r' key");
    assertThat(admin("ACL DRYRUN ann INCR r"))
        .contains("This user has no permissions to run the 'incr' command");
    assertThat(admin("ACL DRYRUN ann SET r"))
        .isEqualTo("-ERR wrong number of arguments for 'set' command");
    assertThat(admin("ACL LOG")).isEqualTo("*0");
  }

  @Test
  void sort_byPatternsNeedsAllKeysToBeReadable() {
    setUser("+sort", "~l");
    assertThat(tried("SORT l BY w_*"))
        .isEqualTo("-ERR BY option of SORT denied due to insufficient ACL permissions.");
    assertThat(tried("SORT l GET #"))
        .isEqualTo("-ERR GET option of SORT denied due to insufficient ACL permissions.");
    admin("ACL SETUSER ann %R~*");
    assertThat(tried("SORT l BY w_*")).isEqualTo("*0");
  }

  @Test
  void defaultUser_canBeTakenAway() {
    admin("ACL SETUSER other on nopass +@all ~*");
    store.first().client().authenticate("other", true);
    admin("ACL SETUSER default off");
    assertThat(send(store.client(), "GET k")).isEqualTo("-NOAUTH Authentication required.");
    admin("ACL SETUSER default on");
    assertThat(send(store.client(), "GET k")).isEqualTo("$-1");
  }

  @Test
  void aclFile_isSavedAndLoaded(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("users.acl");
    Files.writeString(file, "user ben on nopass ~* +@all\n\nuser cat off (+get ~a) ( +set ~b )\n");
    acl.file(file);
    setUser("+@all");
    assertThat(admin("ACL LOAD")).isEqualTo("+OK");
    assertThat(ann.isClosed()).isTrue();
    assertThat(acl.lines()).hasSize(3);
    assertThat(acl.lines().get(1))
        .isEqualTo(
            "user cat off resetchannels -@all (~a resetchannels -@all +get) (~b resetchannels -@all"
                + " +set)");
    assertThat(admin("ACL SAVE")).isEqualTo("+OK");
    assertThat(Files.readAllLines(file)).isEqualTo(acl.lines());
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void faultyAclFile_changesNothing(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("users.acl");
    Files.writeString(file, "user ben +nosuch\nuser ben\nbogus\n");
    acl.file(file);
    assertThat(admin("ACL LOAD"))
        .isEqualTo(
            "-ERR "
                + file
                + ":1: Error in applying operation '+nosuch': Unknown command or category name in"
                + " ACL. WARNING: Duplicate user 'ben' found on line 2. "
                + file
                + ":3 should start with user keyword followed by the username. WARNING: ACL errors"
                + " detected, no change to the previously active ACL rules was performed");
    assertThat(acl.lines()).containsExactly("user default on nopass ~* &* +@all");
  }

  @Test
  void genpass_givesAsManyBitsAsAsked() {
    assertThat(Objects.toString(store.run("ACL", "GENPASS"))).matches("[0-9a-f]{64}");
    assertThat(Objects.toString(store.run("ACL", "GENPASS", 5))).matches("[0-9a-f]{2}");
    assertThat(admin("ACL GENPASS 4097")).startsWith("-ERR ACL GENPASS argument must be");
  }
}
