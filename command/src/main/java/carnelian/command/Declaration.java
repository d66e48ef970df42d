package carnelian.command;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything there is to know about a command except how it runs.
///
/// ```java
/// declare("GETDEL")
///     .group(STRING)
///     .since("6.2.0")
///     .complexity("O(1)")
///     .summary("Returns a string and deletes its key.")
///     .arity(2)
///     .flags(WRITE, FAST)
///     .keys(first(RW, ACCESS, DELETE))
///     .args(key("key"))
///     .replies(bulk(), nil())
/// ```
///
/// A subcommand is declared with its full name, `declare("CONFIG|GET")`, and handed to its
/// container by [Builder#subcommands]. Immutable; made once at start.
public final class Declaration {

  /// A change of a command's behaviour, for COMMAND DOCS.
  public record Change(String version, String what) {}

  private final String name;
  private final @Nullable String container;
  private final Group group;
  private final String since;
  private final String summary;
  private final @Nullable String complexity;
  private final int arity;
  private final Set<CommandFlag> flags;
  private final int flagBits;
  private final Set<AclCategory> categories;
  private final int categoryBits;
  private final List<KeySpec> keySpecs;

  /// Made when the first call asks for it, by whichever engine; all would make the same.
  private volatile KeySearch @Nullable [] keySearches;

  private final @Nullable KeyFinder keyFinder;
  private final LegacyRange range;
  private final List<Arg> args;
  private final List<ReplyShape> replies;
  private final List<Tip> tips;
  private final List<Change> history;
  private final Set<DocFlag> docFlags;
  private final @Nullable String deprecatedSince;
  private final @Nullable String replacedBy;
  private final List<Declaration> subcommands;

  private Declaration(Builder from) {
    name = from.name;
    int bar = name.indexOf('|');
    container = bar < 0 ? null : name.substring(0, bar);
    group = required(name, "group", from.group);
    since = required(name, "since", from.since);
    summary = required(name, "summary", from.summary);
    complexity = from.complexity;
    arity = from.arity;
    keySpecs = from.keySpecs;
    keyFinder = from.keyFinder;
    range = LegacyRange.of(keySpecs);
    EnumSet<CommandFlag> allFlags = EnumSet.copyOf(from.flags);
    if (range.isMovable()) {
      allFlags.add(CommandFlag.MOVABLEKEYS);
    }
    flags = Collections.unmodifiableSet(allFlags);
    int bits = 0;
    for (CommandFlag flag : allFlags) {
      bits |= flag.bit();
    }
    flagBits = bits;
    EnumSet<AclCategory> allCategories = categories(from, group);
    categories = Collections.unmodifiableSet(allCategories);
    bits = 0;
    for (AclCategory category : allCategories) {
      bits |= category.bit();
    }
    categoryBits = bits;
    args = from.args;
    replies = from.replies;
    tips = from.tips;
    history = List.copyOf(from.history);
    EnumSet<DocFlag> allDocFlags = EnumSet.copyOf(from.docFlags);
    deprecatedSince = from.deprecatedSince;
    replacedBy = from.replacedBy;
    if (deprecatedSince != null) {
      allDocFlags.add(DocFlag.DEPRECATED);
    }
    docFlags = Collections.unmodifiableSet(allDocFlags);
    subcommands = from.subcommands;
    check();
  }

  private void check() {
    if (arity == 0) {
      throw new IllegalStateException(
          name + ": arity: 0 (expected: arguments with the name, or -minimum)");
    }
    for (Declaration subcommand : subcommands) {
      if (!name.equals(subcommand.container)) {
        throw new IllegalStateException(subcommand.name + " is not a subcommand of " + name);
      }
    }
  }

