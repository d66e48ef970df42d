package carnelian.scripting;

import carnelian.engine.Command;
import carnelian.engine.Engine;
import java.util.ArrayList;
import java.util.List;

/// Scripts and functions of one store.
public final class Scripting implements AutoCloseable {
  private final RunningScript running;
  private final LuaRuntime scriptRuntime;
  private final Scripts scripts;

  public Scripting(Engine engine) {
    running = new RunningScript(engine);
    scriptRuntime = new LuaRuntime(engine, running, _ -> {});
    scripts = new Scripts(scriptRuntime);
  }

  public List<Command> commands() {
    List<Command> commands = new ArrayList<>(new ScriptCommands(scripts, running).all());
    return commands;
  }

  /// `busy-reply-threshold`: how long a script runs before others are told BUSY.
  public void busyAfterMillis(long millis) {
    running.busyAfterMillis(millis);
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

  @Override
  public void close() {
    scriptRuntime.close();
  }
}
