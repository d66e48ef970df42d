package carnelian.scripting;

import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.FunctionLibraries;
import carnelian.engine.ReplyError;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Scripts and functions of one store.
///
/// What runs them is made when it is first asked for: a store without scripts, as most of those are
/// that a test starts, loads none of it.
public final class Scripting implements FunctionLibraries, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scripting.class);

  private final Engine engine;
  private final FunctionPayloads payloads;
  private final boolean deprecatedApi;
  private final RunningScript running;
  private @Nullable Interpreters interpreters;

  /// With `deprecatedApi`, scripts see names that Redis has dropped: `lua-enable-deprecated-api`.
  public Scripting(Engine engine, FunctionPayloads payloads, boolean deprecatedApi) {
    this.engine = engine;
    this.payloads = payloads;
    this.deprecatedApi = deprecatedApi;
    running = new RunningScript(engine);
  }

  private Interpreters interpreters() {
    if (interpreters == null) {
      interpreters = new Interpreters(engine, running, deprecatedApi);
    }
    return interpreters;
  }

  /// One for scripts and one for functions, as in Redis, each with what it has been given to run.
  private static final class Interpreters implements AutoCloseable {
    final LuaRuntime scriptRuntime;
    final Scripts scripts;
    final LuaRuntime functionRuntime;
    final Functions functions;

    Interpreters(Engine engine, RunningScript running, boolean deprecatedApi) {
      scriptRuntime = new LuaRuntime(engine, running, deprecatedApi, _ -> {});
      scripts = new Scripts(engine, running, scriptRuntime);
      functionRuntime = new LuaRuntime(engine, running, deprecatedApi, this::defineRegistration);
      functions = new Functions(functionRuntime, engine.javaHeap());
    }

    private void defineRegistration(LuaState lua) {
      functions.define(lua);
    }

    @Override
    public void close() {
      functionRuntime.close();
      scriptRuntime.close();
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES =
      "EVAL EVAL_RO EVALSHA EVALSHA_RO SCRIPT FCALL FCALL_RO FUNCTION";

  public List<Command> commands() {
    Interpreters all = interpreters();
    List<Command> commands = new ArrayList<>(new ScriptCommands(all.scripts, running).all());
    commands.addAll(
        new FunctionCommands(all.functions, all.functionRuntime, running, payloads).all());
    return commands;
  }

  // ---- Saved functions -------------------------------------------------------------------------

  @Override
  public List<byte[]> all() {
    return interpreters == null ? List.of() : interpreters.functions.dump();
  }

  @Override
  public void clear() {
    if (interpreters != null) {
      interpreters.functions.flush();
    }
  }

  /// The process is asked to end: does not wait for a script that goes on, if that has written
  /// nothing.
  public void endSoon() {
    running.endSoon();
  }

  @Override
  public boolean addAll(List<byte[]> libraries, boolean replacing) {
    if (libraries.isEmpty()) {
      return true; // Lua is not needed.
    }
    try {
      interpreters()
          .functions
          .restore(libraries, replacing ? Functions.Policy.REPLACE : Functions.Policy.APPEND);
      return true;
    } catch (ReplyError refused) {
      LOG.warn("Failed loading functions: {}", refused.text());
      return false;
    }
  }

  // ---- INFO ------------------------------------------------------------------------------------

  /// `number_of_cached_scripts`
  public int cachedScripts() {
    return interpreters().scripts.size();
  }

  /// `used_memory_vm_eval`, and `used_memory_lua` by its older name.
  public long scriptStateBytes() {
    return interpreters().scriptRuntime.usedBytes();
  }

  /// `used_memory_scripts_eval`: the code of scripts, and what it takes to find it.
  public long scriptBytes() {
    return interpreters().scripts.bytes();
  }

  /// `number_of_functions`
  public int functionCount() {
    return interpreters().functions.functionCount();
  }

  /// `number_of_libraries`
  public int libraryCount() {
    return interpreters().functions.libraries().size();
  }

  /// `used_memory_vm_functions`
  public long functionStateBytes() {
    return interpreters().functionRuntime.usedBytes();
  }

  /// `used_memory_functions`
  public long functionBytes() {
    return interpreters().functions.bytes();
  }

  @Override
  public void close() {
    if (interpreters != null) {
      interpreters.close();
    }
  }
}
