package carnelian.scripting;

import carnelian.base.Version;
import carnelian.engine.ReplyError;
import carnelian.engine.ScriptRun;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The library `redis`: the one way out of a script.
final class RedisLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLibrary.class);

  private static final String ONE_TEXT = "ERR wrong number or type of arguments";

  private static final int PROPAGATE_NONE = 0;
  private static final int PROPAGATE_LOG = 1;
  private static final int PROPAGATE_REPLICAS = 2;
  private static final int PROPAGATE_ALL = 3;

  private static final Map<String, Integer> NUMBERS =
      Map.of(
          "LOG_DEBUG", 0,
          "LOG_VERBOSE", 1,
          "LOG_NOTICE", 2,
          "LOG_WARNING", 3,
          "REPL_NONE", PROPAGATE_NONE,
          "REPL_AOF", PROPAGATE_LOG,
          "REPL_SLAVE", PROPAGATE_REPLICAS,
          "REPL_REPLICA", PROPAGATE_REPLICAS,
          "REPL_ALL", PROPAGATE_ALL);

  private final LuaRuntime runtime;
  private final ScriptRun commands;
  private boolean calling;

  RedisLibrary(LuaRuntime runtime, ScriptRun commands) {
    this.runtime = runtime;
    this.commands = commands;
  }

  void define(LuaState lua) {
    lua.define("constants", RedisLibrary::constants);
    lua.define("redis.call", (each, state) -> run(each, state, true));
    lua.define("redis.pcall", (each, state) -> run(each, state, false));
    lua.define("redis.error_reply", RedisLibrary::errorReply);
    lua.define("redis.status_reply", RedisLibrary::statusReply);
    lua.define("redis.sha1hex", RedisLibrary::sha1hex);
    lua.define("redis.log", RedisLibrary::log);
    lua.define("redis.setresp", this::setResp);
    lua.define("redis.set_repl", this::setPropagation);
    lua.define("redis.replicate_commands", RedisLibrary::replicateCommands);
    lua.define("redis.breakpoint", this::breakpoint);
    lua.define("redis.debug", this::debug);
    lua.define("redis.acl_check_cmd", this::checkPermission);
  }

  private static int constants(LuaState lua, long state) {
    LuaLibrary.createTable(state, 0, NUMBERS.size() + 2);
    NUMBERS.forEach(
        (name, value) -> {
          lua.push(state, name);
          LuaLibrary.pushNumber(state, value);
          LuaLibrary.rawSet(state, -3);
        });
    lua.push(state, "REDIS_VERSION");
    lua.push(state, Version.REDIS);
    LuaLibrary.rawSet(state, -3);
    lua.push(state, "REDIS_VERSION_NUM");
    LuaLibrary.pushNumber(state, versionNumber(Version.REDIS));
    LuaLibrary.rawSet(state, -3);
    return 1;
  }

  /// 0x00MMmmpp.
  private static int versionNumber(String version) {
    int number = 0;
    for (String part : version.split("\\.", -1)) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }

  // ---- Commands --------------------------------------------------------------------------------

  private int run(LuaState lua, long state, boolean raising) {
    try {
      takeArguments(state);
      if (calling) {
        throw LuaError.reply(
            "ERR luaRedisGenericCommand() recursive call detected. Are you doing funny stuff with"
                + " Lua debug hooks?");
      }
    } catch (LuaError error) {
      if (raising) {
        throw error;
      }
      String text = new String(error.bytes(), StandardCharsets.ISO_8859_1);
      lua.raises(text);
      return returnError(lua, state, text);
    }
    NativeBuffer reply = execute(state);
    LuaLibrary.top(state, 0);
    if (reply == null) {
      ReplyError refusal = commands.refusal();
      String text = refusal == null ? "ERR" : refusal.text();
      int results = returnError(lua, state, text);
      LuaReplies.markCounted(lua, state);
      if (raising) {
        throw LuaError.ON_STACK;
      }
      return results;
    }
    if (raising && Memory.getByte(reply.address()) == '-') {
      runtime.replies().push(state, reply);
      throw LuaError.ON_STACK;
    }
    runtime.replies().push(state, reply);
    return 1;
  }

  private @Nullable NativeBuffer execute(long state) {
    DebuggedScript debugged = runtime.debugged();
    boolean shown = debugged != null && debugged.showsCommands();
    if (debugged != null && shown) {
      debugged.commandRuns(state);
    }
    calling = true;
    NativeBuffer reply;
    try {
      reply = commands.execute();
    } finally {
      calling = false;
    }
    if (debugged != null && shown) {
      debugged.commandReplied(reply);
    }
    return reply;
  }

  private static int returnError(LuaState lua, long state, String text) {
    LuaLibrary.top(state, 0);
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "err");
    lua.push(state, text);
    LuaLibrary.rawSet(state, -3);
    return 1;
  }

  /// Puts the command together from the arguments on the stack.
  private void takeArguments(long state) {
    int count = LuaLibrary.top(state);
    if (count == 0) {
      throw LuaError.reply("ERR Please specify at least one argument for this redis lib call");
    }
    commands.clear();
    for (int i = 1; i <= count; i++) {
      int type = LuaLibrary.type(state, i);
      if (type == LuaLibrary.NUMBER) {
        commands.add(decimal(LuaLibrary.toNumber(state, i)));
      } else if (type == LuaLibrary.STRING) {
        int length = LuaLibrary.length(state, i);
        long at = LuaLibrary.stringAt(state, i);
        MemorySegment.copy(LuaLibrary.ALL, at, LuaLibrary.ALL, commands.room(length), length);
        commands.added(length);
      } else {
        throw LuaError.reply("ERR Lua redis lib command arguments must be strings or integers");
      }
    }
  }

  /// A number as an argument: with 17 digits, so that it reads back as the same.
  static byte[] decimal(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e17) {
      return Long.toString((long) value).getBytes(StandardCharsets.ISO_8859_1);
    }
    return PrintedNumbers.general(value, 17).getBytes(StandardCharsets.ISO_8859_1);
  }

  private int checkPermission(LuaState lua, long state) {
    if (LuaLibrary.top(state) == 0) {
      throw LuaError.reply(
          "ERR Please specify at least one argument for this redis.acl_check_cmd() call");
    }
    takeArguments(state);
    Boolean permitted = commands.isPermitted();
    if (permitted == null) {
      throw LuaError.reply("ERR Invalid command passed to redis.acl_check_cmd()");
    }
    LuaLibrary.pushBoolean(state, permitted);
    return 1;
  }

  // ---- Replies ---------------------------------------------------------------------------------

  private static int errorReply(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1 || LuaLibrary.type(state, 1) != LuaLibrary.STRING) {
      lua.raises(ONE_TEXT);
      return returnError(lua, state, ONE_TEXT);
    }
    String text = new String(LuaLibrary.bytes(state, 1), StandardCharsets.ISO_8859_1);
    String error = text.startsWith("-") ? text.substring(1) : text;
    lua.raises("-" + error);
    return returnError(lua, state, error.indexOf(' ') < 0 ? "ERR " + error : error);
  }

  private static int statusReply(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1 || LuaLibrary.type(state, 1) != LuaLibrary.STRING) {
      lua.raises(ONE_TEXT);
      return returnError(lua, state, ONE_TEXT);
    }
    LuaLibrary.createTable(state, 0, 1);
    lua.push(state, "ok");
    LuaLibrary.pushValue(state, 1);
    LuaLibrary.rawSet(state, -3);
    return 1;
  }

  private static int sha1hex(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1) {
      throw LuaError.reply("ERR wrong number of arguments");
    }
    byte[] text =
        LuaLibrary.type(state, 1) == LuaLibrary.STRING
                || LuaLibrary.type(state, 1) == LuaLibrary.NUMBER
            ? LuaLibrary.bytes(state, 1)
            : new byte[0];
    lua.push(state, Sha1.hex(text));
    return 1;
  }

  // ---- Settings --------------------------------------------------------------------------------

  private static int log(LuaState unused, long state) {
    int count = LuaLibrary.top(state);
    if (count < 2) {
      throw LuaError.reply("ERR redis.log() requires two arguments or more.");
    }
    if (!LuaArguments.isNumber(state, 1)) {
      throw LuaError.reply("ERR First argument must be a number (log level).");
    }
    StringBuilder text = new StringBuilder();
    for (int i = 2; i <= count; i++) {
      int type = LuaLibrary.type(state, i);
      if (type == LuaLibrary.STRING || type == LuaLibrary.NUMBER) {
        String word = new String(LuaLibrary.bytes(state, i), StandardCharsets.ISO_8859_1);
        text.append(text.isEmpty() ? "" : " ").append(word);
      }
    }
    String line = text.toString().replaceAll("\\p{Cntrl}", " ");
    switch ((int) LuaLibrary.toNumber(state, 1)) {
      case 0, 1 -> LOG.debug("{}", line);
      case 2 -> LOG.info("{}", line);
      case 3 -> LOG.warn("{}", line);
      default -> throw LuaError.reply("ERR Invalid debug level.");
    }
    return 0;
  }

  private int setResp(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1) {
      throw LuaError.reply("ERR redis.setresp() requires one argument.");
    }
    double version = LuaLibrary.toNumber(state, 1);
    if (version != 2 && version != 3) {
      throw LuaError.reply("ERR RESP version must be 2 or 3.");
    }
    commands.client().protocol((int) version);
    return 0;
  }

  /// There is one log, which replicas are sent from as well: what is kept out of the log is kept
  /// from them, and the other way round.
  private int setPropagation(LuaState lua, long state) {
    if (LuaLibrary.top(state) != 1) {
      throw LuaError.reply("ERR redis.set_repl() requires two arguments.");
    }
    int kind = (int) LuaLibrary.toNumber(state, 1);
    if ((kind & ~PROPAGATE_ALL) != 0) {
      throw LuaError.reply(
          "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
    }
    commands.propagates(kind != PROPAGATE_NONE);
    return 0;
  }

  private static int replicateCommands(LuaState lua, long state) {
    LuaLibrary.pushBoolean(state, true);
    return 1;
  }

  private int breakpoint(LuaState lua, long state) {
    DebuggedScript debugged = runtime.debugged();
    if (debugged != null) {
      debugged.breakpoint();
    }
    LuaLibrary.pushBoolean(state, debugged != null);
    return 1;
  }

  private int debug(LuaState lua, long state) {
    DebuggedScript debugged = runtime.debugged();
    if (debugged != null) {
      debugged.debug(state);
    }
    return 0;
  }
}
