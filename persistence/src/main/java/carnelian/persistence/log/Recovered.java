package carnelian.persistence.log;

import java.util.zip.CRC32C;

/// What was found on disk and has been loaded.
///
/// @param manifest the files; empty if there was no log
/// @param position behind the last command
/// @param checksum of what stands behind the last mark of the last increment
/// @param provenBytes up to here that increment was on disk for sure; -1 if nothing tells
public record Recovered(Manifest manifest, Position position, CRC32C checksum, long provenBytes) {
  /// There was no log; the keyspace holds what came before this position.
  public Recovered(Position position) {
    this(Manifest.EMPTY, position, new CRC32C(), -1);
  }
}
