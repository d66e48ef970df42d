package carnelian.scripting;

import carnelian.base.Clock;
import carnelian.engine.Dialogue;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import carnelian.engine.ScriptRun;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.scripting.debugger.BoundedText;
import carnelian.scripting.debugger.Console;
import carnelian.scripting.debugger.Frames;
import carnelian.scripting.debugger.MessageLog;
import carnelian.scripting.debugger.Session;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A script that runs under the debugger: Lua's side of a [Session], and its user's.
///
/// Lua calls the hook at each line and now and then. There the script stands still: while it waits
/// for its user, others are served as while a script takes long.
final class DebuggedScript implements LuaState.Watch, Frames, Console, AutoCloseable {
  private static final int HOOK_INSTRUCTIONS = 100_000;
  private static final int DEFAULT_LIMIT_MILLIS = 5_000;

  /// What a chunk is called that is the script; see [Scripts].
  private static final String OWN_SOURCE = "user_script";

  private static final String PRELUDE_SOURCE = "prelude";
  private static final String EVALUATED = "@ldb_eval";
  private static final String TEMPORARY = "(*temporary)";

  private final Engine engine;
  private final Clock clock;
  private final ScriptRun commands;
  private final LuaRuntime runtime;
  private final RunningScript running;
  private final Dialogue dialogue;
  private final Session session;
  private final Arena arena = Arena.ofConfined();
  private final long frame = arena.allocate(ActivationRecord.BYTES, Long.BYTES).address();
  private final long placeOnly = arena.allocateFrom("Sl").address();
  private final long nameAndPlace = arena.allocateFrom("Snl").address();

  /// The Lua thread that has stopped.
  private long stopped;

  private long sinceNanos;
  private boolean evaluating;
  private boolean ended;

  DebuggedScript(
      Engine engine, LuaRuntime runtime, RunningScript running, Dialogue dialogue, byte[] script) {
    this.engine = engine;
    this.clock = engine.stopwatch();
    this.commands = engine.scriptRun();
    this.runtime = runtime;
    this.running = running;
    this.dialogue = dialogue;
    this.session = new Session(script, this);
  }

  // ---- The run ---------------------------------------------------------------------------------

  /// The script begins now.
  void begin(LuaState lua) {
    sinceNanos = clock.monotonicNanos();
    lua.watch(this, LuaLibrary.MASK_LINE | LuaLibrary.MASK_COUNT, HOOK_INSTRUCTIONS);
  }

  /// The script is over, or could not begin. Once more: nothing.
  void end() {
    if (!ended) {
      ended = true;
      session.end();
    }
  }

  /// The error that the session has ended the script with, as it is replied; null if it has not.
  @Nullable String error(String scriptName) {
    String error = session.error();
    return error == null
        ? null
        : "ERR " + error + " script: " + scriptName + ", on @user_script:" + session.line() + ".";
  }

  @Override
  public void close() {
    arena.close();
    dialogue.close();
    engine.endWaiting();
  }

  // ---- What the script does --------------------------------------------------------------------

  @Override
  public boolean passed(long state, long record) {
    if (record == 0 || evaluating) {
      return worked();
    }
    LuaLibrary.getInfo(state, placeOnly, record);
    boolean counted = ActivationRecord.event(record) == ActivationRecord.EVENT_COUNT;
    String source = ActivationRecord.shortSource(record);
    if (counted) {
      engine.worked();
    }
    if (source.contains(OWN_SOURCE)) {
      stopped = state;
      int line = ActivationRecord.currentLine(record);
      if (session.reached(line, counted && isOverdue(), this)) {
        goesOn();
      }
      return running.isKilled() || session.error() != null;
    }
    if (!source.equals(PRELUDE_SOURCE)) {
      session.elsewhere(ActivationRecord.currentLine(record));
    }
    return counted && worked();
  }

  /// Time passes where the script does not stop: as for any script.
  private boolean worked() {
    boolean killed = running.passed();
    if (isOverdue() && dialogue.isOver()) {
      session.abandoned();
    }
    return killed || session.error() != null;
  }

  private void goesOn() {
    sinceNanos = clock.monotonicNanos();
    running.goesOn(sinceNanos);
  }

