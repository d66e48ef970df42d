package carnelian.scripting;

import carnelian.engine.Call;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The script that runs now, if one does: since when, and whether it is to stop.
final class RunningScript {
  /// As Redis has it.
  private static final long LOADING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Engine engine;

  private @Nullable String name;
  private boolean script;
  private List<byte[]> command = List.of();
  private long startNanos;
  private boolean killed;
  private boolean obeyed;

  RunningScript(Engine engine) {
    this.engine = engine;
  }

  void begin(Call call, LuaRuntime.Code code, boolean isScript, long nowNanos) {
    name = code.name();
    script = isScript;
    startNanos = nowNanos;
    killed = false;
    obeyed = call.client().isObeyed();
    caller = call;
  }

  private @Nullable Call caller;
  private boolean loading;
  private boolean overdue;

  /// A library is loaded, which may take [#LOADING_NANOS] and no more.
  void beginLoading(long nowNanos) {
    loading = true;
    overdue = false;
    killed = false;
    startNanos = nowNanos;
  }

  /// Whether a library took too long to load.
  boolean isOverdue() {
    return overdue;
  }

  void end() {
    name = null;
    loading = false;
    caller = null;
    command = List.of();
  }

  @Nullable String name() {
    return name;
  }

  long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(engine.clock().monotonicNanos() - startNanos);
  }

  /// The words of the command that runs it, for FUNCTION STATS.
  List<byte[]> command() {
    Call present = caller;
    if (command.isEmpty() && present != null) {
      List<byte[]> words = new ArrayList<>();
      for (int i = 0; i < present.argc(); i++) {
        words.add(present.arg(i).toBytes());
      }
      command = words;
    }
    return command;
  }

  boolean isKilled() {
    return killed;
  }

  String killedText(boolean isScript) {
    return isScript
        ? "ERR Error running script: Script killed by user with SCRIPT KILL..."
        : "ERR Error running script: Script killed by user with FUNCTION KILL...";
  }

  /// SCRIPT KILL and FUNCTION KILL.
  void kill(boolean asScript) {
    if (name == null) {
      throw ReplyError.of("NOTBUSY No scripts in execution right now.");
    }
    if (obeyed) {
      throw ReplyError.of(
          "UNKILLABLE The busy script was sent by a master instance in the context of"
              + " replication and cannot be killed.");
    }
    if (engine.scriptRun().hasWritten()) {
      throw ReplyError.of(
          "UNKILLABLE Sorry the script already executed write commands against the dataset. You"
              + " can either wait the script termination or kill the server in a hard way using"
              + " the SHUTDOWN NOSAVE command.");
    }
    if (asScript != script) {
      throw asScript ? ReplyError.BUSY_FUNCTION : ReplyError.BUSY_SCRIPT;
    }
    killed = true;
  }

  /// Time has passed. True if the script has to stop.
  boolean passed() {
    if (loading) {
      overdue |= engine.clock().monotonicNanos() - startNanos > LOADING_NANOS;
      return overdue;
    }
    if (name == null) {
      return false;
    }
    return killed;
  }
}
