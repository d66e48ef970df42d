package carnelian.base.config;

import carnelian.base.Invariant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One row of the table: the handle by which a value is read, and all that is known of it.
///
/// Immutable; each step of the builder copies.
public final class Directive<T> {
  private final String name;
  private final DirectiveType<T> type;
  private final T defaultValue;
  private final @Nullable String alias;
  private final Set<Trait> traits;
  private final String doc;
  private final Support support;

  /// What CONFIG must mind.
  enum Trait {
    /// Only the file and the command line set it.
    IMMUTABLE,
    /// CONFIG GET shows it only by its full name.
    HIDDEN,
    /// Never shown in logs, SLOWLOG and MONITOR.
    SECRET,
    /// CONFIG SET needs `enable-protected-configs`.
    PROTECTED,
    /// Not while a dataset is loading.
    NOT_WHILE_LOADING,
    /// To set it to the value it has still applies it: the file it names may have changed.
    REAPPLIED,
    /// Not a setting but a statement: unknown to CONFIG.
    FILE_ONLY
  }

  /// Whether a directive has an effect yet. One that has none is accepted and kept.
  public sealed interface Support {
    /// It does what it says.
    record Works() implements Support {}

    /// Its subsystem is still to come.
    record Awaits(String subsystem) implements Support {}

    /// There is nothing for it to do here.
    record Moot(String reason) implements Support {}
  }

  private Directive(
      String name,
      DirectiveType<T> type,
      T defaultValue,
      @Nullable String alias,
      Set<Trait> traits,
      String doc,
      Support support) {
    this.name = name;
    this.type = type;
    this.defaultValue = defaultValue;
    this.alias = alias;
    this.traits = traits;
    this.doc = doc;
    this.support = support;
  }

  static <T> Directive<T> of(String name, DirectiveType<T> type, T defaultValue) {
    return new Directive<>(
        name, type, defaultValue, null, EnumSet.noneOf(Trait.class), "", new Support.Works());
  }

  // ---- Steps of the builder -------------------------------------------------

  /// Another, older name.
  Directive<T> alias(String other) {
    return new Directive<>(name, type, defaultValue, other, traits, doc, support);
  }

  Directive<T> doc(String text) {
    return new Directive<>(name, type, defaultValue, alias, traits, text, support);
  }

  Directive<T> awaits(String subsystem) {
    return supported(new Support.Awaits(subsystem));
  }

  Directive<T> moot(String reason) {
    return supported(new Support.Moot(reason));
  }

  Directive<T> immutable() {
    return with(Trait.IMMUTABLE);
  }

  Directive<T> hidden() {
    return with(Trait.HIDDEN);
  }

  Directive<T> secret() {
    return with(Trait.SECRET);
  }

  Directive<T> guarded() {
    return with(Trait.PROTECTED);
  }

  Directive<T> notWhileLoading() {
    return with(Trait.NOT_WHILE_LOADING);
  }

  Directive<T> reapplied() {
    return with(Trait.REAPPLIED);
  }

  Directive<T> fileOnly() {
    return with(Trait.FILE_ONLY);
  }

  /// The range of a number.
  Directive<T> between(long least, long most) {
    return of(number().between(least, most));
  }

  /// Accepts a value outside a range, and takes the nearest inside.
  Directive<T> cappedTo(long least, long most) {
    return of(number().taken(least, most));
  }

  private NumberType<?> number() {
    if (type instanceof NumberType<?> number) {
      return number;
    }
    throw Invariant.broken(name + ": no number");
  }

  @SuppressWarnings("unchecked") // A number type stays the number type it was.
  private Directive<T> of(NumberType<?> ranged) {
    DirectiveType<T> same = (DirectiveType<T>) ranged;
    return new Directive<>(name, same, defaultValue, alias, traits, doc, support);
  }

  private Directive<T> supported(Support by) {
    return new Directive<>(name, type, defaultValue, alias, traits, doc, by);
  }

  private Directive<T> with(Trait trait) {
    Set<Trait> more = EnumSet.copyOf(traits.isEmpty() ? EnumSet.noneOf(Trait.class) : traits);
    more.add(trait);
    return new Directive<>(name, type, defaultValue, alias, more, doc, support);
  }

  // ---- What is known --------------------------------------------------------

  /// Its name, in lower case.
  public String name() {
    return name;
  }

  /// Its older name, if it has one.
  public @Nullable String alias() {
    return alias;
  }

  /// The value without a configuration.
  public T defaultValue() {
    return defaultValue;
  }

  /// What it is for, in a sentence or two.
  public String doc() {
    return doc;
  }

  /// What may be written, in words.
  public String values() {
    return type.describe();
  }

  /// Whether it has an effect.
  public Support support() {
    return support;
  }

  /// Whether only the file and the command line set it.
  public boolean isImmutable() {
    return traits.contains(Trait.IMMUTABLE) || isFileOnly();
  }

  /// Whether CONFIG GET shows it only by its full name.
  public boolean isHidden() {
    return traits.contains(Trait.HIDDEN);
  }

  /// Whether its value must not be shown.
  public boolean isSecret() {
    return traits.contains(Trait.SECRET);
  }

  /// Whether it is a statement of files, unknown to CONFIG.
  public boolean isFileOnly() {
    return traits.contains(Trait.FILE_ONLY);
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  boolean takesWords() {
    return type.takesWords() || isFileOnly();
  }

  T parse(List<String> words, T current) throws InvalidValueException {
    return type.parse(words, current);
  }

  T parseLine(List<String> words, T current, boolean first) throws InvalidValueException {
    return type.parseLine(words, current, first);
  }

  String format(T value) {
    return type.format(value);
  }

  /// The lines of a file that say this value, names included.
  List<String> lines(T value) {
    return type.lines(value).stream().map(line -> name + " " + line).toList();
  }

  boolean mustWrite(T value) {
    return type.mustWrite(value, defaultValue);
  }

  @Override
  public String toString() {
    return name;
  }
}
