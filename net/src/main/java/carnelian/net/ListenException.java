package carnelian.net;

/// No listening socket could be made. The message is for the log, in Redis's words: it begins with
/// `Failed listening on port`.
public final class ListenException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String detail;

  ListenException(String message, String detail, Throwable cause) {
    super(message, cause);
    this.detail = detail;
  }

  /// What failed for which address, for a line of its own.
  public String detail() {
    return detail;
  }
}
