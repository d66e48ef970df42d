package carnelian.server;

import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.PROTECTED;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.engine.Command.command;

import carnelian.base.config.Config;
import carnelian.base.config.Directives;
import carnelian.base.config.InvalidValueException;
import carnelian.base.config.MemorySize;
import carnelian.command.DocFlag;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.memory.Glob;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.HashTableStats;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// DEBUG: what tests of the server, and those who look into it, need. Refused unless
/// `enable-debug-command` allows it.
final class DebugCommand {
  private static final Logger LOG = LoggerFactory.getLogger(DebugCommand.class);

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long MAX_PACKED_BYTES = 1L << 32;
  private static final int LRU_CLOCK_MASK = (1 << 24) - 1;

  private static final ReplyError NOT_ALLOWED =
      ReplyError.err(
          "DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you"
              + " can run it from a local connection, otherwise you need to set this option in the"
              + " configuration file, and then restart the server.");
  private static final ReplyError BAD_PACKED_THRESHOLD =
      ReplyError.err("argument must be a memory value bigger than 1 and smaller than 4gb");
  private static final ReplyError BAD_DATABASE = ReplyError.err("Out of range database");
  private static final ReplyError NO_HASH_TABLE =
      ReplyError.err(
          "The value stored at the specified key is not represented using an hash table");
  private static final ReplyError NO_REPLICATION =
      ReplyError.err("DEBUG CHANGE-REPL-ID is not supported by this server");

  private static final List<String> HELP =
      List.of(
          "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
          "DIGEST",
          "    Replies with a fingerprint of all data.",
          "DIGEST-VALUE <key> [<key> ...]",
          "    Replies with the fingerprints of the keys' values.",
          "ERROR <string>",
          "    Replies with this error.",
          "HTSTATS <dbid>",
          "    Describes the hash table of a database.",
          "HTSTATS-KEY <key>",
          "    Describes the hash table of a value.",
          "LOG <message>",
          "    Writes the message to the log.",
          "OBJECT <key>",
          "    Describes how a value is kept.",
          "POPULATE <count> [<prefix>] [<size>]",
          "    Creates string keys named <prefix>:<number>, which are not propagated.",
          "PROTOCOL <type>",
          "    Replies with a value of this type: string, integer, double, bignum, null, array,",
          "    set, map, attrib, push, verbatim, true or false.",
          "QUICKLIST-PACKED-THRESHOLD <size>",
          "    Is accepted and changes nothing: how lists are packed is fixed here.",
          "SET-ACTIVE-EXPIRE <0|1>",
          "    Whether keys are removed when their time comes, or only when they are looked up.",
          "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
          "    Is accepted and changes nothing.",
          "SLEEP <seconds>",
          "    Stops the server for that time.",
          "STRINGMATCH-LEN <pattern> <string>",
          "    Tells whether the string matches the pattern.",
          "HELP",
          "    Prints this help.");

  private final Engine engine;
  private final Config config;
  private final DatasetDigest digest;

  DebugCommand(Engine engine, Config config) {
    this.engine = engine;
    this.config = config;
    digest = new DatasetDigest(engine.keyspace());
  }

  /// DEBUG — A box of tools for those who develop the server.
  List<Command> all() {
    return List.of(
        command(
            declare("DEBUG")
                .group(Group.SERVER)
                .since("1.0.0")
                .complexity("Depends on the subcommand")
                .summary("A box of tools for those who develop the server.")
                .arity(-2)
                .flags(ADMIN, NOSCRIPT, LOADING, STALE, PROTECTED)
                .docFlags(DocFlag.SYSCMD),
            this::debug));
  }

  private void debug(Call call) {
    if (!isAllowed(call.client())) {
      throw NOT_ALLOWED;
    }
    int argc = call.argc();
    String subcommand = call.arg(1).toString().toUpperCase(Locale.ROOT);
    switch (subcommand) {
      case "CHANGE-REPL-ID" -> throw NO_REPLICATION;
      case "DIGEST" -> digest(call, argc == 2);
      case "DIGEST-VALUE" -> digestValues(call);
      case "ERROR" -> error(call, argc == 3);
      case "HELP" -> help(call.reply());
      case "HTSTATS" -> databaseTable(call, argc == 3 || argc == 4);
      case "HTSTATS-KEY" -> valueTable(call, argc == 3);
      case "LOG" -> log(call, argc == 3);
      case "OBJECT" -> object(call, argc == 3 || (argc == 4 && call.is(3, "FAST")));
      case "POPULATE" -> populate(call, argc >= 3 && argc <= 5);
      case "PROTOCOL" -> protocol(call, argc == 3);
      case "QUICKLIST-PACKED-THRESHOLD" -> packedThreshold(call, argc == 3);
      case "SET-ACTIVE-EXPIRE" -> activeExpire(call, argc == 3);
      case "SET-SKIP-CHECKSUM-VALIDATION" -> accepted(call, argc == 3);
      case "SLEEP" -> sleep(call, argc == 3);
      case "STRINGMATCH-LEN" -> matches(call, argc == 4);
      default -> throw Help.hint(call);
    }
  }

