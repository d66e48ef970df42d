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
import carnelian.engine.ServingState;
import carnelian.engine.introspection.Help;
import carnelian.memory.Glob;
import carnelian.persistence.rdb.DumpPayloads;
import carnelian.persistence.snapshot.Snapshots;
import carnelian.resp.Reply;
import carnelian.structures.EntryLayout;
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

  private static final ReplyError NOT_ALLOWED =
      ReplyError.err(
          "DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you"
              + " can run it from a local connection, otherwise you need to set this option in the"
              + " configuration file, and then restart the server.");
  private static final ReplyError BAD_PACKED_THRESHOLD =
      ReplyError.err("argument must be a memory value bigger than 1 and smaller than 4gb");
  private static final ReplyError BAD_SLEEP = ReplyError.outOfRange(0, Integer.MAX_VALUE);
  private static final ReplyError NO_MALLCTL =
      ReplyError.err("This allocator has no settings of jemalloc's");

  private static final List<String> HELP =
      List.of(
          "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
          "AOF-FLUSH-SLEEP <microseconds>",
          "    Makes every flush of the append only file take so much longer.",
          "ASSERT",
          "    Ends the process as a failed assertion does.",
          "CHANGE-REPL-ID",
          "    Gives the store another replication ID.",
          "CONFIG-REWRITE-FORCE-ALL",
          "    Rewrites the configuration file, those directives included that have their default.",
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
          "LEAK <string>",
          "    Keeps the string for ever.",
          "LISTPACK <key>",
          "    Writes the listpack of a value to the log.",
          "LOADAOF",
          "    Writes the append only file out and loads all data from it.",
          "LOG <message>",
          "    Writes the message to the log.",
          "OBJECT <key>",
          "    Describes how a value is kept.",
          "OOM",
          "    Ends the process as if memory had run out.",
          "PANIC",
          "    Ends the process as a panic does.",
          "PAUSE-CRON <0|1>",
          "    Whether periodic work rests.",
          "POPULATE <count> [<prefix>] [<size>]",
          "    Creates string keys named <prefix>:<number>, which are not propagated.",
          "PROTOCOL <type>",
          "    Replies with a value of this type: string, integer, double, bignum, null, array,",
          "    set, map, attrib, push, verbatim, true or false.",
          "QUICKLIST <key> [<0|1>]",
          "    Writes the listpacks of a list to the log.",
          "QUICKLIST-PACKED-THRESHOLD <size>",
          "    Is accepted and changes nothing: how lists are packed is fixed here.",
          "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
          "    Saves all data, deletes it and loads the file. NOSAVE: loads the file as it is.",
          "    NOFLUSH: deletes nothing before. MERGE: keys of the file replace those of the"
              + " store.",
          "REPLICATE <command> [<arg> ...]",
          "    Propagates a command that is not executed here.",
          "REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time> | RESIZING <0|1>",
          "    Is accepted and changes nothing: buffers are pooled here.",
          "SDSLEN <key>",
          "    Tells the lengths of a key and its string.",
          "SEGFAULT",
          "    Ends the process as a crash does.",
          "SET-ACTIVE-EXPIRE <0|1>",
          "    Whether keys are removed when their time comes, or only when they are looked up.",
          "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
          "    Whether checksums of files and of RESTORE's payloads may be wrong.",
          "SLEEP <seconds>",
          "    Stops the server for that time.",
          "STRINGMATCH-LEN <pattern> <string>",
          "    Tells whether the string matches the pattern.",
          "STRINGMATCH-TEST",
          "    Matches random patterns against random strings.",
          "STRUCTSIZE",
          "    Tells the sizes of what the store is made of.",
          "HELP",
          "    Prints this help.");

  private final Engine engine;
  private final Config config;
  private final Snapshots snapshots;
  private final DumpPayloads payloads;
  private final Durability durability;
  private final DebugData data;
  private final DebugReload reload;
  private final DebugProcess process;

  DebugCommand(
      Engine engine,
      Config config,
      Snapshots snapshots,
      DumpPayloads payloads,
      Durability durability,
      Shutdown shutdown) {
    this.engine = engine;
    this.config = config;
    this.snapshots = snapshots;
    this.payloads = payloads;
    this.durability = durability;
    data = new DebugData(engine.keyspace());
    reload = new DebugReload(snapshots, engine.functionLibraries());
    process = new DebugProcess(engine, config, shutdown);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "DEBUG";

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
    String subcommand = call.arg(1).toString().toUpperCase(Locale.ROOT);
    if (!aboutData(call, subcommand) && !aboutProcess(call, subcommand)) {
      settings(call, subcommand);
    }
  }

  /// False if the subcommand is not one of those.
  private boolean aboutData(Call call, String subcommand) {
    int argc = call.argc();
    switch (subcommand) {
      case "DIGEST" -> data.digest(when(call, argc == 2));
      case "DIGEST-VALUE" -> data.digestValues(call);
      case "HTSTATS" -> DebugData.databaseTable(when(call, argc == 3 || argc == 4));
      case "HTSTATS-KEY" -> DebugData.valueTable(when(call, argc == 3 || argc == 4));
      case "LISTPACK", "ZIPLIST" -> DebugData.listpack(when(call, argc == 3));
      case "OBJECT" -> DebugData.object(when(call, argc == 3 || (argc == 4 && call.is(3, "FAST"))));
      case "POPULATE" -> DebugData.populate(loaded(when(call, argc >= 3 && argc <= 5)));
      case "QUICKLIST" -> DebugData.quicklist(when(call, argc == 3 || argc == 4));
      case "LOADAOF" -> loadLog(when(call, argc == 2));
      case "RELOAD" -> reload.reload(loaded(call));
      case "SDSLEN" -> DebugData.stringLengths(when(call, argc == 3));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean aboutProcess(Call call, String subcommand) {
    int argc = call.argc();
    switch (subcommand) {
      case "ASSERT" -> process.failAssertion();
      case "CRASH-AND-RECOVER", "RESTART" -> throw DebugProcess.NOT_RESTARTED;
      case "ERROR" -> error(when(call, argc == 3));
      case "HELP" -> help(call.reply());
      case "LEAK" -> process.leak(when(call, argc == 3));
      case "LOG" -> log(when(call, argc == 3));
      case "OOM" -> process.outOfMemory();
      case "PANIC" -> process.panic();
      case "PROTOCOL" -> DebugProtocol.protocol(when(call, argc == 3));
      case "REPLICATE" -> DebugProcess.replicate(when(call, argc >= 3));
      case "SEGFAULT" -> process.segfault();
      case "SLEEP" -> sleep(when(call, argc == 3));
      case "STRINGMATCH-LEN" -> matches(when(call, argc == 4));
      case "STRINGMATCH-TEST" -> process.matchRandomly(when(call, argc == 2));
      case "STRUCTSIZE" -> structSizes(when(call, argc == 2));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void settings(Call call, String subcommand) {
    int argc = call.argc();
    switch (subcommand) {
      case "AOF-FLUSH-SLEEP" -> flushSleep(when(call, argc == 3));
      case "DICT-RESIZING" -> when(call, argc == 3).reply().ok();
      case "SET-DISABLE-DENY-SCRIPTS" -> {
        engine.scriptRun().everyCommand(when(call, argc == 3).is(2, "1"));
        call.reply().ok();
      }
      case "CHANGE-REPL-ID" -> {
        LOG.info("Changing replication IDs after receiving change-repl-id");
        durability.log().changeReplicationId();
        call.reply().ok();
      }
      case "CONFIG-REWRITE-FORCE-ALL" -> process.rewriteConfig(when(call, argc == 2));
      case "MALLCTL", "MALLCTL-STR" -> throw NO_MALLCTL;
      case "PAUSE-CRON" -> process.pauseCron(when(call, argc == 3));
      case "QUICKLIST-PACKED-THRESHOLD" -> packedThreshold(when(call, argc == 3));
      case "REPLYBUFFER" -> DebugProcess.replyBuffer(when(call, argc == 4));
      case "SET-ACTIVE-EXPIRE" -> activeExpire(when(call, argc == 3));
      case "SET-SKIP-CHECKSUM-VALIDATION" -> checksums(when(call, argc == 3));
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

  /// The call, if it has as many arguments as it should.
  private static Call when(Call call, boolean wellFormed) {
    if (!wellFormed) {
      throw Help.hint(call);
    }
    return call;
  }

  /// The call, if the data is whole: DEBUG runs while it is loaded, too.
  private Call loaded(Call call) {
    if (engine.serving() == ServingState.LOADING) {
      throw ReplyError.LOADING;
    }
    return call;
  }

  private static void help(Reply reply) {
    reply.array(HELP.size());
    for (String line : HELP) {
      reply.simple(line);
    }
  }

  private void loadLog(Call call) {
    if (!call.isTopLevel()) {
      throw ReplyError.err("DEBUG LOADAOF is not allowed in a transaction");
    }
    durability.reload(loaded(call));
  }

  private void checksums(Call call) {
    boolean checked = call.is(2, "0");
    payloads.checksum(checked);
    snapshots.loads().checksum(checked);
    call.reply().ok();
  }

  /// Sizes of what the store is made of, in place of Redis's structures.
  private static void structSizes(Call call) {
    call.reply()
        .simple(
            "bits:64 entry_header:"
                + EntryLayout.HEADER_BYTES
                + " reference:"
                + Long.BYTES
                + " deadline:"
                + Long.BYTES);
  }

  // ---- The server ------------------------------------------------------------------------------

  private static void sleep(Call call) {
    double seconds = call.number(2);
    try {
      TimeUnit.MICROSECONDS.sleep((long) (seconds * MICROS_PER_SECOND));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    call.reply().ok();
  }

  private void flushSleep(Call call) {
    long micros = call.integer(2, 0, Integer.MAX_VALUE, BAD_SLEEP);
    durability.log().flushDelay(TimeUnit.MICROSECONDS.toNanos(micros));
    call.reply().ok();
  }

  private void activeExpire(Call call) {
    engine.keyspace().expiry().active(!call.is(2, "0"));
    call.reply().ok();
  }

  private static void packedThreshold(Call call) {
    try {
      if (MemorySize.parse(call.arg(2).toString()) >= MAX_PACKED_BYTES) {
        throw BAD_PACKED_THRESHOLD;
      }
    } catch (InvalidValueException _) {
      throw BAD_PACKED_THRESHOLD;
    }
    call.reply().ok();
  }

  private static void log(Call call) {
    LOG.warn("DEBUG LOG: {}", call.arg(2));
    call.reply().ok();
  }

  private static void error(Call call) {
    call.reply().error(call.arg(2).toString());
  }

  private static void matches(Call call) {
    call.reply().integer(Glob.matches(call.arg(2), call.arg(3)) ? 1 : 0);
  }
}