  private static <T> T required(String name, String what, @Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(name + ": " + what + " is missing");
    }
    return value;
  }

  /// The declared categories, or else the group's, and those that follow from the flags.
  private static EnumSet<AclCategory> categories(Builder from, Group group) {
    EnumSet<AclCategory> all = EnumSet.noneOf(AclCategory.class);
    AclCategory implied = group.category();
    if (from.categories != null) {
      all.addAll(from.categories);
    } else if (implied != null && from.subcommands.isEmpty()) {
      all.add(implied);
    }
    Set<CommandFlag> flags = from.flags;
    if (flags.contains(CommandFlag.WRITE)) {
      all.add(AclCategory.WRITE);
    }
    // Scripts are not "reads", although EVAL_RO and its like are read-only.
    if (flags.contains(CommandFlag.READONLY) && !all.contains(AclCategory.SCRIPTING)) {
      all.add(AclCategory.READ);
    }
    if (flags.contains(CommandFlag.ADMIN)) {
      all.add(AclCategory.ADMIN);
      all.add(AclCategory.DANGEROUS);
    }
    if (flags.contains(CommandFlag.PUBSUB)) {
      all.add(AclCategory.PUBSUB);
    }
    if (flags.contains(CommandFlag.BLOCKING)) {
      all.add(AclCategory.BLOCKING);
    }
    all.add(flags.contains(CommandFlag.FAST) ? AclCategory.FAST : AclCategory.SLOW);
    return all;
  }

  /// Starts the declaration of a command, `GETDEL`, or of a subcommand, `CONFIG|GET`.
  public static Builder declare(String name) {
    return new Builder(name);
  }

  /// The full name in lower case: `getdel`, `config|get`.
  public String name() {
    return name;
  }

  /// The name without the container: `get` of `config|get`.
  public String ownName() {
    return container == null ? name : name.substring(container.length() + 1);
  }

  /// The container's name, or null.
  public @Nullable String container() {
    return container;
  }

  public Group group() {
    return group;
  }

  public String since() {
    return since;
  }

  public String summary() {
    return summary;
  }

  public @Nullable String complexity() {
    return complexity;
  }

  /// The number of arguments with the name; negative: at least so many. For subcommands the
  /// container's name counts too.
  public int arity() {
    return arity;
  }

  /// Whether this many arguments, with the name, are right.
  public boolean accepts(int argc) {
    return arity > 0 ? argc == arity : argc >= -arity;
  }

  /// In printing order.
  public Set<CommandFlag> flags() {
    return flags;
  }

  public int flagBits() {
    return flagBits;
  }

  public boolean has(CommandFlag flag) {
    return (flagBits & flag.bit()) != 0;
  }

  /// The declared categories and those that follow from the flags, in printing order.
  public Set<AclCategory> categories() {
    return categories;
  }

  public int categoryBits() {
    return categoryBits;
  }

  public boolean isIn(AclCategory category) {
    return (categoryBits & category.bit()) != 0;
  }

  public List<KeySpec> keySpecs() {
    return keySpecs;
  }

  /// Whether the arguments may hold keys at all, and not only what looks like them.
  public boolean hasKeys() {
    if (keyFinder != null) {
      return true;
    }
    for (KeySearch search : keySearches()) {
      if (search.findsKeys()) {
        return true;
      }
    }
    return false;
  }

  KeySearch[] keySearches() {
    KeySearch[] made = keySearches;
    if (made == null) {
      made = new KeySearch[keySpecs.size()];
      for (int i = 0; i < made.length; i++) {
        made[i] = new KeySearch(keySpecs.get(i));
      }
      keySearches = made;
    }
    return made;
  }

  @Nullable KeyFinder keyFinder() {
    return keyFinder;
  }

  /// The first argument that is a key, as far as a plain range can say; 0 if there is none.
  public int firstKey() {
    return range.firstKey();
  }

  /// The last argument that is a key; negative: counted from the end.
  public int lastKey() {
    return range.lastKey();
  }

  public int keyStep() {
    return range.keyStep();
  }

  public List<Arg> args() {
    return args;
  }

  public List<ReplyShape> replies() {
    return replies;
  }

  public List<Tip> tips() {
    return tips;
  }

  public List<Change> history() {
    return history;
  }

  public Set<DocFlag> docFlags() {
    return docFlags;
  }

  public @Nullable String deprecatedSince() {
    return deprecatedSince;
  }

  public @Nullable String replacedBy() {
    return replacedBy;
  }

  public List<Declaration> subcommands() {
    return subcommands;
  }

  public boolean isContainer() {
    return !subcommands.isEmpty();
  }

  @Override
  public String toString() {
    return name;
  }

  /// Collects what is declared. What is not said is empty; group, since, summary and arity must be.
  public static final class Builder {
    private final String name;
    private @Nullable Group group;
    private @Nullable String since;
    private @Nullable String summary;
    private @Nullable String complexity;
    private int arity;
    private final EnumSet<CommandFlag> flags = EnumSet.noneOf(CommandFlag.class);
    private @Nullable Set<AclCategory> categories;
    private List<KeySpec> keySpecs = List.of();
    private @Nullable KeyFinder keyFinder;
    private List<Arg> args = List.of();
    private List<ReplyShape> replies = List.of();
    private List<Tip> tips = List.of();
    private final List<Change> history = new ArrayList<>();
    private final EnumSet<DocFlag> docFlags = EnumSet.noneOf(DocFlag.class);
    private @Nullable String deprecatedSince;
    private @Nullable String replacedBy;
    private List<Declaration> subcommands = List.of();

    private Builder(String name) {
      this.name = name.toLowerCase(Locale.ROOT);
    }

    public Builder group(Group value) {
      group = value;
      return this;
    }

    /// The Redis version that brought the command.
    public Builder since(String version) {
      since = version;
      return this;
    }

    public Builder summary(String sentence) {
      summary = sentence;
      return this;
    }

    public Builder complexity(String bound) {
      complexity = bound;
      return this;
    }

    /// The number of arguments with the name; negative: at least so many.
    public Builder arity(int argc) {
      arity = argc;
      return this;
    }

    public Builder flags(CommandFlag first, CommandFlag... more) {
      flags.addAll(EnumSet.of(first, more));
      return this;
    }

    /// The ACL categories, if they are not just the group's. Those that follow from flags come by
    /// themselves.
    public Builder categories(AclCategory first, AclCategory... more) {
      categories = EnumSet.of(first, more);
      return this;
    }

    public Builder keys(KeySpec... specs) {
      keySpecs = List.of(specs);
      return this;
    }

    /// For commands whose key specs cannot say everything.
    public Builder keysFoundBy(KeyFinder finder) {
      keyFinder = finder;
      return this;
    }

    public Builder args(Arg... list) {
      args = List.of(list);
      return this;
    }

    public Builder replies(ReplyShape... shapes) {
      replies = List.of(shapes);
      return this;
    }

    public Builder tips(Tip... list) {
      tips = List.of(list);
      return this;
    }

    /// Says that this version changed the command.
    public Builder history(String version, String what) {
      history.add(new Change(version, what));
      return this;
    }

    public Builder docFlags(DocFlag first, DocFlag... more) {
      docFlags.addAll(EnumSet.of(first, more));
      return this;
    }

    /// Since when it is deprecated and what, in Redis's words, replaces it.
    public Builder deprecated(String version, String replacement) {
      deprecatedSince = version;
      replacedBy = replacement;
      return this;
    }

    public Builder subcommands(List<Declaration> children) {
      subcommands = List.copyOf(children);
      return this;
    }

    /// For [#subcommands]: the name that was declared, in lower case.
    public String name() {
      return name;
    }

    public Declaration build() {
      return new Declaration(this);
    }
  }
}
