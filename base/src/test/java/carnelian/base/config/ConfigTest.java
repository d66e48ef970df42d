package carnelian.base.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
  private static final Config.Caller CLIENT = new Config.Caller(false, false);

  @TempDir private Path directory;
  private final Config config = new Config(Path.of("/"));

  @Test
  void everyValue_setToItself_isAcceptedAndStays() throws ConfigRefusedException {
    for (Directive<?> directive : Directives.all()) {
      if (!directive.isImmutable()) {
        String before = config.text(directive);
        config.set(directive, before);
        assertThat(config.text(directive)).as(directive.name()).isEqualTo(before);
      }
    }
  }

  @Test
  void names_areUniqueAndLowerCase() {
    List<String> names = new ArrayList<>();
    for (Directive<?> directive : Directives.all()) {
      names.add(directive.name());
      if (directive.alias() != null) {
        names.add(directive.alias());
      }
      assertThat(directive.doc()).as(directive.name()).isNotEmpty();
    }
    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9_-]+"));
  }

  @Test
  void set_oneWrongPair_changesNothing() {
    List<Config.Pair> pairs =
        List.of(new Config.Pair("maxmemory", "1mb"), new Config.Pair("hz", "fast"));

    assertThatThrownBy(() -> config.set(pairs, CLIENT))
        .hasMessage(
            "ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed"
                + " into an integer");
    assertThat(config.get(Directives.MAXMEMORY)).isZero();
  }

  @Test
  void set_refusedByAHook_rollsBackAndTellsTheHooksAgain() {
    List<Long> seen = new ArrayList<>();
    config.onChange(Directives.MAXMEMORY, seen::add);
    config.onChange(
        Directives.PORT,
        port -> {
          if (port == 1) {
            throw new InvalidValueException("Unable to listen on this port. Check server logs.");
          }
        });
    List<Config.Pair> pairs =
        List.of(new Config.Pair("maxmemory", "1kb"), new Config.Pair("port", "1"));

    assertThatThrownBy(() -> config.set(pairs, CLIENT))
        .hasMessage(
            "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this"
                + " port. Check server logs.");
    assertThat(seen).containsExactly(1024L, 0L);
    assertThat(config.get(Directives.PORT)).isEqualTo(6379);
  }

  @Test
  void hook_ofSeveralDirectives_isCalledOnceAndOnlyOnChange() throws ConfigRefusedException {
    List<String> calls = new ArrayList<>();
    config.onChange(
        Set.of(Directives.TLS_CERT_FILE, Directives.TLS_PROTOCOLS), () -> calls.add("tls"));
    config.onChange(Directives.HZ, hz -> calls.add("hz"));

    config.set(
        List.of(
            new Config.Pair("tls-cert-file", "/x"),
            new Config.Pair("tls-protocols", "TLSv1.3"),
            new Config.Pair("hz", "10")),
        CLIENT);
    assertThat(calls).containsExactly("tls");

    config.set(Directives.TLS_CERT_FILE, "/x"); // The file may hold another certificate now.
    assertThat(calls).containsExactly("tls", "tls");
  }

  @Test
  void set_valuesOutsideHz_areCapped() throws ConfigRefusedException {
    config.set(Directives.HZ, "1000");
    assertThat(config.get(Directives.HZ)).isEqualTo(500);
    config.set(Directives.HZ, "0");
    assertThat(config.get(Directives.HZ)).isEqualTo(1);
  }

  @Test
  void set_dir_isProtectedAbsoluteAndRefusedWhileLoading() throws ConfigRefusedException {
    List<Config.Pair> pair = List.of(new Config.Pair("dir", directory.toString()));

    assertThatThrownBy(() -> config.set(pair, CLIENT)).hasMessageContaining("protected config");
    assertThatThrownBy(() -> config.set(pair, new Config.Caller(true, true)))
        .hasMessage("LOADING Redis is loading the dataset in memory");
    config.set(pair, Config.Caller.SERVER);

    assertThat(config.get(Directives.DIR)).isAbsolute().isDirectory();
    assertThat(config.resolve("dump.rdb"))
        .isEqualTo(config.get(Directives.DIR).resolve("dump.rdb"));
    assertThatThrownBy(() -> config.set(Directives.DIR, "none"))
        .hasMessageEndingWith("No such file or directory");
  }

  @Test
  void set_bufferLimitOfOneClass_leavesTheOthers() throws ConfigRefusedException {
    config.set(Directives.CLIENT_OUTPUT_BUFFER_LIMIT, "replica 1mb 2kb 3");

    assertThat(config.text(Directives.CLIENT_OUTPUT_BUFFER_LIMIT))
        .isEqualTo("normal 0 0 0 slave 1048576 2048 3 pubsub 33554432 8388608 60");
  }

  @Test
  void match_exactName_isShownAsAsked() {
    assertThat(config.match(List.of("MAXMEMORY"))).containsOnlyKeys("MAXMEMORY");
    assertThat(config.match(List.of("nosuch"))).isEmpty();
    assertThat(config.match(List.of("maxmemory", "MAXMEMORY", "maxmemory-s*")))
        .containsOnlyKeys("maxmemory", "maxmemory-samples");
  }

  @Test
  void match_pattern_findsAliasesButNothingHidden() {
    assertThat(config.match(List.of("*ziplist-v*")))
        .containsOnlyKeys("hash-max-ziplist-value", "zset-max-ziplist-value");
    assertThat(config.match(List.of("*"))).doesNotContainKeys("use-exit-on-panic", "user");
    assertThat(config.match(List.of("use-exit-on-panic"))).hasSize(1);
  }

  @Test
  void set_keyspaceEvents_areShownInOrder() throws ConfigRefusedException {
    config.set(Directives.NOTIFY_KEYSPACE_EVENTS, "Eg$lshzxetdnK");
    assertThat(config.get(Directives.NOTIFY_KEYSPACE_EVENTS)).isEqualTo("AKEn");
    config.set(Directives.NOTIFY_KEYSPACE_EVENTS, "lgKm");
    assertThat(config.get(Directives.NOTIFY_KEYSPACE_EVENTS)).isEqualTo("glKm");
  }

  @Test
  void set_percentOfMemory_isKept() throws ConfigRefusedException {
    config.set(Directives.MAXMEMORY_CLIENTS, "5%");
    assertThat(config.get(Directives.MAXMEMORY_CLIENTS)).isEqualTo(-5);
    assertThat(config.text(Directives.MAXMEMORY_CLIENTS)).isEqualTo("5%");
  }

  @Test
  void set_sizeOverSixtyFourBits_isRefused() throws ConfigRefusedException {
    assertThatThrownBy(() -> config.set(Directives.MAXMEMORY, "20000000000000gb"))
        .hasMessageEndingWith("argument must be a memory value");
    config.set(Directives.MAXMEMORY, "18446744073709551615");
    assertThat(config.text(Directives.MAXMEMORY)).isEqualTo("18446744073709551615");
  }

  @Test
  void isSecret_knowsPasswords() {
    assertThat(config.isSecret("RequirePass")).isTrue();
    assertThat(config.isSecret("port")).isFalse();
    assertThat(config.isSecret("nosuch")).isFalse();
  }
}
