package carnelian.scripting;

import carnelian.base.Clock;
import carnelian.engine.Call;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ScriptRun;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A Lua state that is made when it is first needed, and the script that runs in it.
///
/// There are two in a store, as in Redis: one for scripts, one for functions.
final class LuaRuntime implements AutoCloseable {
  /// What one state may take; a script that wants more gets Lua's `not enough memory`.
  static final long MEMORY_LIMIT_BYTES = 512L << 20;

  /// Above this a script's garbage is collected at its end.
  private static final long COLLECTED_ABOVE_BYTES = 16L << 20;

  /// Instructions, more or less, that the collector works for after each script.
  private static final int COLLECTOR_STEPS = 0;

  private static final int SCRIPTS_PER_STEP = 50;

  private final Engine engine;
  private final Clock clock;
  private final ScriptRun commands;
  private final RunningScript running;
  private @Nullable LuaState state;
  private @Nullable LuaReplies replies;
  private final LuaState.Libraries libraries;
  private int scriptsSinceStep;
  private @Nullable DebuggedScript debugged;

  /// Code that can be called: a function in the registry of the state.
  record Code(String name, int reference, ScriptFlags flags) {}

  /// Who calls it, and how.
  record Invocation(int keysFrom, int keys, boolean globals, boolean readOnly) {}

  /// With `deprecatedApi`, scripts see names that Redis has dropped.
  LuaRuntime(Engine engine, RunningScript running, boolean deprecatedApi, LuaState.Libraries more) {
    this.engine = engine;
    this.running = running;
    clock = engine.stopwatch();
    commands = engine.scriptRun();
    libraries =
        lua -> {
          new RedisLibrary(this, commands).define(lua);
          MathLibrary.define(lua, engine.random().nextLong());
          DataLibraries.define(lua);
          if (deprecatedApi) {
            lua.define("deprecatedApi", (_, _) -> 0); // It being there is all.
          }
          more.define(lua);
        };
  }

  /// The state, which is made if need be.
  LuaState lua() {
    LuaState present = state;
    if (present == null) {
      present = new LuaState(MEMORY_LIMIT_BYTES, RaisingCode.isKnown(), libraries);
      present.watch((_, _) -> running.passed());
      present.pushGlobals();
      LuaLibrary.replace(present.state(), LuaLibrary.GLOBALS_INDEX);
      state = present;
      replies = new LuaReplies(present, commands::failed);
    }
    return present;
  }

  LuaReplies replies() {
    LuaReplies present = replies;
    if (present == null) {
      throw new IllegalStateException("no state");
    }
    return present;
  }

  /// What the state takes; 0 before the first script.
  long usedBytes() {
    LuaState present = state;
    return present == null ? 0 : present.usedBytes();
  }

  // ---- Code ------------------------------------------------------------------------------------

  /// Compiles code and keeps it.
  Code compile(String name, byte[] code, String chunkName, ScriptFlags flags) {
    LuaState lua = lua();
    String refused = lua.load(code, chunkName);
    if (refused != null) {
      throw ReplyError.err("Error compiling script (new function): " + refused);
    }
    return new Code(name, LuaLibrary.reference(lua.state()), flags);
  }

  /// Runs the library's code at the top of the stack, so that it registers its functions. Null, or
  /// why it could not.
  @Nullable String register() {
    LuaState lua = lua();
    lua.loading(true);
    running.beginLoading(clock.monotonicNanos());
    try {
      int status = lua.call(0);
      if (status == 0) {
        return null;
      }
      boolean table = LuaLibrary.type(lua.state(), -1) == LuaLibrary.TABLE;
      return running.isKilled() || running.isOverdue()
          ? "ERR FUNCTION LOAD timeout"
          : table ? field(lua, "err") : lua.text(-1);
    } finally {
      running.end();
      lua.loading(false);
      LuaLibrary.top(lua.state(), 0);
    }
  }

  void forget(Code code) {
    LuaLibrary.forget(lua().state(), code.reference());
  }

  // ---- Running ---------------------------------------------------------------------------------

  void run(Call call, Code code, Invocation how) {
    LuaState lua = lua();
    ScriptRun.Rights rights = admit(call, code, how);
    commands.begin(call, rights);
    running.begin(call, code, how.globals(), clock.monotonicNanos());
    boolean full = commands.isFull();
    try {
      if (full && code.flags().declared() && !rights.whenFull()) {
        throw ReplyError.of(
            "OOM allow-oom flag is not set on the script, can not run it when used memory >"
                + " 'maxmemory'");
      }
      LuaLibrary.top(lua.state(), 0);
      LuaLibrary.rawGet(lua.state(), LuaLibrary.REGISTRY_INDEX, code.reference());
      int arguments = pushArguments(lua, call, how);
      DebuggedScript watched = debugged;
      int status = watched == null ? lua.call(arguments) : callWatched(lua, watched, arguments);
      String ended = watched == null ? null : watched.error(code.name());
      int protocol = commands.client().protocol();
      boolean killed = running.isKilled();
      commands.end();
      if (killed && status != 0) {
        call.reply().error(running.killedText(how.globals()) + place(lua, code));
      } else if (ended != null) {
        call.reply().error(ended);
      } else if (status == 0) {
        replies().reply(call.reply(), protocol);
      } else {
        fail(lua, call.reply(), code);
      }
    } finally {
      commands.end();
      running.end();
      LuaLibrary.top(lua.state(), 0);
      collect(lua);
    }
  }

