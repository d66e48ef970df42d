package carnelian.engine.acl;

import carnelian.base.config.QuotedWords;
import carnelian.command.Arguments;
import carnelian.command.CommandFlag;
import carnelian.command.KeyFlag;
import carnelian.command.KeyPositions;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Denial;
import carnelian.memory.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A set of commands together with the keys and channels they may be used on. A user has one, and
/// may have more; a call runs if one of them allows all of it.
final class Selector {
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int READ_AND_WRITE = READ | WRITE;
  private static final int WRITES =
      KeyFlag.INSERT.bit() | KeyFlag.DELETE.bit() | KeyFlag.UPDATE.bit();

  /// Keys that match the pattern, and what may be done with them.
  private static final class KeyPattern {
    private final String pattern;
    private final byte[] bytes;
    private final int access;

    KeyPattern(String pattern, int access) {
      this.pattern = pattern;
      this.bytes = CommandRules.bytes(pattern);
      this.access = access;
    }

    /// Beside others, a pattern that every key matches must not read as the rule `~*`, which takes
    /// them away.
    String rule(boolean alone) {
      return switch (access) {
        case READ -> "%R~" + pattern;
        case WRITE -> "%W~" + pattern;
        default -> (alone || !pattern.equals("*") ? "~" : "%RW~") + pattern;
      };
    }
  }

  private final CommandRules commands;
  private final List<KeyPattern> keys = new ArrayList<>();
  private final List<String> channels = new ArrayList<>();
  private boolean allKeys;
  private boolean allChannels;

  /// Allows nothing but, maybe, all channels.
  Selector(boolean everyChannel) {
    commands = new CommandRules();
    allChannels = everyChannel;
  }

  Selector(Selector original) {
    commands = new CommandRules(original.commands);
    keys.addAll(original.keys);
    channels.addAll(original.channels);
    allKeys = original.allKeys;
    allChannels = original.allChannels;
  }

  // ---- Rules -----------------------------------------------------------------------------------

  /// Applies a rule about commands, keys or channels.
  void apply(String rule, CommandTable table) throws RuleException {
    switch (rule.toLowerCase(Locale.ROOT)) {
      case "allkeys", "~*" -> setKeys(true);
      case "resetkeys" -> setKeys(false);
      case "allchannels", "&*" -> setChannels(true);
      case "resetchannels" -> setChannels(false);
      case "allcommands", "+@all" -> commands.allowAll(true);
      case "nocommands", "-@all" -> commands.allowAll(false);
      default -> applyNamed(rule, table);
    }
  }

  private void setKeys(boolean all) {
    allKeys = all;
    keys.clear();
  }

  private void setChannels(boolean all) {
    allChannels = all;
    channels.clear();
  }

  private void applyNamed(String rule, CommandTable table) throws RuleException {
    char sign = rule.charAt(0);
    if (sign == '~' || sign == '%') {
      addKeys(rule);
    } else if (sign == '&') {
      addChannels(rule.substring(1));
    } else if (sign != '+' && sign != '-') {
      throw new RuleException(RuleException.Reason.SYNTAX);
    } else {
      boolean _ = commands.apply(rule, table);
    }
  }

  private void addKeys(String rule) throws RuleException {
    if (allKeys) {
      throw new RuleException(RuleException.Reason.PATTERN_AFTER_ALL_KEYS);
    }
    int access = rule.charAt(0) == '~' ? READ_AND_WRITE : 0;
    int from = 1;
    while (rule.charAt(0) == '%' && from < rule.length() && rule.charAt(from) != '~') {
      int letter =
          switch (rule.charAt(from)) {
            case 'R', 'r' -> READ;
            case 'W', 'w' -> WRITE;
            default -> throw new RuleException(RuleException.Reason.SYNTAX);
          };
      if ((access & letter) != 0) {
        throw new RuleException(RuleException.Reason.SYNTAX);
      }
      access |= letter;
      from++;
    }
    if (access == 0) {
      throw new RuleException(RuleException.Reason.SYNTAX);
    }
    if (rule.charAt(0) == '%') {
      from++; // The tilde, which Redis lets one leave out.
    }
    String pattern = from < rule.length() ? rule.substring(from) : "";
    checkSpaces(pattern);
    for (int i = 0; i < keys.size(); i++) {
      KeyPattern present = keys.get(i);
      if (present.pattern.equals(pattern)) {
        keys.set(i, new KeyPattern(pattern, present.access | access));
        return;
      }
    }
    keys.add(new KeyPattern(pattern, access));
  }

  private void addChannels(String pattern) throws RuleException {
    if (allChannels) {
      throw new RuleException(RuleException.Reason.PATTERN_AFTER_ALL_CHANNELS);
    }
    checkSpaces(pattern);
    if (!channels.contains(pattern)) {
      channels.add(pattern);
    }
  }

