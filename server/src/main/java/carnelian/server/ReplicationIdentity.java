package carnelian.server;

import carnelian.base.RandomSource;
import java.util.HexFormat;

/// IDs of runs and histories.
final class ReplicationIdentity {
  static final String NONE = "0".repeat(40);

  private ReplicationIdentity() {}

  /// Forty hexadecimal digits that nobody else has.
  static String newId(RandomSource random) {
    HexFormat hex = HexFormat.of();
    String digits =
        hex.toHexDigits(random.nextLong())
            + hex.toHexDigits(random.nextLong())
            + hex.toHexDigits(random.nextLong());
    return digits.substring(0, NONE.length());
  }
}
