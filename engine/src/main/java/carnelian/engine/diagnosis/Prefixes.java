package carnelian.engine.diagnosis;

import carnelian.memory.Slice;

/// What the beginning of a key says of its kind: `session:` of `session:7f3a`, `app:user:` of
/// `app:user:1234:cart`, `key_` of `key_0001`.
final class Prefixes {
  /// Further on, nothing is looked for.
  private static final int LOOKED_AT = 64;

  private static final int MOST_PARTS = 4;

  private Prefixes() {}

  /// Bytes of the key's prefix; 0 if it has none. Whole parts that end with one of `:/|.#` and hold
  /// no digit; in a key without such a part, what stands before the first digit.
  static int length(Slice key) {
    int end = Math.min(key.length, LOOKED_AT);
    int prefix = 0;
    int parts = 0;
    for (int i = 0; i < end && parts < MOST_PARTS; i++) {
      byte b = key.byteAt(i);
      if (b >= '0' && b <= '9') {
        return prefix > 0 ? prefix : i;
      }
      if (b == ':' || b == '/' || b == '|' || b == '.' || b == '#') {
        prefix = i + 1;
        parts++;
      }
    }
    return prefix;
  }
}
