package carnelian.scripting.debugger;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the user of the debugger asks for, in Redis's words or their first letters.
sealed interface DebugCommand {
  record Abort() implements DebugCommand {}

  /// Shows breakpoints, or changes those that the words name.
  record Break(List<String> lines) implements DebugCommand {}

  record Continue() implements DebugCommand {}

  record Evaluate(String code) implements DebugCommand {}

  record Help() implements DebugCommand {}

  /// Lines around this one, or around where the script is if it is 0.
  record Show(int line, int context) implements DebugCommand {}

  /// How much of values is shown; null only asks.
  record Length(@Nullable Integer bytes) implements DebugCommand {}

  /// A variable, or all of the function if it is null.
  record Print(@Nullable String variable) implements DebugCommand {}

  /// A command for the server.
  record Call(List<byte[]> words) implements DebugCommand {}

  record Step() implements DebugCommand {}

  record Trace() implements DebugCommand {}

  record Unknown() implements DebugCommand {}

  record Whole() implements DebugCommand {}

  /// Lines before and after the one that is shown.
  int CONTEXT = 5;

  static DebugCommand of(List<byte[]> words) {
    List<String> texts = words.stream().map(DebugCommand::text).toList();
    return switch (name(texts.getFirst())) {
      case "a", "abort" -> new Abort();
      case "b", "break" -> new Break(texts.subList(1, texts.size()));
      case "c", "continue" -> new Continue();
      case "e", "eval" -> new Evaluate(String.join(" ", texts.subList(1, texts.size())));
      case "h", "help" -> new Help();
      case "l", "list" -> show(texts);
      case "m", "maxlen" -> new Length(texts.size() == 2 ? Numbers.leading(texts.get(1)) : null);
      case "n", "next", "s", "step" -> new Step();
      case "p", "print" -> new Print(texts.size() == 2 ? texts.get(1) : null);
      case "r", "redis" ->
          words.size() == 1 ? new Unknown() : new Call(words.subList(1, words.size()));
      case "t", "trace" -> new Trace();
      case "w", "whole" -> new Whole();
      default -> new Unknown();
    };
  }

  private static String text(byte[] word) {
    return new String(word, StandardCharsets.ISO_8859_1);
  }

  /// A name ends at a zero byte, as in C.
  private static String name(String word) {
    int end = word.indexOf('\0');
    return (end < 0 ? word : word.substring(0, end)).toLowerCase(Locale.ROOT);
  }

  private static Show show(List<String> words) {
    int line = words.size() > 1 ? Math.max(0, Numbers.leading(words.get(1))) : 0;
    return new Show(line, words.size() > 2 ? Numbers.leading(words.get(2)) : CONTEXT);
  }
}