  private boolean isAllowed(Client client) {
    return switch (config.get(Directives.ENABLE_DEBUG_COMMAND)) {
      case YES -> true;
      case NO -> false;
      case LOCAL ->
          client.outlet() instanceof ConnectionOutlet outlet && outlet.connection().isLocal();
    };
  }

  private static void require(Call call, boolean wellFormed) {
    if (!wellFormed) {
      throw Help.hint(call);
    }
  }

  private static void help(Reply reply) {
    reply.array(HELP.size());
    for (String line : HELP) {
      reply.simple(line);
    }
  }

  private static void accepted(Call call, boolean wellFormed) {
    require(call, wellFormed);
    call.reply().ok();
  }

  // ---- The server ------------------------------------------------------------------------------

  private static void sleep(Call call, boolean wellFormed) {
    require(call, wellFormed);
    double seconds = call.number(2);
    try {
      TimeUnit.MICROSECONDS.sleep((long) (seconds * MICROS_PER_SECOND));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    call.reply().ok();
  }

  private void activeExpire(Call call, boolean wellFormed) {
    require(call, wellFormed);
    engine.keyspace().expiry().active(!call.is(2, "0"));
    call.reply().ok();
  }

  private static void packedThreshold(Call call, boolean wellFormed) {
    require(call, wellFormed);
    try {
      if (MemorySize.parse(call.arg(2).toString()) >= MAX_PACKED_BYTES) {
        throw BAD_PACKED_THRESHOLD;
      }
    } catch (InvalidValueException _) {
      throw BAD_PACKED_THRESHOLD;
    }
    call.reply().ok();
  }

  private static void log(Call call, boolean wellFormed) {
    require(call, wellFormed);
    LOG.warn("DEBUG LOG: {}", call.arg(2));
    call.reply().ok();
  }

  private static void error(Call call, boolean wellFormed) {
    require(call, wellFormed);
    call.reply().error(call.arg(2).toString());
  }

  private static void matches(Call call, boolean wellFormed) {
    require(call, wellFormed);
    call.reply().integer(Glob.matches(call.arg(2), call.arg(3)) ? 1 : 0);
  }

  // ---- Data ------------------------------------------------------------------------------------

  private void digest(Call call, boolean wellFormed) {
    require(call, wellFormed);
    call.reply().simple(digest.ofAll());
  }

  private void digestValues(Call call) {
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      call.reply().simple(digest.ofValue(call.db().peek(call.arg(i))));
    }
  }

