package carnelian.harness;

/// An error as it was replied, without the minus sign.
public record ErrorReply(String text) {
  /// The first word.
  public String code() {
    return text.split(" ", 2)[0];
  }

  @Override
  public String toString() {
    return "-" + text;
  }
}