  private static void checkSpaces(String text) throws RuleException {
    if (hasSpaces(text)) {
      throw new RuleException(RuleException.Reason.SYNTAX);
    }
  }

  /// Whether a text has white space or zero bytes, which would break the lines of files.
  static boolean hasSpaces(String text) {
    return text.chars().anyMatch(c -> c == ' ' || c == 0 || (c >= '\t' && c <= '\r'));
  }

  // ---- Checking --------------------------------------------------------------------------------

  /// Whether nothing at all is refused.
  boolean allowsEverything() {
    return commands.allowsAll() && allKeys && allChannels;
  }

  boolean allowsAllChannels() {
    return allChannels;
  }

  /// The patterns of channels.
  List<String> channels() {
    return channels;
  }

  /// What forbids the call; null if nothing does. `found` is told which argument is at fault.
  @Nullable Denial check(CommandEntry entry, Arguments args, Verdict found) {
    if (!entry.has(CommandFlag.NO_AUTH) && !commands.allows(entry, args)) {
      return Denial.COMMAND;
    }
    if (!allKeys && entry.declaration().hasKeys()) {
      KeyPositions positions = found.keys(entry, args);
      for (int i = 0; i < positions.count(); i++) {
        Slice key = args.arg(positions.position(i));
        if (!allowsKey(key, access(positions.flags(i)), found.matcher())) {
          found.blame(positions.position(i));
          return Denial.KEY;
        }
      }
    }
    if (!allChannels && entry.has(CommandFlag.PUBSUB)) {
      return checkChannels(entry, args, found);
    }
    return null;
  }

  private static int access(int keyFlags) {
    return ((keyFlags & KeyFlag.ACCESS.bit()) != 0 ? READ : 0)
        | ((keyFlags & WRITES) != 0 ? WRITE : 0);
  }

  private boolean allowsKey(Slice key, int access, GlobMatcher matcher) {
    for (int i = 0; i < keys.size(); i++) {
      KeyPattern pattern = keys.get(i);
      if ((pattern.access & access) == access && matcher.matches(pattern.bytes, key)) {
        return true;
      }
    }
    return false;
  }

  /// Whether every key may be read.
  boolean mayReadAnyKey() {
    return allKeys || keys.stream().anyMatch(p -> (p.access & READ) != 0 && p.pattern.equals("*"));
  }

  private @Nullable Denial checkChannels(CommandEntry entry, Arguments args, Verdict found) {
    String name = entry.name();
    boolean isPattern = name.equals("psubscribe");
    boolean subscribes = isPattern || name.equals("subscribe") || name.equals("ssubscribe");
    boolean publishes = name.equals("publish") || name.equals("spublish");
    int last = subscribes ? args.argc() - 1 : publishes ? 1 : 0;
    for (int i = 1; i <= last; i++) {
      if (!allowsChannel(channels, args.arg(i), isPattern, found.matcher())) {
        found.blame(i);
        return Denial.CHANNEL;
      }
    }
    return null;
  }

  /// Whether one of these patterns allows a channel, or is the very pattern that is asked for.
  static boolean allowsChannel(
      List<String> patterns, Slice channel, boolean isPattern, GlobMatcher matcher) {
    for (String pattern : patterns) {
      byte[] bytes = CommandRules.bytes(pattern);
      if (isPattern ? channel.contentEquals(bytes) : matcher.matches(bytes, channel)) {
        return true;
      }
    }
    return false;
  }

  // ---- Describing ------------------------------------------------------------------------------

  String commandRules() {
    return commands.toString();
  }

  String keyRules() {
    boolean alone = keys.size() == 1;
    return allKeys
        ? "~*"
        : String.join(" ", keys.stream().map(pattern -> pattern.rule(alone)).toList());
  }

  String channelRules() {
    return allChannels ? "&*" : String.join(" ", channels.stream().map(c -> "&" + c).toList());
  }

  /// Rules that make the same selector.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(keyRules());
    if (!text.isEmpty()) {
      text.append(' ');
    }
    if (!allChannels) {
      text.append("resetchannels ");
    }
    String rules = channelRules();
    text.append(rules).append(rules.isEmpty() ? "" : " ");
    return text.append(commands).toString();
  }

  /// The same as one rule of a user. A word that would end it early, or that has quotes in it, is
  /// quoted.
  String inParentheses() {
    StringBuilder text = new StringBuilder("(");
    for (String word : toString().split(" ", -1)) {
      boolean plain = word.chars().noneMatch(c -> c == ')' || c == '"' || c == '\'');
      text.append(text.length() == 1 ? "" : " ").append(plain ? word : QuotedWords.quote(word));
    }
    return text.append(')').toString();
  }
}
