package carnelian.persistence.log;

import java.io.IOException;

/// A manifest that cannot be read. The reason is in Redis's words, which tools look for.
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String text;
  private final String reason;

  ManifestException(String path, int line, String text, String reason) {
    super(path + ":" + line + ": " + reason);
    this.line = line;
    this.text = text;
    this.reason = reason;
  }

  /// From 1; 0 if the file has none.
  public int line() {
    return line;
  }

  /// The line.
  public String text() {
    return text;
  }

  public String reason() {
    return reason;
  }
}
