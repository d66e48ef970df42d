package carnelian.base.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Free text in one word.
///
/// `absentIfEmpty`: the empty text means that the directive is not there, as a file without it
/// would say, and CONFIG REWRITE takes it out.
record TextType(boolean absentIfEmpty, String what, @Nullable Check check)
    implements DirectiveType<String> {

  /// Says what is wrong with a text, or nothing.
  interface Check {
    @Nullable String complaint(String text);
  }

  @Override
  public String parse(List<String> words, String current) throws InvalidValueException {
    String text = DirectiveType.one(words);
    String complaint = check == null ? null : check.complaint(text);
    if (complaint != null) {
      throw new InvalidValueException(complaint);
    }
    return text;
  }

  @Override
  public String format(String value) {
    return value;
  }

  @Override
  public List<String> lines(String value) {
    return absentIfEmpty && value.isEmpty() ? List.of() : List.of(QuotedWords.quote(value));
  }

  @Override
  public String describe() {
    return what;
  }

  /// A name without a directory before it.
  static Check fileName(String directive, String kind) {
    return text -> {
      if (text.isEmpty() && !directive.equals("dbfilename")) {
        return directive + " can't be empty";
      }
      return text.indexOf('/') >= 0 || text.indexOf('\\') >= 0
          ? directive + " can't be a path, just a " + kind
          : null;
    };
  }

  /// A host name that may be announced to others.
  static @Nullable String hostName(String text) {
    if (text.length() >= 256) {
      return "Hostnames must be less than 256 characters";
    }
    boolean clean =
        text.chars()
            .allMatch(c -> (c < 128 && Character.isLetterOrDigit(c)) || c == '-' || c == '.');
    return clean ? null : "Hostnames may only contain alphanumeric characters, hyphens or dots";
  }

  private static final List<String> TITLE_VARIABLES =
      List.of(
          "title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file");

  /// A template whose `{variables}` are all known and closed.
  static @Nullable String titleTemplate(String text) {
    String complaint = "template format is invalid or contains unknown variables";
    int at = 0;
    while (true) {
      int open = text.indexOf('{', at);
      if (open < 0) {
        return QuotedWords.split(text.replace("{", "").replace("}", "")) == null ? complaint : null;
      }
      int close = text.indexOf('}', open);
      if (close < 0 || !TITLE_VARIABLES.contains(variable(text, open, close))) {
        return complaint;
      }
      at = close + 1;
    }
  }

  private static String variable(String text, int open, int close) {
    return text.substring(open + 1, close).toLowerCase(Locale.ROOT);
  }
}
