package carnelian.persistence.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// What the files of the log are called, from `appendfilename`; docs/formats/log.md#names.
///
/// @param prefix `appendfilename`, in byte text
public record LogNames(String prefix) {
  static final String RDB = ".rdb";
  private static final String AOF = ".aof";
  private static final String BASE = ".base";
  private static final String INCR = ".incr";

  /// How a BASE holds its data.
  public enum BaseForm {
    /// `aof-use-rdb-preamble yes`.
    RDB,
    /// `aof-use-rdb-preamble no`.
    COMMANDS
  }

  /// The file that names all others.
  public String manifest() {
    return prefix + ".manifest";
  }

  /// The manifest in the making.
  public String temporaryManifest() {
    return "temp-" + prefix + ".manifest";
  }

  /// The snapshot that a log begins with.
  public LogFile base(long sequence, BaseForm form) {
    String end = form == BaseForm.RDB ? RDB : AOF;
    return new LogFile(prefix + "." + sequence + BASE + end, sequence, LogFile.Kind.BASE);
  }

  /// One of the files with commands.
  public LogFile incr(long sequence) {
    return new LogFile(prefix + "." + sequence + INCR + AOF, sequence, LogFile.Kind.INCR);
  }

  /// Where a name lies.
  public static Path in(Path directory, String name) {
    return directory.resolve(
        new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
  }
}
