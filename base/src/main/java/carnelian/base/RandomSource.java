package carnelian.base;

/// The only source of randomness, so that a run can be repeated from its seed.
///
/// Not for secrets: where an attacker must not guess, ask [#secret(int)].
///
/// Thread: one; [#secret(int)] any.
public interface RandomSource {

  /// 64 uniformly distributed bits.
  long nextLong();

  /// Uniform in `[0, bound)`. `bound` is positive.
  default int nextInt(int bound) {
    Invariant.check(bound > 0, "bound must be positive: ", bound);
    // Lemire's multiplication: one multiply in the common case, exact by rejection in the rare one.
    long product = (nextLong() >>> 32) * bound;
    long low = product & 0xFFFF_FFFFL;
    if (low < bound) {
      long threshold = (0x1_0000_0000L - bound) % bound;
      while (low < threshold) {
        product = (nextLong() >>> 32) * bound;
        low = product & 0xFFFF_FFFFL;
      }
    }
    return (int) (product >>> 32);
  }

  /// Uniform in `[0, bound)`. `bound` is positive.
  default long nextLong(long bound) {
    Invariant.check(bound > 0, "bound must be positive: ", bound);
    long bits = nextLong() >>> 1;
    long value = bits % bound;
    while (bits - value + (bound - 1) < 0) { // The incomplete last round would favour low values.
      bits = nextLong() >>> 1;
      value = bits % bound;
    }
    return value;
  }

  /// Uniform in `[0, 1)`, with 53 random bits.
  default double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /// Repeats the same sequence for the same seed.
  static RandomSource seeded(long seed) {
    return new SplitMix(seed);
  }

  /// A source seeded by the machine's entropy. Each call gives a new one.
  static RandomSource system() {
    return new SplitMix(Entropy.nextLong());
  }

  /// Bytes that nobody can predict, for run IDs, hash seeds and session tokens.
  static byte[] secret(int bytes) {
    return Entropy.bytes(bytes);
  }
}
