package carnelian.base.config;

import java.util.List;

/// A version of RDB that can be written, or `auto`.
record RdbVersionType() implements DirectiveType<Integer> {
  private static final String AUTO_WORD = "auto";
  private static final int OLDEST = 9;
  private static final int NEWEST = 12;

  @Override
  public Integer parse(List<String> words, Integer current) throws InvalidValueException {
    String given = DirectiveType.one(words);
    if (given.equalsIgnoreCase(AUTO_WORD)) {
      return Directives.RDB_VERSION_AUTO;
    }
    for (int version = OLDEST; version <= NEWEST; version++) {
      if (given.equals(Integer.toString(version))) {
        return version;
      }
    }
    throw new InvalidValueException(
        "argument must be auto or between " + OLDEST + " and " + NEWEST + " inclusive");
  }

  @Override
  public String format(Integer value) {
    return value == Directives.RDB_VERSION_AUTO ? AUTO_WORD : Integer.toString(value);
  }

  @Override
  public String describe() {
    return AUTO_WORD + ", " + OLDEST + " to " + NEWEST;
  }
}