  private boolean isOverdue() {
    long limit = engine.settings().busyReplyThresholdMillis();
    long millis = limit > 0 ? limit : DEFAULT_LIMIT_MILLIS;
    return clock.monotonicNanos() - sinceNanos >= TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Override
  public void raises(String text) {
    if (session.showsCommands()) {
      session.failed(text.startsWith("ERR ") ? text.substring(4) : text);
    }
  }

  /// `redis.breakpoint()`
  void breakpoint() {
    session.breakpointCalled();
  }

  /// `redis.debug()`, whose arguments are on the stack.
  void debug(long state) {
    BoundedText text = session.debugText();
    int count = LuaLibrary.top(state);
    boolean room = LuaLibrary.reserve(state, 1);
    for (int i = 1; room && i <= count && !text.isFull(); i++) {
      text.add(i == 1 ? "" : ", ");
      LuaLibrary.pushValue(state, i);
      LuaValueText.add(text, state);
      LuaLibrary.pop(state, 1);
    }
    session.debug(text);
  }

  // ---- Commands that are shown -----------------------------------------------------------------

  boolean showsCommands() {
    return session.showsCommands();
  }

  /// A command is run, whose words are on the stack.
  void commandRuns(long state) {
    int count = LuaLibrary.top(state);
    List<byte[]> words = new ArrayList<>();
    for (int i = 1; i <= Math.min(count, Session.WORDS_SHOWN); i++) {
      words.add(
          LuaLibrary.type(state, i) == LuaLibrary.NUMBER
              ? RedisLibrary.decimal(LuaLibrary.toNumber(state, i))
              : LuaLibrary.bytes(state, i));
    }
    session.commandRuns(words, count);
  }

  /// What has become of it: the reply, or null if it was refused.
  void commandReplied(@Nullable NativeBuffer reply) {
    if (reply == null) {
      ReplyError refusal = commands.refusal();
      String text = refusal == null ? "ERR" : refusal.text();
      // Redis's own replies, which end a line, or its texts, which have no code.
      session.failed(text.startsWith("ERR ") ? text.substring(4) : "-" + text + "\r\n");
      return;
    }
    if (Memory.getByte(reply.address()) == '-') {
      session.failed(errorLine(reply));
    }
    session.replied(reply.address());
  }

  private static String errorLine(NativeBuffer reply) {
    String line = new String(reply.toBytes(), StandardCharsets.ISO_8859_1);
    return line.substring(0, line.indexOf('\r'));
  }

  // ---- The user --------------------------------------------------------------------------------

  @Override
  public void say(byte[] bytes) {
    dialogue.say(bytes);
  }

  @Override
  public byte @Nullable [] hear() {
    long limitMillis = engine.settings().busyReplyThresholdMillis();
    long patientUntilNanos =
        limitMillis > 0
            ? clock.monotonicNanos() + TimeUnit.MILLISECONDS.toNanos(limitMillis)
            : Long.MAX_VALUE;
    while (!running.isKilled() && !running.isHurried()) {
      byte[] said = dialogue.hear();
      if (said.length > 0) {
        return said;
      }
      if (dialogue.isOver()) {
        return null;
      }
      running.await(patientUntilNanos);
    }
    return null;
  }

  // ---- The script that has stopped -------------------------------------------------------------

  @Override
  public List<Frame> calls() {
    List<Frame> calls = new ArrayList<>();
    for (int level = 0; LuaLibrary.getStack(stopped, level, frame); level++) {
      LuaLibrary.getInfo(stopped, nameAndPlace, frame);
      if (ActivationRecord.shortSource(frame).contains(OWN_SOURCE)) {
        calls.add(new Frame(ActivationRecord.name(frame), ActivationRecord.currentLine(frame)));
      }
    }
    return calls;
  }

  @Override
  public boolean variable(String name, MessageLog log) {
    for (int level = 0; LuaLibrary.getStack(stopped, level, frame); level++) {
      LuaLibrary.getInfo(stopped, placeOnly, frame);
      if (!ActivationRecord.shortSource(frame).equals(PRELUDE_SOURCE) && addLocal(name, log)) {
        return true;
      }
    }
    if (!name.equals("KEYS") && !name.equals("ARGV")) {
      return false;
    }
    LuaState lua = runtime.lua();
    lua.pushRealGlobals(stopped);
    lua.push(stopped, name);
    LuaLibrary.rawGet(stopped, -2);
    addValue("<value> ", stopped, log);
    LuaLibrary.pop(stopped, 2);
    return true;
  }

  /// Adds the variable of that name of the function that the record tells of.
  private boolean addLocal(String name, MessageLog log) {
    long named;
    for (int i = 1; (named = LuaLibrary.getLocal(stopped, frame, i)) != 0; i++) {
      boolean found = name.equals(ActivationRecord.text(named));
      if (found) {
        addValue("<value> ", stopped, log);
      }
      LuaLibrary.pop(stopped, 1);
      if (found) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int variables(MessageLog log) {
    int count = 0;
    if (LuaLibrary.getStack(stopped, 0, frame)) {
      long named;
      for (int i = 1; (named = LuaLibrary.getLocal(stopped, frame, i)) != 0; i++) {
        String name = ActivationRecord.text(named);
        if (name != null && !name.contains(TEMPORARY)) {
          addValue("<value> " + name + " = ", stopped, log);
          count++;
        }
        LuaLibrary.pop(stopped, 1);
      }
    }
    return count;
  }

  private static void addValue(String prefix, long state, MessageLog log) {
    BoundedText text = log.value(prefix);
    LuaValueText.add(text, state);
    log.addValue(text);
  }

  @Override
  public void evaluate(String code, MessageLog log) {
    evaluating = true;
    goesOn();
    try {
      runtime
          .lua()
          .runApart(
              stopped,
              List.of(bytes("return " + code), bytes(code)),
              EVALUATED,
              (apart, succeeded) -> {
                if (succeeded) {
                  addValue("<retval> ", apart, log);
                } else {
                  log.addValue(log.text("<error> ").add(errorText(apart)));
                }
              });
    } finally {
      evaluating = false;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Of a table, as commands make it, the text is a field.
  private String errorText(long apart) {
    if (LuaLibrary.type(apart, -1) == LuaLibrary.TABLE) {
      runtime.lua().push(apart, "err");
      LuaLibrary.rawGet(apart, -2);
    }
    return LuaState.text(apart, -1);
  }

  @Override
  public void command(List<byte[]> words) {
    session.commandRuns(words, words.size());
    commands.clear();
    words.forEach(commands::add);
    commandReplied(commands.execute());
  }
}
