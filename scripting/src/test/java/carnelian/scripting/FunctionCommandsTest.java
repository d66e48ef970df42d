package carnelian.scripting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Function libraries and their functions.
class FunctionCommandsTest {
  private static final String LIBRARY =
      """
      #!lua name=lib
      redis.register_function('put', function(keys, args) return redis.call('set', keys[1], args[1]) end)
      redis.register_function{
        function_name='fetch', callback=function(keys) return redis.call('get', keys[1]) end,
        flags={'no-writes'}, description='Reads a key.'}
      """;

  private final ScriptedStore store = new ScriptedStore();

  @AfterEach
  void close() {
    store.close();
  }

  private String load(String code) {
    return store.raw("FUNCTION", "LOAD", code);
  }

  private static String library(String body) {
    return "#!lua name=other\n" + body;
  }

  @Test
  void functions_areCalledWithKeysAndArguments() {
    assertThat(load(LIBRARY)).isEqualTo("$3 lib");
    assertThat(store.raw("FCALL", "put", "1", "k", "v")).isEqualTo("+OK");
    assertThat(store.raw("FCALL", "fetch", "1", "k")).isEqualTo("$1 v");
    assertThat(store.raw("FCALL_RO", "fetch", "1", "k")).isEqualTo("$1 v");
    assertThat(store.raw("FCALL_RO", "put", "1", "k", "v"))
        .isEqualTo("-ERR Can not execute a script with write flag using *_ro command.");
    assertThat(store.raw("FCALL", "none", "0")).isEqualTo("-ERR Function not found");
    assertThat(store.raw("FCALL", "put", "x")).isEqualTo("-ERR Bad number of keys provided");
    assertThat(store.raw("FCALL", "put", "-1")).isEqualTo("-ERR Number of keys can't be negative");
    assertThat(store.raw("FCALL", "put", "5", "k"))
        .isEqualTo("-ERR Number of keys can't be greater than number of args");
  }

  @Test
  void librariesAndWhatFunctionsDo_arePropagated() {
    load(LIBRARY);
    assertThat(store.store.propagated().toString()).contains("FUNCTION LOAD #!lua name=lib");
    store.run("FCALL", "put", "1", "k", "v");
    assertThat(store.store.propagated()).containsExactly("set k v");
    store.run("FUNCTION", "DELETE", "lib");
    assertThat(store.store.propagated()).containsExactly("FUNCTION DELETE lib");
    store.run("FUNCTION", "FLUSH");
    assertThat(store.store.propagated()).containsExactly("FUNCTION FLUSH");
  }

  @Test
  void list_describesLibraries() {
    load(LIBRARY);
    String list = store.raw("FUNCTION", "LIST", "LIBRARYNAME", "L*");
    assertThat(list)
        .startsWith("*1 *6 $12 library_name $3 lib $6 engine $3 LUA $9 functions *2 ")
        .contains("$4 name $5 fetch $11 description $12 Reads a key. $5 flags *1 +no-writes")
        .contains("$4 name $3 put $11 description $-1 $5 flags *0");
    assertThat(store.raw("FUNCTION", "LIST", "LIBRARYNAME", "none")).isEqualTo("*0");
    assertThat(store.raw("FUNCTION", "LIST", "WITHCODE")).contains("$12 library_code");
    assertThat(store.raw("FUNCTION", "LIST", "NONSENSE"))
        .isEqualTo("-ERR Unknown argument NONSENSE");
    assertThat(store.raw("FUNCTION", "STATS"))
        .isEqualTo(
            "*4 $14 running_script $-1 $7 engines *2 $3 LUA *4 $15 libraries_count :1"
                + " $15 functions_count :2");
  }

