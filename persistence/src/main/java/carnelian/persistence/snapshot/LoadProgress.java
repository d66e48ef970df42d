package carnelian.persistence.snapshot;

/// How far the loading of a file is, for INFO. On the engine's thread.
public interface LoadProgress {
  /// `loading_start_time`.
  long startSeconds();

  /// `loading_total_bytes`.
  long totalBytes();

  /// `loading_loaded_bytes`.
  long loadedBytes();

  /// `loading_rdb_used_mem`: what the server that wrote the file used; 0 if it does not say.
  long writerUsedBytes();

  /// `loading_loaded_perc`.
  default double percent() {
    return totalBytes() == 0 ? 0 : 100.0 * loadedBytes() / totalBytes();
  }
}
