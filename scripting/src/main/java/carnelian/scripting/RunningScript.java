package carnelian.scripting;

import carnelian.engine.Call;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ScriptRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The script that runs now, if one does: how long it has, and whether it is to stop.
///
/// Once it has run for longer than `busy-reply-threshold`, the engine answers other clients from
/// time to time: with BUSY, but for the few commands that help, SCRIPT KILL among them.
final class RunningScript {
  private final Engine engine;
  private long busyAfterNanos = TimeUnit.SECONDS.toNanos(5);

  private @Nullable String name;
  private boolean script;
  private ScriptRun.Rights rights = new ScriptRun.Rights(false, false);
  private List<byte[]> command = List.of();
  private long startNanos;
  private boolean busy;
  private boolean killed;
  private boolean obeyed;

  RunningScript(Engine engine) {
    this.engine = engine;
  }

  /// `busy-reply-threshold`; 0 or less means never.
  void busyAfterMillis(long millis) {
    busyAfterNanos = millis <= 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
  }

  void begin(
      Call call, LuaRuntime.Code code, boolean isScript, ScriptRun.Rights granted, long nowNanos) {
    name = code.name();
    script = isScript;
    rights = granted;
    startNanos = nowNanos;
    killed = false;
    obeyed = call.client().isObeyed();
    caller = call;
  }

  private @Nullable Call caller;

  void end() {
    name = null;
    caller = null;
    command = List.of();
    if (busy) {
      busy = false;
      engine.scriptIsBusy(false);
    }
  }

  boolean isRunning() {
    return name != null;
  }

  /// Whether it is a script, not a function.
  boolean isScript() {
    return script;
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

  boolean mayWrite() {
    return rights.write();
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
    if (name == null) {
      return false;
    }
    if (!busy && engine.clock().monotonicNanos() - startNanos >= busyAfterNanos) {
      busy = true;
      engine.scriptIsBusy(true);
    }
    if (busy) {
      engine.serveWhileBusy(script ? ReplyError.BUSY_SCRIPT : ReplyError.BUSY_FUNCTION);
    }
    return killed;
  }
}
