package carnelian.base.config;

import java.util.List;

/// The letters of `notify-keyspace-events`, kept in the order in which CONFIG GET shows them.
record KeyspaceEventsType() implements DirectiveType<String> {
  /// What `A` stands for.
  static final String ALL = "g$lshzxetd";

  private static final String OTHERS = "KEmn";

  @Override
  public String parse(List<String> words, String current) throws InvalidValueException {
    String given = DirectiveType.one(words);
    String known = "A" + ALL + OTHERS;
    for (int i = 0; i < given.length(); i++) {
      if (known.indexOf(given.charAt(i)) < 0) {
        throw new InvalidValueException("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
      }
    }
    String expanded = given.replace("A", ALL);
    StringBuilder ordered = new StringBuilder();
    String classes = chosen(ALL, expanded);
    ordered.append(classes.length() == ALL.length() ? "A" : classes);
    return ordered.append(chosen(OTHERS, expanded)).toString();
  }

  private static String chosen(String letters, String from) {
    StringBuilder found = new StringBuilder();
    letters.chars().filter(c -> from.indexOf(c) >= 0).forEach(c -> found.append((char) c));
    return found.toString();
  }

  @Override
  public String format(String value) {
    return value;
  }

  @Override
  public List<String> lines(String value) {
    return List.of(QuotedWords.quote(value));
  }

  @Override
  public String describe() {
    return "letters of Ag$lshzxeKEtmdn";
  }
}
