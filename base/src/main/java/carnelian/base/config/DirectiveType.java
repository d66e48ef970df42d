package carnelian.base.config;

import java.util.List;

/// How the value of a directive is read and written.
interface DirectiveType<T> {
  /// Reads a value. `current` is what it replaces: some directives change only a part of it.
  T parse(List<String> words, T current) throws InvalidValueException;

  /// Reads a line of the configuration file; `first` until the directive has been met. Where lines
  /// add up, the first one replaces the default.
  default T parseLine(List<String> words, T current, boolean first) throws InvalidValueException {
    return parse(words, current);
  }

  /// As CONFIG GET shows it.
  String format(T value);

  /// What follows the name in the configuration file, a line each. No line: the directive is
  /// removed from the file.
  default List<String> lines(T value) {
    return List.of(format(value));
  }

  /// Whether the directive must be written even if it was not in the file.
  default boolean mustWrite(T value, T defaultValue) {
    return !value.equals(defaultValue);
  }

  /// Whether a value is several words rather than one.
  default boolean takesWords() {
    return false;
  }

  /// What may be written, for the reference.
  String describe();

  private static InvalidValueException wrongNumber() {
    return new InvalidValueException("wrong number of arguments");
  }

  /// The only word.
  static String one(List<String> words) throws InvalidValueException {
    if (words.size() != 1) {
      throw wrongNumber();
    }
    return words.getFirst();
  }

  /// Insists on a number of words.
  static void exactly(int count, List<String> words) throws InvalidValueException {
    if (words.size() != count) {
      throw wrongNumber();
    }
  }
}
