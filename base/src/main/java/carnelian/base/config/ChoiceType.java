package carnelian.base.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// One word of a few.
record ChoiceType<E extends Enum<E>>(Class<E> words) implements DirectiveType<E> {
  @Override
  public E parse(List<String> given, E current) throws InvalidValueException {
    String text = DirectiveType.one(given);
    for (E constant : words.getEnumConstants()) {
      if (word(constant).equalsIgnoreCase(text)) {
        return canonical(constant);
      }
    }
    throw new InvalidValueException("argument(s) must be one of the following: " + list());
  }

  @Override
  public String format(E value) {
    return word(value);
  }

  @Override
  public String describe() {
    return list();
  }

  private String list() {
    return Arrays.stream(words.getEnumConstants())
        .map(ChoiceType::word)
        .collect(Collectors.joining(", "));
  }

  private E canonical(E constant) {
    return constant == Choices.OomScoreAdj.RELATIVE
        ? Enum.valueOf(words, Choices.OomScoreAdj.YES.name())
        : constant;
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Any of a few words together; none of them is `default`.
  record Several<E extends Enum<E>>(Class<E> words) implements DirectiveType<Set<E>> {
    private static final String NONE = "default";

    @Override
    public Set<E> parse(List<String> given, Set<E> current) throws InvalidValueException {
      Set<E> result = EnumSet.noneOf(words);
      if (given.isEmpty()) {
        throw unknown();
      }
      for (String text : given) {
        if (!text.equalsIgnoreCase(NONE)) {
          result.add(one(text));
        }
      }
      if (result.contains(Choices.ShutdownFlag.SAVE)
          && result.contains(Choices.ShutdownFlag.NOSAVE)) {
        throw new InvalidValueException(
            "shutdown options SAVE and NOSAVE can't be used simultaneously");
      }
      return result;
    }

    private E one(String text) throws InvalidValueException {
      for (E constant : words.getEnumConstants()) {
        if (word(constant).equalsIgnoreCase(text)) {
          return constant;
        }
      }
      throw unknown();
    }

    private InvalidValueException unknown() {
      return new InvalidValueException("argument(s) must be one of the following: " + describe());
    }

    @Override
    public String format(Set<E> value) {
      return value.isEmpty()
          ? NONE
          : value.stream().map(ChoiceType::word).collect(Collectors.joining(" "));
    }

    @Override
    public boolean takesWords() {
      return true;
    }

    @Override
    public String describe() {
      return NONE + ", " + new ChoiceType<>(words).describe();
    }
  }
}
