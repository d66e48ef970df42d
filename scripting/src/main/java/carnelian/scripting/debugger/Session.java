package carnelian.scripting.debugger;

import carnelian.scripting.debugger.RequestReader.Found;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One script under the debugger, from its first line to its end. Drives [Pace]: is told where the
/// script is, and when that means a stop, does what the user asks for until the script may go on.
public final class Session {
  /// Of a command, in the line that shows it.
  public static final int WORDS_SHOWN = 10;

  private static final String HELP =
      """
      Redis Lua debugger help:
      [h]elp               Show this help.
      [s]tep               Run current line and stop again.
      [n]ext               Alias for step.
      [c]ontinue           Run till next breakpoint.
      [l]ist               List source code around current line.
      [l]ist [line]        List source code around [line].
                           line = 0 means: current position.
      [l]ist [line] [ctx]  In this form [ctx] specifies how many lines
                           to show before/after [line].
      [w]hole              List all source code. Alias for 'list 1 1000000'.
      [p]rint              Show all the local variables.
      [p]rint <var>        Show the value of the specified variable.
                           Can also show global vars KEYS and ARGV.
      [b]reak              Show all breakpoints.
      [b]reak <line>       Add a breakpoint to the specified line.
      [b]reak -<line>      Remove breakpoint from the specified line.
      [b]reak 0            Remove all breakpoints.
      [t]race              Show a backtrace.
      [e]val <code>        Execute some Lua code (in a different callframe).
      [r]edis <cmd>        Execute a Redis command.
      [m]axlen [len]       Trim logged Redis replies and Lua var dumps to len.
                           Specifying zero as <len> means unlimited.
      [a]bort              Stop the execution of the script. In sync
                           mode dataset changes will be retained.

      Debugger functions you can call from Lua scripts:
      redis.debug()        Produce logs in the debugger console.
      redis.breakpoint()   Stop execution like if there was a breakpoint in the
                           next line of code.\
      """;

  private final Source source;
  private final Breakpoints breakpoints = new Breakpoints();
  private final RequestReader requests = new RequestReader();
  private final MessageLog log = new MessageLog();
  private final Console console;
  private Pace pace = new Pace.Stepping(false);
  private int line;

  public Session(byte[] script, Console console) {
    source = new Source(script);
    this.console = console;
  }

  // ---- What the script does --------------------------------------------------------------------

  /// The script is at a line, but not at one of its own text.
  public void elsewhere(int current) {
    line = current;
  }

  /// The script is at a line; it has gone on since the last stop for too long if it is `overdue`.
  /// Returns when it may go on, or has to end ([#error]); true if it has stopped meanwhile.
  public boolean reached(int current, boolean overdue, Frames frames) {
    line = current;
    Pace.Event.Reached at = new Pace.Event.Reached(breakpoints.contains(current), overdue);
    Pace.Reason reason = Pace.reason(pace, at);
    pace = Pace.after(pace, at);
    if (reason != null) {
      log.add("* Stopped at " + current + ", stop reason = " + reason.text);
      show(current);
      send();
      converse(frames);
    }
    return reason != null;
  }

  /// The script calls `redis.breakpoint()`.
  public void breakpointCalled() {
    pace = Pace.after(pace, new Pace.Event.Called());
  }

  /// The script calls `redis.debug()`: where its values may be written.
  public BoundedText debugText() {
    return log.text("<debug> line " + line + ": ");
  }

  /// The values of `redis.debug()`.
  public void debug(BoundedText values) {
    log.addValue(values);
  }

  /// Whether commands and errors are shown.
  public boolean showsCommands() {
    return pace instanceof Pace.Stepping;
  }

  /// A command of so many words is run, the first of which these are.
  public void commandRuns(List<byte[]> words, int count) {
    BoundedText text = log.text("<redis>");
    for (int i = 0; i < Math.min(count, WORDS_SHOWN); i++) {
      text.add(" ").add(new String(words.get(i), StandardCharsets.ISO_8859_1));
    }
    if (count > WORDS_SHOWN) {
      text.add(" ... (" + (count - WORDS_SHOWN - 1) + " more)"); // One less, as in Redis.
    }
    log.addValue(text);
  }

  /// The command's reply stands at the address.
  public void replied(long address) {
    BoundedText text = log.value("<reply> ");
    ReplyText.add(text, address);
    log.addValue(text);
  }

  /// The script gets an error.
  public void failed(String text) {
    log.addValue(log.text("<error> ").add(text));
  }

  /// The user has gone while the script does something else than its own lines, for too long.
  public void abandoned() {
    pace = Pace.after(pace, new Pace.Event.Fail(Pace.LEFT_ALONE));
  }

  // ---- Its end ---------------------------------------------------------------------------------