  /// From now on scripts run under the debugger; not any more, if it is null.
  void debug(@Nullable DebuggedScript script) {
    debugged = script;
  }

  /// The script that runs under the debugger.
  @Nullable DebuggedScript debugged() {
    return debugged;
  }

  private int callWatched(LuaState lua, DebuggedScript watched, int arguments) {
    watched.begin(lua);
    try {
      return lua.call(arguments);
    } finally {
      lua.watch((_, _) -> running.passed());
      watched.end();
    }
  }

  private ScriptRun.Rights admit(Call call, Code code, Invocation how) {
    ScriptFlags flags = code.flags();
    boolean writes = !flags.has(ScriptFlags.Flag.NO_WRITES);
    if (flags.declared() && writes) {
      if (how.readOnly()) {
        throw ReplyError.err("Can not execute a script with write flag using *_ro command.");
      }
      ReplyError refusal = call.client().isObeyed() ? null : engine.writeRefusal(call.client());
      if (refusal != null) {
        throw refusal.code().equals("READONLY")
            ? ReplyError.of("READONLY Can not run script with write flag on readonly replica.")
            : refusal;
      }
    }
    ReplyError stale = flags.declared() ? null : commands.staleness(call.client());
    if (stale != null) {
      throw stale;
    }
    return new ScriptRun.Rights(
        writes && !how.readOnly(), flags.has(ScriptFlags.Flag.ALLOW_OOM) || !writes);
  }

  /// Keys and arguments: globals of a script, arguments of a function.
  private static int pushArguments(LuaState lua, Call call, Invocation how) {
    long state = lua.state();
    int argumentsFrom = how.keysFrom() + how.keys();
    if (how.globals()) {
      lua.pushRealGlobals();
      lua.push("KEYS");
      pushArray(lua, call, how.keysFrom(), argumentsFrom);
      LuaLibrary.rawSet(state, -3);
      lua.push("ARGV");
      pushArray(lua, call, argumentsFrom, call.argc());
      LuaLibrary.rawSet(state, -3);
      LuaLibrary.pop(state, 1);
      return 0;
    }
    pushArray(lua, call, how.keysFrom(), argumentsFrom);
    pushArray(lua, call, argumentsFrom, call.argc());
    return 2;
  }

  private static void pushArray(LuaState lua, Call call, int from, int to) {
    long state = lua.state();
    LuaLibrary.createTable(state, to - from, 0);
    for (int i = from; i < to; i++) {
      Slice argument = call.arg(i);
      LuaLibrary.pushString(state, argument.at, argument.length);
      LuaLibrary.rawSet(state, -2, i - from + 1);
    }
  }

  /// Replies with the error at the top of the stack.
  private void fail(LuaState lua, Reply reply, Code code) {
    long state = lua.state();
    if (LuaLibrary.type(state, -1) != LuaLibrary.TABLE) {
      reply.error("ERR Error running script " + code.name() + ", " + shortened(lua.text(-1)));
      return;
    }
    String text = field(lua, "err");
    String place = place(lua, code);
    lua.push("ignore_error_stats_update");
    LuaLibrary.rawGet(state, -2);
    boolean counted = LuaLibrary.toBoolean(state, -1);
    replies().error(reply, (text.isEmpty() ? "ERR unknown error" : text) + place, counted);
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) : text;
  }

  /// Where in the script the error at the top of the stack came about.
  private static String place(LuaState lua, Code code) {
    if (LuaLibrary.type(lua.state(), -1) != LuaLibrary.TABLE) {
      return "";
    }
    String source = field(lua, "source");
    String line = field(lua, "line");
    return source.isEmpty() || line.isEmpty()
        ? ""
        : " script: " + code.name() + ", on " + source + ":" + line + ".";
  }

  private static String field(LuaState lua, String name) {
    long state = lua.state();
    lua.push(name);
    LuaLibrary.rawGet(state, -2);
    int type = LuaLibrary.type(state, -1);
    String text =
        type == LuaLibrary.STRING || type == LuaLibrary.NUMBER
            ? new String(LuaLibrary.bytes(state, -1), StandardCharsets.ISO_8859_1)
            : "";
    LuaLibrary.pop(state, 1);
    return text;
  }

  private void collect(LuaState lua) {
    if (lua.usedBytes() > COLLECTED_ABOVE_BYTES) {
      int _ = LuaLibrary.collectGarbage(lua.state(), LuaLibrary.COLLECT, 0);
    } else if (++scriptsSinceStep == SCRIPTS_PER_STEP) {
      scriptsSinceStep = 0;
      int _ = LuaLibrary.collectGarbage(lua.state(), LuaLibrary.STEP, COLLECTOR_STEPS);
    }
  }

  @Override
  public void close() {
    LuaState present = state;
    state = null;
    replies = null;
    if (present != null) {
      present.close();
    }
  }
}
