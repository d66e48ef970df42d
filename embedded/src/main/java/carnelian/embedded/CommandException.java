package carnelian.embedded;

/// A command was refused or failed; the message is the error as Redis words it, its code first.
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CommandException(String error) {
    super(error);
  }

  /// The first word of the error, as `WRONGTYPE` or `ERR`.
  public String code() {
    String text = String.valueOf(getMessage());
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }
}
