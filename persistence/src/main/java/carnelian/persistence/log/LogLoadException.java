package carnelian.persistence.log;

import java.io.IOException;

/// A log that cannot be loaded; the reason has been logged in Redis's words.
public final class LogLoadException extends IOException {
  private static final long serialVersionUID = 1L;

  LogLoadException(String message) {
    super(message);
  }

  LogLoadException(String message, IOException cause) {
    super(message, cause);
  }
}
