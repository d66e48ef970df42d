package carnelian.engine;

import static carnelian.command.Declaration.declare;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import carnelian.command.Group;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandTableTest {
  private final NativeBuffer bytes = new NativeBuffer(64);
  private final CommandTable table = new CommandTable();

  @AfterEach
  void close() {
    bytes.close();
  }

  private static Command command(String name) {
    return Command.command(
        declare(name).group(Group.GENERIC).since("1.0.0").summary("For a test.").arity(-1),
        call -> {});
  }

  /// Looks the name up where nothing may be read after its last byte.
  private @Nullable CommandEntry find(String name) {
    bytes.clear();
    bytes.putAscii(name);
    return table.find(bytes.slice(new Slice()));
  }

  @Test
  void find_findsEachOfManyNamesInAnyCase() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      names.add("c" + "x".repeat(i % 20) + i);
    }
    for (String name : names) {
      table.register(List.of(command(name)));
    }
    for (String name : names) {
      assertThat(find(name)).isNotNull().hasToString(name);
      assertThat(find(name.toUpperCase(Locale.ROOT))).isNotNull().hasToString(name);
      assertThat(find(name + "y")).isNull();
    }
  }

  @Test
  void find_ofShortNamesReadsNoFurther() {
    table.register(List.of(command("a"), command("abc"), command("abcd"), command("abcdefg")));
    assertThat(find("A")).hasToString("a");
    assertThat(find("aBc")).hasToString("abc");
    assertThat(find("ABCD")).hasToString("abcd");
    assertThat(find("abcdefG")).hasToString("abcdefg");
    assertThat(find("ab")).isNull();
    assertThat(find("")).isNull();
  }

  @Test
  void find_foldsLettersOnly() {
    table.register(List.of(command("a[b"), command("restore-asking"), command("x_y")));
    assertThat(find("A[B")).isNotNull();
    assertThat(find("a{b")).isNull();
    assertThat(find("RESTORE-asking")).isNotNull();
    assertThat(find("restore\rasking")).isNull();
    assertThat(find("X_Y")).isNotNull();
    assertThat(find("xy")).isNull();
  }

  @Test
  void find_ofBytesAboveAsciiFindsNothing() {
    table.register(List.of(command("get")));
    bytes.clear();
    bytes.put(new byte[] {(byte) 0xC7, (byte) 0xE5, (byte) 0xF4});
    assertThat(table.find(bytes.slice(new Slice()))).isNull();
  }

  @Test
  void register_ofANameTwiceIsRefused() {
    table.register(List.of(command("get")));
    assertThatThrownBy(() -> table.register(List.of(command("GET"))))
        .hasMessageContaining("two commands of one name");
  }

  @Test
  void rename_movesTheCommandAndHidesTheOldName() {
    table.register(List.of(command("config"), command("flushall"), command("get")));
    assertThat(table.rename("config", "hush")).isTrue();
    assertThat(table.rename("flushall", "")).isTrue();
    assertThat(table.rename("nothing", "else")).isFalse();
    assertThat(find("config")).isNull();
    assertThat(find("HUSH")).hasToString("config");
    assertThat(find("flushall")).isNull();
    assertThat(find("get")).hasToString("get");
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void family_isDeclaredWhenOneOfItsCommandsIsAskedFor() {
    List<String> declared = new ArrayList<>();
    table.register(
        new CommandFamily(
            "GET SET",
            () -> {
              declared.add("strings");
              return List.of(command("get"), command("set"));
            }));
    table.register(List.of(command("ping")));
    table.register(
        new CommandFamily(
            "HGET",
            () -> {
              declared.add("hashes");
              return List.of(command("hget"));
            }));
    assertThat(table.size()).isEqualTo(4);
    assertThat(find("nothing")).isNull();
    assertThat(find("ping")).hasToString("ping");
    assertThat(declared).isEmpty();
    assertThat(table.find("HGET")).hasToString("hget");
    assertThat(table.declaredSoFar()).hasToString("[ping, hget]");
    assertThat(find("Set")).hasToString("set");
    assertThat(find("get")).hasToString("get");
    assertThat(declared).containsExactly("hashes", "strings");
    assertThat(table.entries()).hasToString("[get, set, ping, hget]").isEqualTo(table.declared());
    assertThat(table.entries().stream().map(CommandEntry::number)).doesNotHaveDuplicates();
  }

  @Test
  void entries_declareAll_andARenameToo() {
    table.register(new CommandFamily("GET SET", () -> List.of(command("get"), command("set"))));
    table.register(new CommandFamily("HGET", () -> List.of(command("hget"))));
    assertThat(table.rename("set", "put")).isTrue();
    assertThat(table.entries()).hasToString("[get, set, hget]");
    assertThat(find("put")).hasToString("set");
    assertThat(find("set")).isNull();
  }

  @Test
  void family_whoseNamesAreNotItsCommands_isRefused() {
    table.register(new CommandFamily("GET", () -> List.of(command("get"), command("set"))));
    assertThatThrownBy(() -> find("get")).hasMessageContaining("not among its names: set");
    CommandTable other = new CommandTable();
    other.register(new CommandFamily("GET SET", () -> List.of(command("get"))));
    assertThatThrownBy(other::declareAll).hasMessageContaining("these are the names");
  }

  @Test
  void container_hasATableOfItsSubcommands() {
    Command container =
        Command.container(
            declare("CONFIG").group(Group.SERVER).since("1.0.0").summary("A container.").arity(-2),
            List.of(command("CONFIG|GET"), command("CONFIG|SET")));
    table.register(List.of(container));
    CommandEntry config = requireNonNull(find("config"));
    CommandTable subcommands = requireNonNull(config.subcommands());
    CommandEntry get = requireNonNull(subcommands.find("get"));
    assertThat(get.name()).isEqualTo("config|get");
    assertThat(get.container()).isSameAs(config);
  }
}
