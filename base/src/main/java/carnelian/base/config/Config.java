package carnelian.base.config;

import carnelian.base.GlobPattern;
import carnelian.base.Invariant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The values of all directives of one instance. It must not know what they are good for: owners
/// read them at start, subscribe to changes, and may refuse one.
///
/// Reading is a map access and boxes numbers: what a command needs is kept by its owner in a field.
///
/// Thread: reading any; changing only the engine's, once the server runs.
public final class Config {
  private final SequencedMap<String, Directive<?>> names = new LinkedHashMap<>();
  private final List<Hook> hooks = new ArrayList<>();
  private volatile Map<Directive<?>, Object> values;
  private final Map<Directive<?>, Supplier<List<String>>> statements = new LinkedHashMap<>();
  private @Nullable Path file;

  /// Told of new values, on the thread that changes them.
  public interface Applied {
    /// Puts the new values to use.
    ///
    /// @throws InvalidValueException if that is impossible; the old values come back, and this is
    ///   called again with them
    void apply() throws InvalidValueException;
  }

  /// Told of a new value, on the thread that changes it.
  public interface AppliedValue<T> {
    /// Puts the new value to use.
    ///
    /// @throws InvalidValueException if that is impossible; the old value comes back, and this is
    ///   called again with it
    void apply(T value) throws InvalidValueException;
  }

  /// What the client that says CONFIG SET may do now.
  public record Caller(boolean maySetProtected, boolean loading) {
    /// No limits: the server itself.
    public static final Caller SERVER = new Caller(true, false);
  }

  /// A directive with its new text.
  public record Pair(String name, String value) {}

  private record Hook(Set<Directive<?>> directives, Applied applied) {}

  private record Change(Directive<?> directive, String nameUsed, String text) {}

  /// Starts with the defaults.
  ///
  /// @param workingDirectory an existing directory; what relative paths start from until `dir` is
  ///   set
  public Config(Path workingDirectory) {
    Map<Directive<?>, Object> initial = new LinkedHashMap<>();
    for (Directive<?> directive : Directives.all()) {
      names.put(directive.name(), directive);
      if (directive.alias() != null) {
        names.put(directive.alias(), directive);
      }
      initial.put(directive, directive.defaultValue());
    }
    initial.put(Directives.DIR, workingDirectory.toAbsolutePath().normalize());
    values = initial;
  }

  // ---- Reading --------------------------------------------------------------

  /// The value.
  public <T> T get(Directive<T> directive) {
    return get(values, directive);
  }

  @SuppressWarnings("unchecked") // put(...) is the only way in, and keeps the types together.
  private static <T> T get(Map<Directive<?>, Object> values, Directive<T> directive) {
    Object value = values.get(directive);
    if (value == null) {
      throw Invariant.broken("no such directive: " + directive);
    }
    return (T) value;
  }

  /// The value as CONFIG GET shows it.
  public String text(Directive<?> directive) {
    return format(values, directive);
  }

  private static <T> String format(Map<Directive<?>, Object> values, Directive<T> directive) {
    return directive.format(get(values, directive));
  }

  /// The file that a directive names, relative to `dir`; null if it names none.
  public @Nullable Path path(Directive<String> directive) {
    String text = get(directive);
    return text.isEmpty() ? null : resolve(text);
  }

  /// A path relative to `dir`.
  public Path resolve(String relative) {
    return get(Directives.DIR).resolve(path(relative)).normalize();
  }

