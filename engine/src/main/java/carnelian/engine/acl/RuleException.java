package carnelian.engine.acl;

/// A rule that cannot be applied. The message is the reason in Redis's words.
final class RuleException extends Exception {
  private static final long serialVersionUID = 1L;

  /// What is wrong with a rule.
  enum Reason {
    SYNTAX("Syntax error"),
    UNKNOWN_COMMAND("Unknown command or category name in ACL"),
    PATTERN_AFTER_ALL_KEYS(
        "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not"
            + " have any effect. Try 'resetkeys' to start with an empty list of patterns"),
    PATTERN_AFTER_ALL_CHANNELS(
        "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not"
            + " have any effect. Try 'resetchannels' to start with an empty list of channels"),
    NO_SUCH_PASSWORD("The password you are trying to remove from the user does not exist"),
    BAD_HASH(
        "The password hash must be exactly 64 characters and contain only lowercase hexadecimal"
            + " characters"),
    ARGUMENT_OF_SUBCOMMAND("Allowing first-arg of a subcommand is not supported");

    private final String text;

    Reason(String text) {
      this.text = text;
    }
  }

  private final Reason reason;

  RuleException(Reason reason) {
    super(reason.text, null, false, false);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
