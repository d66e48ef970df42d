package carnelian.persistence.log;

/// One file that a manifest names.
///
/// @param name without a directory, in byte text
/// @param sequence ascending among the files of one kind, from 1
/// @param kind what it is
public record LogFile(String name, long sequence, Kind kind) {
  /// What a file of the log is.
  public enum Kind {
    /// A snapshot of all data, as RDB or as commands: the first to be loaded.
    BASE('b'),
    /// Replaced by a rewrite, and still to be put away.
    HISTORY('h'),
    /// Commands in the order in which they were executed.
    INCR('i');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /// How the manifest writes it.
    public char letter() {
      return letter;
    }
  }

  /// Whether it is an RDB file by its name. A base of another name may still begin with one.
  public boolean isRdb() {
    return name.endsWith(LogNames.RDB);
  }

  LogFile as(Kind other) {
    return new LogFile(name, sequence, other);
  }
}
