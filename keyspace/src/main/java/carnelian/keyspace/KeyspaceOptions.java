package carnelian.keyspace;

import carnelian.base.RandomSource;
import java.nio.ByteBuffer;

/// What a [Keyspace] is made with.
///
/// @param databases how many there are
/// @param hashKey0 with `hashKey1`, the secret that keeps clients from choosing keys that collide
public record KeyspaceOptions(int databases, long hashKey0, long hashKey1) {
  public static final int DEFAULT_DATABASES = 16;

  private static final int KEY_BYTES = 16;

  public KeyspaceOptions {
    if (databases < 1) {
      throw new IllegalArgumentException("databases: " + databases + " (expected: 1 or more)");
    }
  }

  /// With a hash key that nobody can guess.
  public static KeyspaceOptions secret(int databases) {
    ByteBuffer key = ByteBuffer.wrap(RandomSource.secret(KEY_BYTES));
    return new KeyspaceOptions(databases, key.getLong(), key.getLong());
  }
}
