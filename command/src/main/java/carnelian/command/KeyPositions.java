package carnelian.command;

import java.util.Arrays;

/// The keys among the arguments of one call: where they stand and what the command does with them.
///
/// One object is reused for many calls and allocates only to hold more keys than ever before.
///
/// ```java
/// for (int i = 0; i < keys.find(declaration, call); i++) … keys.position(i), keys.flags(i)
/// ```
public final class KeyPositions {
  private static final int INITIAL_KEYS = 16;

  private int[] positions = new int[INITIAL_KEYS];
  private int[] flags = new int[INITIAL_KEYS];
  private int count;

  public KeyPositions() {}

  /// Finds the keys of a call whose arity is right and replies with their number. None if the
  /// arguments make no sense.
  public int find(Declaration declaration, Arguments args) {
    return find(declaration, args, false);
  }

  /// Also finds what only looks like keys: the channels of SPUBLISH, which have a slot.
  public int findWithChannels(Declaration declaration, Arguments args) {
    return find(declaration, args, true);
  }

  private int find(Declaration declaration, Arguments args, boolean withChannels) {
    count = 0;
    KeyFinder finder = declaration.keyFinder();
    if (finder != null) {
      finder.find(args, this);
      return count;
    }
    for (KeySearch search : declaration.keySearches()) {
      if ((withChannels || search.findsKeys()) && !search.find(args, this)) {
        count = 0;
        return 0;
      }
    }
    return count;
  }

  void add(int position, int flagBits) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, count * 2);
      flags = Arrays.copyOf(flags, count * 2);
    }
    positions[count] = position;
    flags[count] = flagBits;
    count++;
  }

  public int count() {
    return count;
  }

  /// The index of an argument.
  public int position(int key) {
    return positions[key];
  }

  /// What is done with the key, as bits of [KeyFlag#bit].
  public int flags(int key) {
    return flags[key];
  }

  public boolean has(int key, KeyFlag flag) {
    return (flags[key] & flag.bit()) != 0;
  }
}
