package carnelian.server;

import carnelian.base.RandomSource;
import java.util.HexFormat;

/// The ID of this store's history, by which replicas know whose changes they have.
final class ReplicationIdentity {
  static final String NONE = "0".repeat(40);

  private final RandomSource random;
  private String id;

  ReplicationIdentity(RandomSource random) {
    this.random = random;
    id = newId(random);
  }

  /// `master_replid`.
  String id() {
    return id;
  }

  /// Begins another history: `DEBUG CHANGE-REPL-ID`.
  void change() {
    id = newId(random);
  }

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
