package carnelian.command;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where some of a command's keys stand among its arguments and what is done with them: Redis's key
/// specification. Argument 0 is the command's name.
///
/// ```java
/// .keys(first(RW, ACCESS, DELETE))                    // the first argument
/// .keys(allFrom(1, RM, DELETE))                          // the first and all that follow
/// .keys(allFrom(1, RW).last(-2))                         // … but not the last argument
/// .keys(counted(1, RO, ACCESS))                       // numkeys is argument 1, keys follow it
/// .keys(keyword("STREAMS", 1, RO, ACCESS).limit(2))   // half of what follows STREAMS
/// ```
///
/// @param begin how the first key's place is found
/// @param find how many keys there are
/// @param notes for readers of COMMAND INFO
public record KeySpec(Begin begin, Find find, Set<KeyFlag> flags, @Nullable String notes) {

  /// How the place is found at which the keys begin.
  public sealed interface Begin {
    /// At this argument.
    record Index(int position) implements Begin {}

    /// After this word, searched from argument `startFrom`; negative means backwards from that
    /// argument counted from the end.
    record Keyword(String word, int startFrom) implements Begin {}

    /// Cannot be said.
    record Unknown() implements Begin {}
  }

  /// How the keys are found from where they begin.
  public sealed interface Find {
    /// Up to `last`, counted from the first key, or from the last argument if negative (-1 is the
    /// last); every `step`th. If `last` is -1 and `limit` above 1, only that part of the rest.
    record Range(int last, int step, int limit) implements Find {}

    /// The argument `numberIndex` after the beginning says how many; the first key stands
    /// `firstIndex` after the beginning.
    record Counted(int numberIndex, int firstIndex, int step) implements Find {}

    /// Cannot be said.
    record Unknown() implements Find {}
  }

  private static final Find ONE = new Find.Range(0, 1, 0);

  public KeySpec {
    flags = Set.copyOf(flags);
  }

  /// The first argument is a key.
  public static KeySpec first(KeyFlag flag, KeyFlag... more) {
    return at(1, flag, more);
  }

  /// The argument at this position is a key.
  public static KeySpec at(int position, KeyFlag flag, KeyFlag... more) {
    return new KeySpec(new Begin.Index(position), ONE, EnumSet.of(flag, more), null);
  }

  /// Every argument from this position on is a key.
  public static KeySpec allFrom(int position, KeyFlag flag, KeyFlag... more) {
    return at(position, flag, more).last(-1);
  }

  /// The argument at this position is the number of keys, which follow it.
  public static KeySpec counted(int position, KeyFlag flag, KeyFlag... more) {
    return at(position, flag, more).find(new Find.Counted(0, 1, 1));
  }

  /// The argument after this word is a key.
  public static KeySpec keyword(String word, int startFrom, KeyFlag flag, KeyFlag... more) {
    return new KeySpec(new Begin.Keyword(word, startFrom), ONE, EnumSet.of(flag, more), null);
  }

  /// There may be keys, but no spec can say where.
  public static KeySpec unknown(KeyFlag flag, KeyFlag... more) {
    return new KeySpec(new Begin.Unknown(), new Find.Unknown(), EnumSet.of(flag, more), null);
  }

  /// The same, up to this key: counted from the first, or from the end if negative.
  public KeySpec last(int last) {
    Find.Range range = range();
    return find(new Find.Range(last, range.step(), range.limit()));
  }

  /// The same, with only every `step`th argument a key.
  public KeySpec step(int step) {
    if (find instanceof Find.Counted(int numberIndex, int firstIndex, int _)) {
      return find(new Find.Counted(numberIndex, firstIndex, step));
    }
    Find.Range range = range();
    return find(new Find.Range(range.last(), step, range.limit()));
  }

  /// The same, with only one part in `limit` of what follows being keys.
  public KeySpec limit(int limit) {
    return find(new Find.Range(-1, range().step(), limit));
  }

  public KeySpec notes(String sentence) {
    return new KeySpec(begin, find, flags, sentence);
  }

  private KeySpec find(Find replacement) {
    return new KeySpec(begin, replacement, flags, notes);
  }

  private Find.Range range() {
    if (find instanceof Find.Range range) {
      return range;
    }
    throw new IllegalStateException("not a range of keys: " + find);
  }

  public boolean has(KeyFlag flag) {
    return flags.contains(flag);
  }

  /// The flags as bits, see [KeyFlag#bit].
  public int flagBits() {
    int bits = 0;
    for (KeyFlag flag : flags) {
      bits |= flag.bit();
    }
    return bits;
  }
}
