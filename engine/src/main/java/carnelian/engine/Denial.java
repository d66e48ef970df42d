package carnelian.engine;

/// What a user's rules say against a call, and how a client hears of it.
public enum Denial {
  COMMAND(
      "no permission to execute the command or subcommand", "can't run this command or subcommand"),
  KEY(
      "no permission to touch the specified keys",
      "can't access at least one of the keys mentioned in the command arguments"),
  CHANNEL(
      "no permission to access one of the channels used as arguments",
      "can't publish to the channel mentioned in the command");

  private final String inTransaction;
  private final String inScript;

  Denial(String inTransaction, String inScript) {
    this.inTransaction = inTransaction;
    this.inScript = inScript;
  }

  /// The answer to the call itself.
  public ReplyError refusal(CommandEntry entry) {
    return switch (this) {
      case COMMAND ->
          ReplyError.of(
              "NOPERM this user has no permissions to run the '" + entry.name() + "' command");
      case KEY ->
          ReplyError.of(
              "NOPERM this user has no permissions to access one of the keys used as arguments");
      case CHANNEL ->
          ReplyError.of(
              "NOPERM this user has no permissions to access one of the channels used as"
                  + " arguments");
    };
  }

  /// The answer to a queued command that its user may no longer run.
  public ReplyError refusalOfQueued() {
    return ReplyError.of(
        "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC"
            + " call. This command is no longer allowed for the following reason: "
            + inTransaction);
  }

  /// The error that a script gets.
  public ReplyError refusalInScript() {
    return ReplyError.err("The user executing the script " + inScript);
  }
}