  /// The error that the script has to end with; null if it may go on.
  public @Nullable String error() {
    return pace instanceof Pace.Ended(String error) ? error : null;
  }

  /// The line where it is.
  public int line() {
    return line;
  }

  /// The script is over.
  public void end() {
    log.add("<endsession>");
    send();
  }

  // ---- What the user asks for ------------------------------------------------------------------

  private void send() {
    console.say(log.take());
  }

  private void converse(Frames frames) {
    while (pace instanceof Pace.Stopped) {
      switch (requests.next()) {
        case Found.Words(List<byte[]> words) -> execute(DebugCommand.of(words), frames);
        case Found.Broken() -> pace = Pace.after(pace, new Pace.Event.Fail("protocol error"));
        case Found.Incomplete() -> hear();
      }
    }
  }

  private void hear() {
    byte[] said = console.hear();
    if (said == null) {
      breakpoints.clear();
      pace = Pace.after(pace, new Pace.Event.Left());
    } else if (!requests.add(said)) {
      pace = Pace.after(pace, new Pace.Event.Fail("max client buffer reached"));
    }
  }

  private void execute(DebugCommand command, Frames frames) {
    switch (command) {
      case DebugCommand.Step() -> pace = Pace.after(pace, new Pace.Event.Step());
      case DebugCommand.Continue() -> pace = Pace.after(pace, new Pace.Event.Continue());
      case DebugCommand.Abort() ->
          pace = Pace.after(pace, new Pace.Event.Fail("script aborted for user request"));
      case DebugCommand.Break(List<String> lines) -> breakAt(lines);
      case DebugCommand.Evaluate(String code) -> frames.evaluate(code, log);
      case DebugCommand.Help() -> HELP.lines().forEach(log::add);
      case DebugCommand.Show(int shown, int context) -> list(shown == 0 ? line : shown, context);
      case DebugCommand.Length(Integer bytes) -> length(bytes);
      case DebugCommand.Print(String variable) -> print(variable, frames);
      case DebugCommand.Call(List<byte[]> words) -> frames.command(words);
      case DebugCommand.Trace() -> trace(frames);
      case DebugCommand.Unknown() ->
          log.add("<error> Unknown Redis Lua debugger command or wrong number of arguments.");
      case DebugCommand.Whole() -> list(1, Integer.MAX_VALUE);
    }
    if (pace instanceof Pace.Stopped) {
      send();
    }
  }

  private void show(int shown) {
    log.add(source.shown(shown, line, breakpoints));
  }

  private void list(int around, int context) {
    long from = Math.max(1, (long) around - context);
    long to = Math.min(source.lines(), (long) around + context);
    for (long each = from; each <= to; each++) {
      show((int) each);
    }
  }

  private void length(@Nullable Integer bytes) {
    if (bytes != null) {
      log.length(bytes);
    }
    log.add(
        log.length() == 0
            ? "<value> replies are unlimited."
            : "<value> replies are truncated at " + log.length() + " bytes.");
  }

  private void print(@Nullable String variable, Frames frames) {
    if (variable == null) {
      if (frames.variables(log) == 0) {
        log.add("No local variables in the current context.");
      }
    } else if (!frames.variable(variable, log)) {
      log.add("No such variable.");
    }
  }

  private void trace(Frames frames) {
    String from = "In ";
    for (Frames.Frame frame : frames.calls()) {
      log.add(from + (frame.name() == null ? "top level" : frame.name()) + ":");
      show(frame.line());
      from = "From ";
    }
  }

  private void breakAt(List<String> words) {
    if (words.isEmpty()) {
      showBreakpoints();
    }
    for (String word : words) {
      OptionalLong number = Numbers.strict(word);
      if (number.isEmpty()) {
        log.add("Invalid argument:'" + word + "'");
      } else {
        breakAt(number.getAsLong());
      }
    }
  }

  private void showBreakpoints() {
    List<Integer> lines = breakpoints.lines();
    log.add(
        lines.isEmpty()
            ? "No breakpoints set. Use 'b <line>' to add one."
            : lines.size() + " breakpoints set:");
    lines.forEach(this::show);
  }

  /// Adds a breakpoint, removes that of a negative line, or, for 0, all.
  private void breakAt(long wanted) {
    if (wanted == 0) {
      breakpoints.clear();
      log.add("All breakpoints removed.");
    } else if (wanted < 0) {
      log.add(
          breakpoints.remove(-wanted)
              ? "Breakpoint removed."
              : "No breakpoint in the specified line.");
    } else if (breakpoints.isFull()) {
      log.add("Too many breakpoints set.");
    } else if (source.has(wanted) && breakpoints.add((int) wanted)) {
      list((int) wanted, 1);
    } else {
      log.add("Wrong line number.");
    }
  }
}
