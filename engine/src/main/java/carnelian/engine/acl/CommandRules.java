package carnelian.engine.acl;

import carnelian.base.Invariant;
import carnelian.command.AclCategory;
import carnelian.command.Arguments;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which commands a selector allows.
///
/// Rules begin with all commands or with none, which also holds for commands that do not exist yet;
/// a bit for each command whose permission is the other one; and the rules that led there, as they
/// are written back.
final class CommandRules {
  private static final char SEPARATOR = '|';

  private boolean all;
  private final BitSet others = new BitSet();
  private final Map<Integer, List<String>> firstArguments = new HashMap<>();

  /// Each about something else, in the order in which they were given.
  private final List<String> rules = new ArrayList<>();

  /// Where their names are found; null while there are none.
  private @Nullable CommandTable table;

  CommandRules() {}

  CommandRules(CommandRules original) {
    all = original.all;
    others.or(original.others);
    original.firstArguments.forEach(
        (number, words) -> firstArguments.put(number, new ArrayList<>(words)));
    rules.addAll(original.rules);
    table = original.table;
  }

  /// `+@all` or `-@all`.
  void allowAll(boolean allowed) {
    all = allowed;
    others.clear();
    firstArguments.clear();
    rules.clear();
  }

  /// Whether there is no command that is not allowed.
  boolean allowsAll() {
    return all && others.isEmpty();
  }

  /// `+name`, `-name`, `+container|subcommand`, `+name|argument`, `+@category` or `-@category`; not
  /// those of all. True if it says something new.
  boolean apply(String rule, CommandTable commands) throws RuleException {
    table = commands;
    boolean allowed = rule.charAt(0) == '+';
    return rule.startsWith("@", 1)
        ? changeCategory(rule.substring(2), allowed, commands)
        : change(rule.substring(1), allowed, commands);
  }

  private boolean change(String name, boolean allowed, CommandTable commands) throws RuleException {
    int bar = name.lastIndexOf(SEPARATOR);
    CommandEntry entry = find(name, commands);
    if (allowed && bar >= 0) {
      CommandEntry container = find(name.substring(0, bar), commands);
      if (container == null) {
        throw new RuleException(RuleException.Reason.UNKNOWN_COMMAND);
      }
      if (container.container() != null) {
        throw new RuleException(RuleException.Reason.ARGUMENT_OF_SUBCOMMAND);
      }
      if (bar == name.length() - 1) {
        throw new RuleException(RuleException.Reason.SYNTAX);
      }
      if (container.subcommands() == null) {
        return allowArgument(container, name.substring(bar + 1));
      }
    }
    if (entry == null) {
      throw new RuleException(RuleException.Reason.UNKNOWN_COMMAND);
    }
    forgetRulesOf(entry.name());
    rules.add((allowed ? "+" : "-") + entry.name());
    return set(entry, allowed);
  }

  /// Says something about commands to come, if nothing else.
  private boolean changeCategory(String name, boolean allowed, CommandTable commands)
      throws RuleException {
    AclCategory category = AclCategory.named(name);
    if (category == null) {
      throw new RuleException(RuleException.Reason.UNKNOWN_COMMAND);
    }
    for (CommandEntry entry : commands.declared()) {
      setIfIn(category, entry, allowed);
    }
    String word = "@" + category.word();
    rules.removeIf(rule -> rule.substring(1).equals(word));
    rules.add((allowed ? "+" : "-") + word);
    return true;
  }

  private void setIfIn(AclCategory category, CommandEntry entry, boolean allowed) {
    if (entry.declaration().isIn(category)) {
      set(entry, allowed);
    }
    CommandTable subcommands = entry.subcommands();
    if (subcommands != null) {
      for (CommandEntry subcommand : subcommands.entries()) {
        setIfIn(category, subcommand, allowed);
      }
    }
  }

  /// True if that changes anything.
  private boolean set(CommandEntry entry, boolean allowed) {
    boolean changes = allows(entry) != allowed;
    others.set(entry.number(), allowed != all);
    changes |= firstArguments.remove(entry.number()) != null;
    CommandTable subcommands = entry.subcommands();
    if (subcommands != null) {
      for (CommandEntry subcommand : subcommands.entries()) {
        changes |= set(subcommand, allowed);
      }
    }
    return changes;
  }

  private boolean allows(CommandEntry entry) {
    return all != others.get(entry.number());
  }

  private boolean allowArgument(CommandEntry entry, String argument) throws RuleException {
    if (Selector.hasSpaces(argument)) {
      throw new RuleException(RuleException.Reason.SYNTAX);
    }
    List<String> words = firstArguments.computeIfAbsent(entry.number(), _ -> new ArrayList<>());
    if (words.stream().anyMatch(argument::equalsIgnoreCase)) {
      return false;
    }
    words.add(argument);
    rules.add("+" + entry.name() + SEPARATOR + argument);
    return true;
  }

  /// Takes back the rules about a command, its subcommands and arguments.
  private void forgetRulesOf(String name) {
    rules.removeIf(
        rule ->
            rule.startsWith(name, 1)
                && (rule.length() == name.length() + 1
                    || rule.charAt(name.length() + 1) == SEPARATOR));
  }

  /// Whether a call of the command may run.
  boolean allows(CommandEntry entry, Arguments args) {
    if (allows(entry)) {
      return true;
    }
    List<String> words = firstArguments.get(entry.number());
    if (words == null || args.argc() < 2) {
      return false;
    }
    String given = args.arg(1).toString();
    for (String word : words) {
      if (word.equalsIgnoreCase(given)) {
        return true;
      }
    }
    return false;
  }

  /// The command that a rule names: `get` or `config|get`, in any case; null if there is none.
  static @Nullable CommandEntry find(String name, CommandTable commands) {
    String[] words = name.toLowerCase(Locale.ROOT).split("\\|", -1);
    CommandEntry found = null;
    for (CommandEntry entry : commands.declared()) {
      if (entry.name().equals(words[0])) {
        found = entry;
      }
    }
    if (found == null || words.length == 1) {
      return found;
    }
    CommandTable subcommands = found.subcommands();
    return subcommands == null || words.length > 2 ? null : subcommands.find(words[1]);
  }

  /// Rules that lead to the same permissions, for ACL GETUSER and for files. What says nothing new
  /// after those before it is left out.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(all ? "+@all" : "-@all");
    CommandTable commands = table;
    if (commands != null) {
      CommandRules told = new CommandRules();
      told.allowAll(all);
      for (String rule : rules) {
        if (told.says(rule, commands)) {
          text.append(' ').append(rule);
        }
      }
    }
    return text.toString();
  }

  /// As [#apply], with a rule that was applied before.
  private boolean says(String rule, CommandTable commands) {
    try {
      return apply(rule, commands);
    } catch (RuleException e) {
      throw Invariant.broken(rule + " was a rule: " + e.getMessage());
    }
  }

  /// Bytes of a text that stands for bytes.
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
