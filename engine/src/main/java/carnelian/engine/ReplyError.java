package carnelian.engine;

import carnelian.memory.Slice;
import java.util.Locale;

/// An error that is a command's answer: the client's fault, or the state the server is in.
///
/// Thrown without a stack trace by handlers and by what they call, caught in exactly one place, the
/// dispatcher, which takes back what the command had written of its reply, writes the error
/// instead, and counts it under its code. The constants are the closed set of Redis's fixed texts;
/// the methods make those that carry a name or a number.
public final class ReplyError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public static final ReplyError SYNTAX = new ReplyError("ERR syntax error");
  public static final ReplyError WRONG_TYPE =
      new ReplyError("WRONGTYPE Operation against a key holding the wrong kind of value");
  public static final ReplyError NOT_AN_INTEGER =
      new ReplyError("ERR value is not an integer or out of range");
  public static final ReplyError NOT_A_FLOAT = new ReplyError("ERR value is not a valid float");
  public static final ReplyError MUST_BE_POSITIVE =
      new ReplyError("ERR value is out of range, must be positive");
  public static final ReplyError NO_SUCH_KEY = new ReplyError("ERR no such key");
  public static final ReplyError INDEX_OUT_OF_RANGE = new ReplyError("ERR index out of range");
  public static final ReplyError SAME_OBJECT =
      new ReplyError("ERR source and destination objects are the same");
  public static final ReplyError DB_OUT_OF_RANGE = new ReplyError("ERR DB index is out of range");
  public static final ReplyError OVERFLOW =
      new ReplyError("ERR increment or decrement would overflow");
  public static final ReplyError NAN_OR_INFINITY =
      new ReplyError("ERR increment would produce NaN or Infinity");
  public static final ReplyError STRING_TOO_LONG =
      new ReplyError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  public static final ReplyError TIMEOUT_NOT_A_FLOAT =
      new ReplyError("ERR timeout is not a float or out of range");
  public static final ReplyError TIMEOUT_NOT_AN_INTEGER =
      new ReplyError("ERR timeout is not an integer or out of range");
  public static final ReplyError TIMEOUT_NEGATIVE = new ReplyError("ERR timeout is negative");
  public static final ReplyError TIMEOUT_OUT_OF_RANGE =
      new ReplyError("ERR timeout is out of range");

  public static final ReplyError NO_AUTH = new ReplyError("NOAUTH Authentication required.");
  public static final ReplyError OUT_OF_MEMORY =
      new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
  public static final ReplyError LOADING =
      new ReplyError("LOADING Redis is loading the dataset in memory");
  public static final ReplyError BUSY_SCRIPT =
      new ReplyError(
          "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN"
              + " NOSAVE.");
  public static final ReplyError BUSY_FUNCTION =
      new ReplyError(
          "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN"
              + " NOSAVE.");
  public static final ReplyError MISCONF_RDB =
      new ReplyError(
          "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist"
              + " to disk. Commands that may modify the data set are disabled, because this"
              + " instance is configured to report errors during writes if RDB snapshotting fails"
              + " (stop-writes-on-bgsave-error option). Please check the Redis logs for details"
              + " about the RDB error.");
  public static final ReplyError READ_ONLY =
      new ReplyError("READONLY You can't write against a read only replica.");
  public static final ReplyError NO_REPLICAS =
      new ReplyError("NOREPLICAS Not enough good replicas to write.");
  public static final ReplyError MASTER_DOWN =
      new ReplyError(
          "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
  public static final ReplyError EXEC_ABORT =
      new ReplyError("EXECABORT Transaction discarded because of previous errors.");
  public static final ReplyError NOT_IN_TRANSACTION =
      new ReplyError("ERR Command not allowed inside a transaction");
  public static final ReplyError NESTED_MULTI = new ReplyError("ERR MULTI calls can not be nested");
  public static final ReplyError EXEC_WITHOUT_MULTI = new ReplyError("ERR EXEC without MULTI");
  public static final ReplyError DISCARD_WITHOUT_MULTI =
      new ReplyError("ERR DISCARD without MULTI");
  public static final ReplyError WATCH_INSIDE_MULTI =
      new ReplyError("ERR WATCH inside MULTI is not allowed");
  public static final ReplyError UNBLOCKED =
      new ReplyError("UNBLOCKED client unblocked via CLIENT UNBLOCK");

  /// What Redis shows of a client's words in an error: this many bytes, no more.
  private static final int SHOWN_BYTES = 128;

  private final String text;

  private ReplyError(String text) {
    super(text, null, false, false);
    this.text = text;
  }

  /// An error with the code `ERR`.
  public static ReplyError err(String text) {
    return new ReplyError("ERR " + clean(text));
  }

  /// An error whose text begins with its code, as `NOPERM this user …`.
  public static ReplyError of(String codeAndText) {
    return new ReplyError(clean(codeAndText));
  }

  public static ReplyError wrongNumberOfArguments(String fullName) {
    return err("wrong number of arguments for '" + fullName + "' command");
  }

  static ReplyError outOfJavaHeap(long wantedBytes, long takenBytes, long maxBytes) {
    return new ReplyError(
        "OOM "
            + wantedBytes
            + " bytes for a client, with "
            + takenBytes
            + " kept for others, would fill the Java heap (at most "
            + maxBytes
            + ")");
  }

  public static ReplyError outOfRange(long least, long most) {
    return err("value is out of range, value must between " + least + " and " + most);
  }

  public static ReplyError invalidExpireTime(String fullName) {
    return err("invalid expire time in '" + fullName + "' command");
  }

  /// The subcommand of a container is not known; `container` in the words the client used.
  public static ReplyError unknownSubcommand(Slice container, Slice subcommand) {
    return err(
        "unknown subcommand '"
            + shown(subcommand, SHOWN_BYTES)
            + "'. Try "
            + container.toString().toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  /// The command is not known; the first words that came with it help to see what was meant.
  public static ReplyError unknownCommand(Call call) {
    StringBuilder arguments = new StringBuilder();
    for (int i = 1; i < call.argc() && arguments.length() < SHOWN_BYTES; i++) {
      String argument = shown(call.arg(i), SHOWN_BYTES - arguments.length());
      arguments.append('\'').append(argument).append("' ");
    }
    return err(
        "unknown command '"
            + shown(call.arg(0), SHOWN_BYTES)
            + "', with args beginning with: "
            + arguments);
  }

  /// The answer to EXEC when EXEC itself was refused: the reason with EXECABORT before it.
  ReplyError asExecAbort() {
    String reason = text.startsWith("ERR ") ? text.substring("ERR ".length()) : text;
    return new ReplyError("EXECABORT Transaction discarded because of: " + reason);
  }

  /// A RESP2 client that has subscriptions tries something else.
  static ReplyError onlyWhileSubscribed(String fullName) {
    return err(
        "Can't execute '"
            + fullName
            + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this"
            + " context");
  }

  /// The first word of the text, by which errors are counted.
  public String code() {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  /// What is sent, without the leading `-`.
  public String text() {
    return text;
  }

  private static String shown(Slice word, int limit) {
    if (word.length <= limit) {
      return word.toString();
    }
    return new Slice().set(word.at, limit).toString();
  }

  /// An error is one line on the wire: line ends at its end go, others become spaces.
  private static String clean(String text) {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == '\r' || text.charAt(end - 1) == '\n')) {
      end--;
    }
    return text.substring(0, end).replace('\r', ' ').replace('\n', ' ');
  }
}
