package carnelian.harness;

import static carnelian.command.Declaration.declare;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.command.Arg;
import carnelian.command.CommandFlag;
import carnelian.command.Group;
import carnelian.command.KeyFlag;
import carnelian.command.KeySpec;
import carnelian.command.Tip;
import carnelian.engine.Command;
import carnelian.engine.introspection.CommandCommands;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandCommandsTest {

  private static final Command MSET =
      Command.command(
          declare("MSET")
              .group(Group.STRING)
              .since("1.0.1")
              .complexity("O(N)")
              .summary("Sets several strings.")
              .arity(-3)
              .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
              .keys(KeySpec.allFrom(1, KeyFlag.OW, KeyFlag.UPDATE).step(2))
              .args(Arg.block("data", Arg.key("key"), Arg.string("value")).multiple())
              .tips(Tip.REQUEST_MULTI_SHARD),
          call -> call.reply().ok());

  private static final Command EVAL =
      Command.command(
          declare("EVAL")
              .group(Group.SCRIPTING)
              .since("2.6.0")
              .summary("Runs a script.")
              .arity(-3)
              .flags(CommandFlag.NOSCRIPT, CommandFlag.NO_MANDATORY_KEYS)
              .keys(KeySpec.counted(2, KeyFlag.RW, KeyFlag.ACCESS).notes("Who knows.")),
          call -> call.reply().ok());

  private final TestStore store = TestStore.with();
  private final TestClient client = store.client();

  CommandCommandsTest() {
    store.engine().register(new CommandCommands(store.engine().commands()).all());
    store.engine().register(List.of(MSET, EVAL));
  }

  /// The reply as on the wire, a space for each end of line.
  private static String send(TestClient client, Object... words) {
    return client.raw(words).replace("\r\n", " ");
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void info_ofMset_isWhatRedisSays() {
    assertThat(send(client, "COMMAND", "INFO", "mset", "nope"))
        .isEqualTo(
            "*2 *10 $4 mset :-3 *2 +write +denyoom :1 :-1 :2 *3 +@write +@string +@slow "
                + "*1 $26 request_policy:multi_shard *1 *6 $5 flags *2 +OW +update "
                + "$12 begin_search *4 $4 type $5 index $4 spec *2 $5 index :1 "
                + "$9 find_keys *4 $4 type $5 range $4 spec *6 $7 lastkey :-1 $7 keystep :2 "
                + "$5 limit :0 *0 $-1 ");
  }

  @Test
  void info_inResp3_hasSetsAndMaps() {
    client.client().protocol(3);

    assertThat(send(client, "COMMAND", "INFO", "EVAL"))
        .isEqualTo(
            "*1 *10 $4 eval :-3 ~3 +noscript +no_mandatory_keys +movablekeys :0 :0 :0 "
                + "~2 +@slow +@scripting ~0 ~1 %4 $5 notes $10 Who knows. $5 flags ~2 +RW +access "
                + "$12 begin_search %2 $4 type $5 index $4 spec %1 $5 index :2 "
                + "$9 find_keys %2 $4 type $6 keynum $4 spec %3 $9 keynumidx :0 $8 firstkey :1 "
                + "$7 keystep :1 ~0 ");
  }

  @Test
  void docs_tellArguments() {
    client.client().protocol(3);

    assertThat(send(client, "COMMAND", "DOCS", "mset", "nope"))
        .isEqualTo(
            "%1 $4 mset %5 $7 summary $21 Sets several strings. $5 since $5 1.0.1 "
                + "$5 group $6 string $10 complexity $4 O(N) $9 arguments *1 "
                + "%4 $4 name $4 data $4 type $5 block $5 flags ~1 +multiple $9 arguments *2 "
                + "%4 $4 name $3 key $4 type $3 key $12 display_text $3 key $14 key_spec_index :0 "
                + "%3 $4 name $5 value $4 type $6 string $12 display_text $5 value ");
  }

  @Test
  void docs_tellSubcommands() {
    assertThat(send(client, "COMMAND", "DOCS", "command")).contains("subcommands *14 ");
    assertThat(send(client, "COMMAND", "DOCS", "command|count")).startsWith("*2 $13 command|count");
  }

  @Test
  void count_countsCommandsWithoutSubcommands() {
    assertThat(send(client, "COMMAND", "COUNT")).isEqualTo(":3 ");
    assertThat(send(client, "COMMAND")).startsWith("*3 *10 $7 command ");
  }

  @Test
  void list_filters() {
    assertThat(send(client, "COMMAND", "LIST")).startsWith("*10 $7 command $13 command|count ");
    assertThat(send(client, "COMMAND", "LIST", "FILTERBY", "PATTERN", "M*"))
        .isEqualTo("*1 $4 mset ");
    assertThat(send(client, "COMMAND", "LIST", "FILTERBY", "ACLCAT", "scripting"))
        .isEqualTo("*1 $4 eval ");
    assertThat(send(client, "COMMAND", "LIST", "FILTERBY", "ACLCAT", "nope")).isEqualTo("*0 ");
    assertThat(send(client, "COMMAND", "LIST", "FILTERBY", "MODULE", "m")).isEqualTo("*0 ");
    assertThat(send(client, "COMMAND", "LIST", "FILTERBY", "x", "m"))
        .isEqualTo("-ERR syntax error ");
    assertThat(send(client, "COMMAND", "LIST", "x")).isEqualTo("-ERR syntax error ");
  }

  @Test
  void getkeys_findsKeys() {
    assertThat(send(client, "COMMAND", "GETKEYS", "mset", "a", "1", "b", "2"))
        .isEqualTo("*2 $1 a $1 b ");
    assertThat(send(client, "COMMAND", "GETKEYSANDFLAGS", "mset", "a", "1"))
        .isEqualTo("*1 *2 $1 a *2 +OW +update ");
    assertThat(send(client, "COMMAND", "GETKEYS", "eval", "s", "0")).isEqualTo("*0 ");
  }

  @Test
  void getkeys_refusesWhatHasNone() {
    assertThat(send(client, "COMMAND", "GETKEYS", "nope", "a"))
        .isEqualTo("-ERR Invalid command specified ");
    assertThat(send(client, "COMMAND", "GETKEYS", "command", "count"))
        .isEqualTo("-ERR The command has no key arguments ");
    assertThat(send(client, "COMMAND", "GETKEYS", "mset", "a"))
        .isEqualTo("-ERR Invalid number of arguments specified for command ");
  }

  @Test
  void help_listsSubcommands() {
    assertThat(send(client, "COMMAND", "HELP"))
        .startsWith("*15 +COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are: +COUNT ")
        .contains("+DOCS [<command-name> ...] ")
        .contains("+LIST [FILTERBY MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>] ")
        .endsWith("+HELP +    Prints this help. ");
  }
}
