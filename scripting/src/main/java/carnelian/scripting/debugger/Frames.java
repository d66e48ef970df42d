package carnelian.scripting.debugger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Port: a script that has stopped, as far as one can look into it and do something in its place.
/// What is found is added to the log.
public interface Frames {
  /// A function of the script that has not returned; the name is null if nobody knows one.
  record Frame(@Nullable String name, int line) {}

  /// The calls, the innermost first.
  List<Frame> calls();

  /// Adds the first variable of that name, from the innermost function outwards. False if there is
  /// none.
  boolean variable(String name, MessageLog log);

  /// Adds all variables of the innermost function; returns how many.
  int variables(MessageLog log);

  /// Runs code and adds what it returns, or its error.
  void evaluate(String code, MessageLog log);

  /// Runs a command, as the script itself would, and adds it and its reply.
  void command(List<byte[]> words);
}
