package carnelian.base.config;

import java.util.List;

/// `yes` or `no`.
record FlagType() implements DirectiveType<Boolean> {
  @Override
  public Boolean parse(List<String> words, Boolean current) throws InvalidValueException {
    String word = DirectiveType.one(words);
    if (word.equalsIgnoreCase("yes")) {
      return true;
    }
    if (word.equalsIgnoreCase("no")) {
      return false;
    }
    throw new InvalidValueException("argument must be 'yes' or 'no'");
  }

  @Override
  public String format(Boolean value) {
    return value ? "yes" : "no";
  }

  @Override
  public String describe() {
    return "yes or no";
  }
}
