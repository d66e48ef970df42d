package carnelian.base.config;

/// A value that its directive does not accept. The message is the reason in Redis's words, which
/// CONFIG SET and the configuration file each wrap in their own sentence.
public final class InvalidValueException extends Exception {
  private static final long serialVersionUID = 1L;

  /// `reason` may be shown to a client.
  public InvalidValueException(String reason) {
    super(reason, null, false, false);
  }

  /// The reason.
  public String reason() {
    return String.valueOf(getMessage());
  }
}