  private static long find(Call call) {
    long entry = call.db().peek(call.arg(2));
    if (entry == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    return entry;
  }

  private static void object(Call call, boolean wellFormed) {
    require(call, wellFormed);
    long entry = find(call);
    SavedLength length = SavedLength.of(call.keyspace(), entry);
    long idle = call.db().idleSeconds(entry);
    long lru = call.nowMillis() / TimeUnit.SECONDS.toMillis(1) - idle & LRU_CLOCK_MASK;
    StringBuilder text = new StringBuilder();
    text.append("Value at:0x").append(Long.toHexString(entry)).append(" refcount:1 encoding:");
    text.append(Database.encoding(entry).word());
    text.append(" serializedlength:").append(length.bytes());
    text.append(" lru:").append(lru).append(" lru_seconds_idle:").append(idle);
    if (Database.encoding(entry).word().equals("quicklist")) {
      long count = call.keyspace().lists().count(entry);
      long nodes = Math.max(length.nodes(), 1);
      text.append(" ql_nodes:").append(nodes);
      text.append(String.format(Locale.ROOT, " ql_avg_node:%.2f", (double) count / nodes));
      text.append(" ql_listpack_max:").append(call.keyspace().limits().listMaxListpackSize());
      text.append(" ql_compressed:0 ql_uncompressed_size:").append(length.compactBytes());
    }
    call.reply().simple(text.toString());
  }

  private static void populate(Call call, boolean wellFormed) {
    require(call, wellFormed);
    long keys = call.integer(2, 0, Long.MAX_VALUE, ReplyError.MUST_BE_POSITIVE);
    String prefix = call.argc() > 3 ? call.arg(3).toString() : "key";
    long most = call.keyspace().limits().protoMaxBulkLength();
    long size = call.argc() > 4 ? call.integer(4, 0, most, ReplyError.MUST_BE_POSITIVE) : 0;
    Database database = call.db();
    Slice slice = new Slice();
    try (NativeBuffer key = new NativeBuffer(64);
        NativeBuffer value = new NativeBuffer(64)) {
      for (long i = 0; i < keys; i++) {
        key.clear();
        key.putAscii(prefix + ":" + i);
        if (database.peek(key.slice(slice)) == 0) {
          fill(value, "value:" + i, (int) size);
          call.keyspace()
              .strings()
              .add(database, key.slice(slice), value.slice(new Slice()), Database.NO_DEADLINE);
        }
      }
    }
    call.replicateNothing();
    call.reply().ok();
  }

  /// The text, cut or filled up with zeros to the size; 0 leaves it as it is.
  private static void fill(NativeBuffer value, String text, int size) {
    value.clear();
    value.putAscii(size > 0 && size < text.length() ? text.substring(0, size) : text);
    for (int i = value.length(); i < size; i++) {
      value.putByte(0);
    }
  }

  // ---- Hash tables -----------------------------------------------------------------------------

  private static void databaseTable(Call call, boolean wellFormed) {
    require(call, wellFormed);
    long index = call.integer(2);
    if (index < 0 || index >= call.keyspace().databases()) {
      throw BAD_DATABASE;
    }
    Database database = call.keyspace().database((int) index);
    StringBuilder text = new StringBuilder("[Dictionary HT]\n");
    append(text, database.tableStats());
    text.append("[Expires HT]\n");
    text.append("Deadlines stand in a tree, of ").append(database.volatileKeys()).append(" keys\n");
    call.reply().verbatim("txt", text.toString());
  }

  private static void valueTable(Call call, boolean wellFormed) {
    require(call, wellFormed);
    long entry = find(call);
    boolean table =
        switch (Database.encoding(entry)) {
          case SET_HASHTABLE, HASH_HASHTABLE -> true;
          case STRING_INT,
              STRING_EMBSTR,
              STRING_RAW,
              STRING_BLOB,
              LIST_LISTPACK,
              LIST_QUICKLIST,
              SET_INTSET,
              SET_LISTPACK,
              ZSET_LISTPACK,
              ZSET_SKIPLIST,
              HASH_LISTPACK,
              STREAM ->
              false;
        };
    if (!table) {
      throw NO_HASH_TABLE;
    }
    Keyspace keyspace = call.keyspace();
    StringBuilder text = new StringBuilder();
    append(text, keyspace.tables().stats(Database.reference(entry)));
    call.reply().verbatim("txt", text.toString());
  }

  private static void append(StringBuilder text, HashTableStats stats) {
    text.append("Hash table 0 stats (main hash table):\n");
    if (stats.count() == 0) {
      text.append("No stats available for empty dictionaries\n");
      return;
    }
    List<Long> chains = stats.chains();
    long used = stats.buckets() - chains.getFirst();
    double mean = (double) stats.count() / used;
    text.append(" table size: ").append(stats.buckets()).append('\n');
    text.append(" number of elements: ").append(stats.count()).append('\n');
    text.append(" different slots: ").append(used).append('\n');
    text.append(" max chain length: ").append(chains.size() - 1).append('\n');
    text.append(String.format(Locale.ROOT, " avg chain length (counted): %.2f\n", mean));
    text.append(String.format(Locale.ROOT, " avg chain length (computed): %.2f\n", mean));
    text.append(" Chain length distribution:\n");
    for (int i = 0; i < chains.size(); i++) {
      if (chains.get(i) > 0) {
        double percent = 100.0 * chains.get(i) / stats.buckets();
        text.append(String.format(Locale.ROOT, "   %d: %d (%.2f%%)\n", i, chains.get(i), percent));
      }
    }
  }

  // ---- The protocol ----------------------------------------------------------------------------

  private static void protocol(Call call, boolean wellFormed) {
    require(call, wellFormed);
    Reply reply = call.reply();
    String type = call.arg(2).toString().toLowerCase(Locale.ROOT);
    switch (type) {
      case "string" -> reply.bulk("Hello World");
      case "integer" -> reply.integer(12345);
      case "double" -> reply.number(3.141);
      case "bignum" -> reply.bigNumber("1234567999999999999999999999999999999");
      case "null" -> reply.nil();
      case "array" -> {
        reply.array(3);
        integers(reply);
      }
      case "set" -> {
        reply.set(3);
        integers(reply);
      }
      case "map" -> {
        reply.map(3);
        for (int i = 0; i < 3; i++) {
          reply.integer(i);
          reply.bool(i == 1);
        }
      }
      case "attrib" -> attribute(reply);
      case "push" -> push(reply);
      case "verbatim" -> reply.verbatim("txt", "This is a verbatim\nstring");
      case "true" -> reply.bool(true);
      case "false" -> reply.bool(false);
      default ->
          throw ReplyError.err(
              "Wrong protocol type name. Please use one of the following: string|integer|double"
                  + "|bignum|null|array|set|map|attrib|push|verbatim|true|false");
    }
  }

  private static void integers(Reply reply) {
    for (int i = 0; i < 3; i++) {
      reply.integer(i);
    }
  }

  private static void attribute(Reply reply) {
    if (reply.isResp3()) {
      reply.attribute(1);
      reply.bulk("key-popularity");
      reply.array(2);
      reply.bulk("key:123");
      reply.integer(90);
    }
    reply.bulk("Some real reply following the attribute");
  }

  private static void push(Reply reply) {
    if (!reply.isResp3()) {
      throw ReplyError.err("RESP2 is not supported by this command");
    }
    reply.push(2);
    reply.bulk("server-cpu-usage");
    reply.integer(42);
    reply.bulk("Some real reply following the push reply");
  }
}
