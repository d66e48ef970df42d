package carnelian.keyspace;

/// Class of a keyspace notification, with its letter in `notify-keyspace-events`.
public enum EventClass {
  GENERIC('g'),
  STRING('$'),
  LIST('l'),
  SET('s'),
  HASH('h'),
  ZSET('z'),
  EXPIRED('x'),
  EVICTED('e'),
  STREAM('t'),
  MODULE('d'),
  /// Not part of `A`.
  KEY_MISS('m'),
  /// Not part of `A`.
  NEW('n');

  private final char letter;

  EventClass(char letter) {
    this.letter = letter;
  }

  public char letter() {
    return letter;
  }

  /// Whether the letter `A` stands for this class too.
  public boolean inAll() {
    return this != KEY_MISS && this != NEW;
  }

  /// A bit of its own, to test against a mask of the classes that somebody wants.
  public int bit() {
    return 1 << ordinal();
  }
}
