package carnelian.persistence.restore;

import java.io.IOException;

/// What was asked for cannot be done; the message tells an operator why, and what can be.
public final class RestoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public RestoreException(String message) {
    super(message);
  }

  public RestoreException(String message, IOException cause) {
    super(message, cause);
  }
}
