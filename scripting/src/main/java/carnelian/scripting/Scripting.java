package carnelian.scripting;

import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.FunctionLibraries;
import carnelian.engine.ReplyError;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Scripts and functions of one store.
public final class Scripting implements FunctionLibraries, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scripting.class);

  private final RunningScript running;
  private final LuaRuntime scriptRuntime;
  private final Scripts scripts;
  private final LuaRuntime functionRuntime;
  private final Functions functions;
  private final FunctionPayloads payloads;

  /// With `deprecatedApi`, scripts see names that Redis has dropped: `lua-enable-deprecated-api`.
  public Scripting(Engine engine, FunctionPayloads payloads, boolean deprecatedApi) {
    this.payloads = payloads;
    running = new RunningScript(engine);
    scriptRuntime = new LuaRuntime(engine, running, deprecatedApi, _ -> {});
    scripts = new Scripts(scriptRuntime, engine.javaHeap());
    functionRuntime = new LuaRuntime(engine, running, deprecatedApi, this::defineRegistration);
    functions = new Functions(functionRuntime, engine.javaHeap());
  }

  private void defineRegistration(LuaState lua) {
    functions.define(lua);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES =
      "EVAL EVAL_RO EVALSHA EVALSHA_RO SCRIPT FCALL FCALL_RO FUNCTION";

  public List<Command> commands() {
    List<Command> commands = new ArrayList<>(new ScriptCommands(scripts, running).all());
    commands.addAll(new FunctionCommands(functions, functionRuntime, running, payloads).all());
    return commands;
  }

  // ---- Saved functions -------------------------------------------------------------------------

  @Override
  public List<byte[]> all() {
    return functions.dump();
  }

  @Override
  public void clear() {
    functions.flush();
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
      functions.restore(libraries, replacing ? Functions.Policy.REPLACE : Functions.Policy.APPEND);
      return true;
    } catch (ReplyError refused) {
      LOG.warn("Failed loading functions: {}", refused.text());
      return false;
    }
  }

  // ---- INFO ------------------------------------------------------------------------------------

  /// `number_of_cached_scripts`
  public int cachedScripts() {
    return scripts.size();
  }

  /// `used_memory_vm_eval`, and `used_memory_lua` by its older name.
  public long scriptStateBytes() {
    return scriptRuntime.usedBytes();
  }

  /// `used_memory_scripts_eval`: the code of scripts, and what it takes to find it.
  public long scriptBytes() {
    return scripts.bytes();
  }

  /// `number_of_functions`
  public int functionCount() {
    return functions.functionCount();
  }

  /// `number_of_libraries`
  public int libraryCount() {
    return functions.libraries().size();
  }

  /// `used_memory_vm_functions`
  public long functionStateBytes() {
    return functionRuntime.usedBytes();
  }

  /// `used_memory_functions`
  public long functionBytes() {
    return functions.bytes();
  }

  @Override
  public void close() {
    functionRuntime.close();
    scriptRuntime.close();
  }
}
