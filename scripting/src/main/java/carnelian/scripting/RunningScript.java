package carnelian.scripting;

import carnelian.engine.Call;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The script that runs now, if one does: since when, and whether it is to stop.
final class RunningScript {
  /// Of each word of the command that is told to others.
  private static final int MAX_WORD_BYTES = 4096;

  /// As Redis has it.
  private static final long LOADING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /// The script gets most of the time.
  private static final long BETWEEN_TURNS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(RunningScript.class);

  private final Engine engine;

  private @Nullable String name;
  private boolean script;
  private List<byte[]> command = List.of();
  private long startNanos;
  private long nextTurnNanos;
  private boolean killed;
  private boolean obeyed;
  private boolean hurried;

  RunningScript(Engine engine) {
    this.engine = engine;
  }

  /// Waits until something has happened: somebody has been served, or is held back until then.
  void await(long patientUntilNanos) {
    engine.await(script ? ReplyError.BUSY_SCRIPT : ReplyError.BUSY_FUNCTION, patientUntilNanos);
    killed |= engine.isAbandoned();
  }

  /// The script goes on after it has waited, which does not count as its own time.
  void goesOn(long nowNanos) {
    startNanos = nowNanos;
    nextTurnNanos = Long.MIN_VALUE;
  }

  /// Whether the process waits for its end.
  boolean isHurried() {
    return hurried;
  }

  void begin(Call call, LuaRuntime.Code code, boolean isScript, long nowNanos) {
    name = code.name();
    script = isScript;
    startNanos = nowNanos;
    nextTurnNanos = Long.MIN_VALUE;
    killed = false;
    hurried = false;
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
    return TimeUnit.NANOSECONDS.toMillis(engine.stopwatch().monotonicNanos() - startNanos);
  }

  /// The words of the command that runs it, for FUNCTION STATS.
  List<byte[]> command() {
    Call present = caller;
    if (command.isEmpty() && present != null) {
      List<byte[]> words = new ArrayList<>();
      for (int i = 0; i < present.argc(); i++) {
        Slice word = present.arg(i);
        words.add(new Slice().set(word.at, Math.min(word.length, MAX_WORD_BYTES)).toBytes());
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
        ? "ERR Script killed by user with SCRIPT KILL..."
        : "ERR Script killed by user with FUNCTION KILL...";
  }

  /// The process is asked to end: stops the script if that leaves nothing half done.
  void endSoon() {
    if (name == null) {
      return;
    }
    hurried = true;
    if (engine.scriptRun().hasWritten()) {
      LOG.warn("A script goes on that has written already: its end is waited for");
    } else {
      LOG.warn("A script goes on that has written nothing: it is stopped");
      killed = true;
    }
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

  /// Some thousand instructions have run. True if the script has to stop.
  boolean passed() {
    engine.worked();
    if (loading) {
      overdue |= engine.stopwatch().monotonicNanos() - startNanos > LOADING_NANOS;
      return overdue;
    }
    String present = name;
    long threshold = engine.settings().busyReplyThresholdMillis();
    if (present == null || threshold <= 0) {
      return killed;
    }
    long now = engine.stopwatch().monotonicNanos();
    if (now - startNanos >= TimeUnit.MILLISECONDS.toNanos(threshold) && now >= nextTurnNanos) {
      letOthersBeServed(present, now);
    }
    return killed;
  }

  private void letOthersBeServed(String present, long nowNanos) {
    if (nextTurnNanos == Long.MIN_VALUE) {
      LOG.warn(
          "Slow script detected: still in execution after {} milliseconds. You can try killing the"
              + " script using the {} command. Script name is: {}.",
          TimeUnit.NANOSECONDS.toMillis(nowNanos - startNanos),
          script ? "SCRIPT KILL" : "FUNCTION KILL",
          present);
    }
    engine.turn(script ? ReplyError.BUSY_SCRIPT : ReplyError.BUSY_FUNCTION);
    nextTurnNanos = engine.stopwatch().monotonicNanos() + BETWEEN_TURNS_NANOS;
    killed |= engine.isAbandoned();
  }
}
