package carnelian.persistence.restore;

import carnelian.persistence.log.LogFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The part of `verify` that needs no engine: the checksums of a backup, and every mark of its log.
public final class BackupCheck {
  private BackupCheck() {}

  /// What was found.
  ///
  /// @param files the log, which has still to be loaded
  /// @param checksums how many files have one; 0 for a directory that is no backup
  /// @param offset where its last segment ends
  /// @param wallMillis the last time that it tells, in Unix ms; 0 if none
  public record Result(LogFiles files, int checksums, long offset, long wallMillis) {}

  /// Reads the files of a directory.
  ///
  /// @throws RestoreException if one is not what was backed up, or not there
  public static Result check(Path given) throws IOException {
    LogFiles files = LogHome.find(new ReadOnlyDisk(), given);
    Path log = files.directory();
    Path parent = log.getParent();
    int checksums = 0;
    for (Path directory : parent == null ? List.of(log) : List.of(parent, log)) {
      if (Checksums.isIn(directory)) {
        Checksums sums = Checksums.read(directory);
        List<String> differences = sums.differences(directory);
        if (!differences.isEmpty()) {
          throw new RestoreException(String.join("\n", differences));
        }
        checksums += sums.paths().size();
      }
    }
    SegmentCut end = new History(files, LogHome.manifest(files)).verify();
    return new Result(files, checksums, end.offset(), end.wallMillis());
  }
}
