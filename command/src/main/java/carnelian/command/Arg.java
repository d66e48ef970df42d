package carnelian.command;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One argument of a command as COMMAND DOCS describes it, or a group of them.
///
/// ```java
/// .args(
///     key("key"),
///     oneOf("expiration", integer("seconds").token("EX"), pureToken("PERSIST")).optional())
/// ```
///
/// @param displayText how clients print it; null for [Type#ONEOF] and [Type#BLOCK]
/// @param keySpec index into the declaration's key specs, or -1
/// @param token the word that precedes the argument, or that is the argument
/// @param args what a oneof or block consists of
public record Arg(
    String name,
    Type type,
    @Nullable String displayText,
    int keySpec,
    @Nullable String token,
    @Nullable String summary,
    @Nullable String since,
    @Nullable String deprecatedSince,
    boolean isOptional,
    boolean isMultiple,
    boolean isMultipleToken,
    List<Arg> args) {

  /// The kinds of argument, with Redis's words.
  public enum Type {
    STRING,
    INTEGER,
    DOUBLE,
    KEY,
    PATTERN,
    UNIX_TIME,
    PURE_TOKEN,
    ONEOF,
    BLOCK;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /// As COMMAND DOCS prints it.
    public String word() {
      return word;
    }
  }

  private static Arg leaf(String name, Type type) {
    int keySpec = type == Type.KEY ? 0 : -1;
    return new Arg(
        name, type, name, keySpec, null, null, null, null, false, false, false, List.of());
  }

  private static Arg parent(String name, Type type, Arg... args) {
    return new Arg(
        name, type, null, -1, null, null, null, null, false, false, false, List.of(args));
  }

  /// A key, found by the command's first key spec unless [#keySpec(int)] says otherwise.
  public static Arg key(String name) {
    return leaf(name, Type.KEY);
  }

  public static Arg string(String name) {
    return leaf(name, Type.STRING);
  }

  public static Arg integer(String name) {
    return leaf(name, Type.INTEGER);
  }

  /// A double.
  public static Arg number(String name) {
    return leaf(name, Type.DOUBLE);
  }

  public static Arg pattern(String name) {
    return leaf(name, Type.PATTERN);
  }

  public static Arg unixTime(String name) {
    return leaf(name, Type.UNIX_TIME);
  }

  /// A fixed word, named after itself.
  public static Arg pureToken(String token) {
    return pureToken(token.toLowerCase(Locale.ROOT), token);
  }

  /// A fixed word.
  public static Arg pureToken(String name, String token) {
    return leaf(name, Type.PURE_TOKEN).token(token);
  }

  /// Exactly one of these.
  public static Arg oneOf(String name, Arg... args) {
    return parent(name, Type.ONEOF, args);
  }

  /// All of these, in this order.
  public static Arg block(String name, Arg... args) {
    return parent(name, Type.BLOCK, args);
  }

  /// The same, found by the key spec with this index.
  public Arg keySpec(int index) {
    return copy(displayText, index, token, since, deprecatedSince, isOptional, isMultiple);
  }

  /// The same, preceded by this word.
  public Arg token(String word) {
    return copy(displayText, keySpec, word, since, deprecatedSince, isOptional, isMultiple);
  }

  /// The same, printed so by clients.
  public Arg displayed(String text) {
    return copy(text, keySpec, token, since, deprecatedSince, isOptional, isMultiple);
  }

  public Arg since(String version) {
    return copy(displayText, keySpec, token, version, deprecatedSince, isOptional, isMultiple);
  }

  public Arg deprecatedSince(String version) {
    return copy(displayText, keySpec, token, since, version, isOptional, isMultiple);
  }

  /// The same, but it may be left out.
  public Arg optional() {
    return copy(displayText, keySpec, token, since, deprecatedSince, true, isMultiple);
  }

  /// The same, but it may be repeated.
  public Arg multiple() {
    return copy(displayText, keySpec, token, since, deprecatedSince, isOptional, true);
  }

  /// The same, but it may be repeated, each time with its token.
  public Arg multipleToken() {
    return new Arg(
        name,
        type,
        displayText,
        keySpec,
        token,
        summary,
        since,
        deprecatedSince,
        isOptional,
        true,
        true,
        args);
  }

  public Arg summary(String sentence) {
    return new Arg(
        name,
        type,
        displayText,
        keySpec,
        token,
        sentence,
        since,
        deprecatedSince,
        isOptional,
        isMultiple,
        isMultipleToken,
        args);
  }

  private Arg copy(
      @Nullable String newDisplayText,
      int newKeySpec,
      @Nullable String newToken,
      @Nullable String newSince,
      @Nullable String newDeprecatedSince,
      boolean nowOptional,
      boolean nowMultiple) {
    return new Arg(
        name,
        type,
        newDisplayText,
        newKeySpec,
        newToken,
        summary,
        newSince,
        newDeprecatedSince,
        nowOptional,
        nowMultiple,
        isMultipleToken,
        args);
  }
}