  /// A path from byte text.
  static Path path(String text) {
    return Path.of(new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
  }

  /// Byte text from a path.
  static String text(Path path) {
    return new String(
        path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /// The directive of this name or alias, in any case; null if there is none or CONFIG does not
  /// know it.
  public @Nullable Directive<?> find(String name) {
    Directive<?> directive = names.get(name.toLowerCase(Locale.ROOT));
    return directive == null || directive.isFileOnly() ? null : directive;
  }

  /// Like [#find(String)], with the statements that only files have.
  @Nullable Directive<?> findInFile(String name) {
    return names.get(name.toLowerCase(Locale.ROOT));
  }

  /// Whether the value of this name must be hidden from logs.
  public boolean isSecret(String name) {
    Directive<?> directive = find(name);
    return directive != null && directive.isSecret();
  }

  /// What CONFIG GET replies: names, as asked for or as they match, with their values.
  public SequencedMap<String, String> match(List<String> patterns) {
    SequencedMap<String, String> found = new LinkedHashMap<>();
    for (String pattern : patterns) {
      if (pattern.chars().noneMatch(c -> c == '*' || c == '?' || c == '[')) {
        Directive<?> directive = find(pattern);
        if (directive != null && !containsIgnoringCase(found, pattern)) {
          found.put(pattern, text(directive));
        }
        continue;
      }
      GlobPattern glob = GlobPattern.ignoringCase(pattern.getBytes(StandardCharsets.ISO_8859_1));
      for (Map.Entry<String, Directive<?>> entry : names.entrySet()) {
        Directive<?> directive = entry.getValue();
        boolean shown = !directive.isHidden() && !directive.isFileOnly();
        if (shown && glob.matches(entry.getKey()) && !containsIgnoringCase(found, entry.getKey())) {
          found.put(entry.getKey(), text(directive));
        }
      }
    }
    return found;
  }

  private static boolean containsIgnoringCase(Map<String, String> found, String name) {
    return found.containsKey(name) || found.keySet().stream().anyMatch(name::equalsIgnoreCase);
  }

  // ---- Changing -------------------------------------------------------------

  /// Subscribes to one directive. It is not called for the value of now.
  public <T> void onChange(Directive<T> directive, AppliedValue<T> applied) {
    onChange(Set.of(directive), () -> applied.apply(get(directive)));
  }

  /// Subscribes to several directives that take effect together: called once for all that change at
  /// once.
  public void onChange(Set<Directive<?>> directives, Applied applied) {
    hooks.add(new Hook(Set.copyOf(directives), applied));
  }

  /// Sets many directives, or none.
  ///
  /// @throws ConfigRefusedException with the reply to the client; nothing has changed
  public void set(List<Pair> pairs, Caller caller) throws ConfigRefusedException {
    List<Change> changes = checked(pairs, caller);
    Map<Directive<?>, Object> before = values;
    Map<Directive<?>, Object> after = new LinkedHashMap<>(before);
    List<Change> real = new ArrayList<>();
    for (Change change : changes) {
      try {
        if (parse(after, change.directive(), change.text())) {
          real.add(change);
        }
      } catch (InvalidValueException e) {
        throw ConfigRefusedException.failed(change.nameUsed(), e.reason());
      }
    }
    values = after;
    apply(real, before);
  }

  /// Sets one directive on the server's own account.
  public void set(Directive<?> directive, String value) throws ConfigRefusedException {
    set(List.of(new Pair(directive.name(), value)), Caller.SERVER);
  }

  /// REPLICAOF has been executed: what CONFIG SET may not change.
  public void replicaOf(ReplicaOf primary) {
    Map<Directive<?>, Object> after = new LinkedHashMap<>(values);
    put(after, Directives.REPLICAOF, primary);
    values = after;
  }

  private List<Change> checked(List<Pair> pairs, Caller caller) throws ConfigRefusedException {
    List<Change> changes = new ArrayList<>();
    for (Pair pair : pairs) {
      Directive<?> directive = find(pair.name());
      if (directive == null) {
        throw ConfigRefusedException.unknown(pair.name());
      }
      if (directive.isImmutable()) {
        throw ConfigRefusedException.failed(pair.name(), "can't set immutable config");
      }
      if (directive.has(Directive.Trait.PROTECTED) && !caller.maySetProtected()) {
        throw ConfigRefusedException.failed(pair.name(), "can't set protected config");
      }
      if (directive.has(Directive.Trait.NOT_WHILE_LOADING) && caller.loading()) {
        throw ConfigRefusedException.loading();
      }
      String lower = pair.name().toLowerCase(Locale.ROOT);
      for (Change change : changes) {
        if (change.nameUsed().equals(lower)) {
          throw ConfigRefusedException.failed(pair.name(), "duplicate parameter");
        }
      }
      changes.add(new Change(directive, lower, pair.value()));
    }
    return changes;
  }

  /// Whether the value is another one, or must be applied all the same.
  private static <T> boolean parse(
      Map<Directive<?>, Object> values, Directive<T> directive, String text)
      throws InvalidValueException {
    T current = get(values, directive);
    List<String> words = directive.takesWords() ? List.of(text.split(" ", -1)) : List.of(text);
    T value = directive.parse(words, current);
    put(values, directive, value);
    return !value.equals(current) || directive.has(Directive.Trait.REAPPLIED);
  }

  private static <T> void put(Map<Directive<?>, Object> values, Directive<T> directive, T value) {
    values.put(directive, value);
  }

  private void apply(List<Change> changes, Map<Directive<?>, Object> before)
      throws ConfigRefusedException {
    List<Hook> done = new ArrayList<>();
    for (Change change : changes) {
      for (Hook hook : hooks) {
        if (!hook.directives().contains(change.directive()) || done.contains(hook)) {
          continue;
        }
        done.add(hook);
        try {
          hook.applied().apply();
        } catch (InvalidValueException e) {
          values = before;
          reapply(done);
          throw ConfigRefusedException.failed(change.nameUsed(), e.reason());
        }
      }
    }
  }

  /// Gives the old values back to those who have seen the new ones.
  private static void reapply(List<Hook> done) {
    for (Hook hook : done) {
      try {
        hook.applied().apply();
      } catch (InvalidValueException e) {
        throw Invariant.broken("a configuration that held is refused now: " + e.reason());
      }
    }
  }

  // ---- The file -------------------------------------------------------------

  /// The file that was read at start, which REWRITE writes; null if there is none.
  public @Nullable Path file() {
    return file;
  }

  void file(Path path) {
    file = path;
  }

  /// Takes a line of a file. Nobody is told: this is before the start.
  <T> void load(Directive<T> directive, List<String> words, boolean first)
      throws InvalidValueException {
    put(values, directive, directive.parseLine(words, get(directive), first));
  }

  /// What a statement that only files have is rewritten as: its owner knows all lines of it.
  public void rewriteStatements(
      Directive<List<List<String>>> statement, Supplier<List<String>> lines) {
    statements.put(statement, lines);
  }

  Map<Directive<?>, Supplier<List<String>>> statements() {
    return statements;
  }

  /// Writes the values back to the file, comments and order kept; all of it or nothing.
  ///
  /// Blocks on fsync.
  ///
  /// @throws IOException if the file could not be replaced; it is as it was
  public void rewrite() throws IOException {
    rewrite(ConfigRewrite.Defaults.OMIT);
  }

  /// As [#rewrite], with a line for every directive, those at their defaults included.
  public void rewriteWithDefaults() throws IOException {
    rewrite(ConfigRewrite.Defaults.WRITE);
  }

  private void rewrite(ConfigRewrite.Defaults defaults) throws IOException {
    Path path = file;
    Invariant.check(path != null, "rewrite without a file");
    if (path != null) {
      ConfigRewrite.rewrite(this, path, defaults);
    }
  }
}
