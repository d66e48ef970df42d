package carnelian.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The words of a tool taken apart: options with a value, flags, and the rest.
final class ToolWords {
  private final Map<String, String> values = new HashMap<>();
  private final List<String> rest = new ArrayList<>();

  /// What is wrong with them; null if nothing is.
  private @Nullable String wrong;

  ToolWords(List<String> words, Set<String> options, Set<String> flags) {
    for (int i = 0; i < words.size() && wrong == null; i++) {
      String word = words.get(i);
      if (flags.contains(word)) {
        values.put(word, "");
      } else if (options.contains(word)) {
        i++;
        if (i < words.size()) {
          values.put(word, words.get(i));
        } else {
          wrong = word + " needs a value";
        }
      } else if (word.startsWith("--")) {
        wrong = "unknown option " + word;
      } else {
        rest.add(word);
      }
    }
  }

  @Nullable String wrong() {
    return wrong;
  }

  boolean has(String option) {
    return values.containsKey(option);
  }

  @Nullable String value(String option) {
    return values.get(option);
  }

  List<String> rest() {
    return rest;
  }
}
