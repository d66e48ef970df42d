package carnelian.engine.acl;

import carnelian.base.config.QuotedWords;
import carnelian.engine.CommandTable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A user: whether and with which passwords it may log in, and its selectors, the first of which
/// its plain rules change. Passwords are kept as SHA-256 hashes only.
final class User {
  private static final int HASH_DIGITS = 64;

  /// Whether payloads that the user restores are checked in full.
  private enum Sanitizing {
    AS_CONFIGURED(""),
    SKIP("skip-sanitize-payload"),
    ALWAYS("sanitize-payload");

    private final String word;

    Sanitizing(String word) {
      this.word = word;
    }
  }

  private final String name;
  private boolean enabled;
  private boolean noPassword;
  private Sanitizing sanitizing = Sanitizing.AS_CONFIGURED;
  private final Set<String> hashes = new LinkedHashSet<>();
  private final List<Selector> selectors = new ArrayList<>();

  /// A user who may do nothing but, maybe, use all channels.
  User(String name, boolean everyChannel) {
    this.name = name;
    selectors.add(new Selector(everyChannel));
  }

  /// The same rules under another name, or for trying out a change.
  User(String name, User original) {
    this.name = name;
    enabled = original.enabled;
    noPassword = original.noPassword;
    sanitizing = original.sanitizing;
    hashes.addAll(original.hashes);
    original.selectors.forEach(selector -> selectors.add(new Selector(selector)));
  }

  String name() {
    return name;
  }

  boolean isEnabled() {
    return enabled;
  }

  boolean needsNoPassword() {
    return noPassword;
  }

  List<Selector> selectors() {
    return selectors;
  }

  Set<String> hashes() {
    return hashes;
  }

  /// Whether there is nothing that the user may not do.
  boolean mayDoEverything() {
    for (Selector selector : selectors) {
      if (selector.allowsEverything()) {
        return true;
      }
    }
    return false;
  }

  // ---- Rules -----------------------------------------------------------------------------------

  /// Applies a rule.
  ///
  /// @param everyChannel what `acl-pubsub-default` says of new selectors
  void apply(String rule, CommandTable commands, boolean everyChannel) throws RuleException {
    if (rule.isEmpty()) {
      return;
    }
    switch (rule.toLowerCase(Locale.ROOT)) {
      case "on" -> enabled = true;
      case "off" -> enabled = false;
      case "skip-sanitize-payload" -> sanitizing = Sanitizing.SKIP;
      case "sanitize-payload" -> sanitizing = Sanitizing.ALWAYS;
      case "nopass" -> passwords(true);
      case "resetpass" -> passwords(false);
      case "clearselectors" -> selectors.subList(1, selectors.size()).clear();
      case "reset" -> reset(everyChannel);
      default -> applyOther(rule, commands, everyChannel);
    }
  }

  private void passwords(boolean none) {
    noPassword = none;
    hashes.clear();
  }

  private void reset(boolean everyChannel) {
    passwords(false);
    enabled = false;
    sanitizing = Sanitizing.ALWAYS;
    selectors.clear();
    selectors.add(new Selector(everyChannel));
  }

  private void applyOther(String rule, CommandTable commands, boolean everyChannel)
      throws RuleException {
    String rest = rule.substring(1);
    switch (rule.charAt(0)) {
      case '>' -> addHash(hash(rest));
      case '#' -> addHash(checkedHash(rest));
      case '<' -> removeHash(hash(rest));
      case '!' -> removeHash(checkedHash(rest));
      default -> {
        if (rule.startsWith("(") && rule.endsWith(")")) {
          selectors.add(selector(rule.substring(1, rule.length() - 1), commands, everyChannel));
        } else {
          selectors.getFirst().apply(rule, commands);
        }
      }
    }
  }

  private static Selector selector(String rules, CommandTable commands, boolean everyChannel)
      throws RuleException {
    List<String> words = QuotedWords.split(rules);
    if (words == null) {
      throw new RuleException(RuleException.Reason.SYNTAX);
    }
    Selector selector = new Selector(everyChannel);
    for (String word : words) {
      if (word.isEmpty()) {
        throw new RuleException(RuleException.Reason.SYNTAX);
      }
      selector.apply(word, commands);
    }
    return selector;
  }

  private void addHash(String hash) {
    hashes.add(hash);
    noPassword = false;
  }

  private void removeHash(String hash) throws RuleException {
    if (!hashes.remove(hash)) {
      throw new RuleException(RuleException.Reason.NO_SUCH_PASSWORD);
    }
  }

  private static String checkedHash(String text) throws RuleException {
    boolean isHash =
        text.length() == HASH_DIGITS
            && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    if (!isHash) {
      throw new RuleException(RuleException.Reason.BAD_HASH);
    }
    return text;
  }

  // ---- Passwords -------------------------------------------------------------------------------

  /// Whether the user may log in with this password. All hashes are compared, each in a time that
  /// tells nothing about it.
  boolean admits(String password) {
    if (!enabled) {
      return false;
    }
    if (noPassword) {
      return true;
    }
    byte[] given = hash(password).getBytes(StandardCharsets.ISO_8859_1);
    boolean admitted = false;
    for (String hash : hashes) {
      admitted |= MessageDigest.isEqual(given, hash.getBytes(StandardCharsets.ISO_8859_1));
    }
    return admitted;
  }

  private static String hash(String password) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(CommandRules.bytes(password)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  // ---- Describing ------------------------------------------------------------------------------

  /// The words of the user's state, as ACL GETUSER tells them.
  List<String> flags() {
    List<String> flags = new ArrayList<>();
    flags.add(enabled ? "on" : "off");
    if (noPassword) {
      flags.add("nopass");
    }
    if (sanitizing != Sanitizing.AS_CONFIGURED) {
      flags.add(sanitizing.word);
    }
    return flags;
  }

  /// The line of ACL LIST and of files: rules that make the same user.
  String line() {
    StringBuilder line = new StringBuilder("user ").append(name);
    flags().forEach(flag -> line.append(' ').append(flag));
    hashes.forEach(hash -> line.append(" #").append(hash));
    line.append(' ').append(selectors.getFirst());
    selectors.subList(1, selectors.size()).forEach(s -> line.append(' ').append(s.inParentheses()));
    return line.toString();
  }

  /// Puts the words of a selector that stands in several arguments together, from the opening to
  /// the closing parenthesis. Null if that one is missing; `unmatched` is told where it began.
  static @Nullable List<String> joined(List<String> words, StringBuilder unmatched) {
    List<String> rules = new ArrayList<>();
    StringBuilder open = null;
    String opening = "";
    for (String word : words) {
      if (open != null) {
        open.append(' ').append(word);
      } else if (word.startsWith("(") && !word.endsWith(")")) {
        open = new StringBuilder(word);
        opening = word;
        continue;
      }
      if (open == null) {
        rules.add(word);
      } else if (word.endsWith(")")) {
        rules.add(open.toString());
        open = null;
      }
    }
    if (open != null) {
      unmatched.append(opening);
      return null;
    }
    return rules;
  }
}