  @Test
  void load_refusesWhatIsNoLibrary() {
    assertThat(load("return 1")).isEqualTo("-ERR Missing library metadata");
    assertThat(load("#!lua name=x")).isEqualTo("-ERR Invalid library metadata");
    assertThat(load("#!lua\n")).isEqualTo("-ERR Library name was not given");
    assertThat(load("#!lua name=a-b\n")).startsWith("-ERR Library names can only contain letters");
    assertThat(load("#!ruby name=x\n")).isEqualTo("-ERR Engine 'ruby' not found");
    assertThat(load(library("return 1"))).isEqualTo("-ERR No functions registered");
    assertThat(load(library("retrun 1"))).startsWith("-ERR Error compiling function: ");
    assertThat(load(library("redis.call('ping')")))
        .startsWith("-ERR Error registering functions: ");
    assertThat(load(library("redis.register_function('f', 1)")))
        .contains("second argument to redis.register_function must be a function");
    assertThat(load(library("redis.register_function('a-b', function() end)")))
        .contains("must be at least one character long");
    assertThat(load(library("redis.register_function{function_name='f'}")))
        .contains("redis.register_function must get a callback argument");
    assertThat(store.scripting.libraryCount()).isZero();
  }

  @Test
  void load_replacesOnlyIfAskedTo_andKeepsTheOldIfItFails() {
    load(LIBRARY);
    assertThat(load(LIBRARY)).isEqualTo("-ERR Library 'lib' already exists");
    assertThat(load(library("redis.register_function('put', function() end)")))
        .isEqualTo("-ERR Function put already exists");
    assertThat(store.raw("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nfail()"))
        .startsWith("-ERR Error registering functions");
    assertThat(store.raw("FCALL", "put", "1", "k", "v")).isEqualTo("+OK");
    assertThat(
            store.raw(
                "FUNCTION",
                "LOAD",
                "REPLACE",
                "#!lua name=lib\nredis.register_function('one', function() return 1 end)"))
        .isEqualTo("$3 lib");
    assertThat(store.raw("FCALL", "put", "1", "k", "v")).isEqualTo("-ERR Function not found");
    assertThat(store.raw("FCALL", "one", "0")).isEqualTo(":1");
  }

  @Test
  void dumpAndRestore_bringLibrariesBack() {
    load(LIBRARY);
    byte[] payload = bytes(store.store.raw("FUNCTION", "DUMP"));
    assertThat(store.raw("FUNCTION", "RESTORE", payload))
        .isEqualTo("-ERR Library lib already exists");
    assertThat(store.raw("FUNCTION", "RESTORE", payload, "REPLACE")).isEqualTo("+OK");
    assertThat(store.raw("FUNCTION", "RESTORE", payload, "SIDEWAYS"))
        .startsWith("-ERR Wrong restore policy given");
    assertThat(store.raw("FUNCTION", "RESTORE", "x"))
        .isEqualTo("-ERR DUMP payload version or checksum are wrong");
    store.run("FUNCTION", "FLUSH");
    assertThat(store.raw("FUNCTION", "RESTORE", payload, "FLUSH")).isEqualTo("+OK");
    assertThat(store.raw("FCALL", "put", "1", "k", "v")).isEqualTo("+OK");
  }

  private static byte[] bytes(String bulk) {
    int start = bulk.indexOf("\r\n") + 2;
    return bulk.substring(start, bulk.length() - 2)
        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test
  void aLibrarysOwnGlobals_areItsLocalsOnly() {
    assertThat(load(library("x = 1"))).contains("Attempt to modify a readonly table");
    assertThat(
            load(
                library(
                    "local n = 0\n"
                        + "redis.register_function('count', function() n = n + 1 return n end)")))
        .isEqualTo("$5 other");
    assertThat(store.raw("FCALL", "count", "0")).isEqualTo(":1");
    assertThat(store.raw("FCALL", "count", "0")).isEqualTo(":2");
  }

  @Test
  void flags_limitWhatAFunctionMay() {
    load(
        library(
            "redis.register_function{function_name='f', flags={'no-writes'},"
                + " callback=function() return redis.call('set','a',1) end}"));
    assertThat(store.raw("FCALL", "f", "0"))
        .startsWith("-ERR Write commands are not allowed from read-only scripts.");
  }
}
