package carnelian.command;

import java.util.Locale;

/// The `doc_flags` of COMMAND DOCS.
public enum DocFlag {
  DEPRECATED,
  /// For the system itself, not for users.
  SYSCMD;

  private final String word = name().toLowerCase(Locale.ROOT);

  /// As COMMAND DOCS prints it.
  public String word() {
    return word;
  }
}
