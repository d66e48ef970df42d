package carnelian.keyspace;

import carnelian.base.RandomSource;

/// The 24 bits of an entry that say how it was used, in Redis's two forms.
///
/// | policy | bits 8-23                          | bits 0-7                     |
/// |--------|------------------------------------|------------------------------|
/// | LFU    | minute of the last decay, mod 2^16 | logarithmic access counter   |
/// | others | second of the last access, mod 2^24, over all 24 bits               |
///
/// An entry keeps its bits when the policy changes, as in Redis: they are then misread until the
/// key is used again.
final class AccessClock {
  /// Counter of a new key: it has a chance before it is compared.
  private static final int LFU_INITIAL = 5;

  private static final int LFU_MAXIMUM = 255;
  private static final int BITS = 0xFF_FFFF;
  private static final int MINUTES = 0xFFFF;

  private final RandomSource random;
  private boolean lfu;
  private int logFactor = EvictionSettings.DEFAULT.lfuLogFactor();
  private int decayMinutes = EvictionSettings.DEFAULT.lfuDecayMinutes();
  private int seconds;
  private int minutes;

  AccessClock(RandomSource random) {
    this.random = random;
  }

  void configure(EvictionSettings settings) {
    lfu = settings.policy().isLfu();
    logFactor = settings.lfuLogFactor();
    decayMinutes = settings.lfuDecayMinutes();
  }

  void advance(long nowMillis) {
    long nowSeconds = nowMillis / 1000;
    seconds = (int) nowSeconds & BITS;
    minutes = (int) (nowSeconds / 60) & MINUTES;
  }

  /// A clock that stands still, to be read by another thread.
  AccessClock copy() {
    AccessClock copy = new AccessClock(random);
    copy.lfu = lfu;
    copy.logFactor = logFactor;
    copy.decayMinutes = decayMinutes;
    copy.seconds = seconds;
    copy.minutes = minutes;
    return copy;
  }

  boolean isLfu() {
    return lfu;
  }

  /// Bits of a key that comes into being now.
  int initial() {
    return lfu ? minutes << 8 | LFU_INITIAL : seconds;
  }

  /// Bits of a key that had `bits` and is used now.
  int accessed(int bits) {
    return lfu ? minutes << 8 | incremented(frequency(bits)) : seconds;
  }

  /// What `OBJECT FREQ` replies: the counter after its decay.
  int frequency(int bits) {
    int counter = bits & 0xFF;
    if (decayMinutes == 0) {
      return counter;
    }
    int elapsed = (minutes - (bits >>> 8)) & MINUTES;
    return Math.max(0, counter - elapsed / decayMinutes);
  }

  /// What `OBJECT IDLETIME` replies.
  long idleSeconds(int bits) {
    return ((long) seconds - bits) & BITS;
  }

  /// The larger, the sooner the key goes.
  long idleness(int bits) {
    return lfu ? LFU_MAXIMUM - frequency(bits) : idleSeconds(bits);
  }

  /// Bits of a key that was last used so long ago (`RESTORE … IDLETIME`, RDB).
  int ofIdleSeconds(long idleSeconds) {
    return lfu ? initial() : (int) (seconds - idleSeconds) & BITS;
  }

  /// Bits of a key with this counter (`RESTORE … FREQ`, RDB).
  int ofFrequency(int frequency) {
    return lfu ? minutes << 8 | frequency & 0xFF : initial();
  }

  /// One access raises the counter with a probability that falls with its height, so that eight
  /// bits tell a million accesses from a hundred.
  private int incremented(int counter) {
    if (counter == LFU_MAXIMUM) {
      return counter;
    }
    double base = Math.max(0, counter - LFU_INITIAL);
    return random.nextDouble() * (base * logFactor + 1) < 1 ? counter + 1 : counter;
  }
}
