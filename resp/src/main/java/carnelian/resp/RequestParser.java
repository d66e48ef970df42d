package carnelian.resp;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds the commands in one connection's query buffer, whatever pieces they arrive in.
///
/// ```
/// query   | executed | command, incomplete            | free
///         0          commandStart      position       length
/// ```
///
/// The owner appends what it has read to the query buffer, then repeats: [#parse] into an empty
/// batch, execute the batch, until a batch stays empty; then [#discard] drops what has been
/// consumed. Where each argument of an incomplete command lies is remembered (relative to the
/// command's start, because the buffer may move), so nothing is looked at twice. A protocol error
/// is reported only when every command before it has been handed out. Answers and limits as Redis's
/// `processMultibulkBuffer` and `processInlineBuffer`.
public final class RequestParser {
  private static final int NONE = -1;
  private static final int NO_ARGUMENTS = 0;

  /// Digits that cannot overflow a long.
  private static final int SAFE_DIGITS = 18;

  private final RequestLimits limits;
  private boolean authenticated = true;
  private boolean trusted;

  private int commandStart;
  private int position;

  /// Arguments of the current command that are still to come; 0 between commands.
  private int remaining;

  /// Announced length of the argument at `position`, or [#NONE] if its header is still to come.
  private int bulkLength = NONE;

  /// Up to here the current line is known not to end.
  private int scanned;

  /// Offset from `commandStart` and length of each argument of the current command.
  private int[] pending = new int[16];

  private int pendingCount;
  private @Nullable String failure;

  public RequestParser(RequestLimits limits) {
    this.limits = limits;
  }

  /// Whether the client may send large commands; false until it has authenticated, if it has to.
  public void authenticated(boolean authenticated) {
    this.authenticated = authenticated;
  }

  /// Lifts `proto-max-bulk-len`, for the link to a primary.
  public void trusted(boolean trusted) {
    this.trusted = trusted;
  }

  /// Adds to the batch the complete commands that follow in the query buffer, until it is full.
  public void parse(NativeBuffer query, RequestBatch batch) throws ProtocolException {
    long base = query.address();
    int end = query.length();
    failure = null;
    while (!batch.isFull() && (remaining > 0 || begin(base, end, batch))) {
      if (remaining > 0) {
        if (!arguments(base, end)) {
          break;
        }
        complete(base, batch);
      }
    }
    if (failure != null && batch.isEmpty()) {
      throw new ProtocolException(failure);
    }
  }

  /// Drops the commands that have been handed out from the query buffer.
  public void discard(NativeBuffer query) {
    int consumed = commandStart;
    if (consumed > 0) {
      int kept = query.length() - consumed;
      if (kept > 0) {
        Memory.copy(query.address() + consumed, query.address(), kept);
      }
      query.length(kept);
      position -= consumed;
      scanned -= consumed;
      commandStart = 0;
    }
  }

  /// Goes back to a command of the last batch, at [RequestBatch#startOffset], which will be parsed
  /// again with all that follow it. Not after [#discard].
  public void rewind(int startOffset) {
    commandStart = startOffset;
    position = startOffset;
    remaining = 0;
    endCommand();
  }

  /// Bytes at the front of the query buffer that [#discard] would drop.
  public int consumedBytes() {
    return commandStart;
  }

  /// How many more bytes the argument being read needs if it is a big one, else 0: its reader makes
  /// exactly that much room.
  public int missingBytes(NativeBuffer query) {
    if (bulkLength < RequestLimits.BIG_ARGUMENT_BYTES) {
      return 0;
    }
    return Math.max(0, position + bulkLength + 2 - query.length());
  }

  /// Bytes of the arguments of a command that is not complete yet.
  public long pendingArgumentBytes() {
    long bytes = Math.max(0, bulkLength);
    for (int i = 1; i < pendingCount; i += 2) {
      bytes += pending[i];
    }
    return bytes;
  }

  /// Starts a command at `position`; hands out inline commands whole. False if the bytes do not
  /// suffice or an inline command was handed out last.
  private boolean begin(long base, int end, RequestBatch batch) {
    if (position >= end) {
      return false;
    }
    return Memory.getByte(base + position) == '*'
        ? multibulkHeader(base, end)
        : inline(base, end, batch);
  }

  private boolean multibulkHeader(long base, int end) {
    int count = shortNumber(base, end);
    if (count == NONE) {
      int line = lineEnd(base, end, '\r', "too big mbulk count string");
      if (line == NONE) {
        return false;
      }
      long number = number(base + position + 1, line - position - 1, Long.MAX_VALUE);
      if (number > RequestLimits.ARGUMENTS) {
        return fail("invalid multibulk length");
      }
      count = (int) Math.max(number, NO_ARGUMENTS);
      moveTo(line + 2);
    } else if (count > RequestLimits.ARGUMENTS) {
      moveTo(commandStart);
      return fail("invalid multibulk length");
    }
    if (!authenticated && count > RequestLimits.UNAUTHENTICATED_ARGUMENTS) {
      moveTo(commandStart);
      return fail("unauthenticated multibulk length");
    }
    remaining = count;
    if (count == NO_ARGUMENTS) {
      endCommand();
    }
    return true;
  }

  /// Reads arguments until the command is complete (true) or the bytes do not suffice.
  private boolean arguments(long base, int end) {
    while (remaining > 0) {
      if (bulkLength == NONE && !bulkHeader(base, end)) {
        return false;
      }
      if (end - position < (long) bulkLength + 2) {
        return false;
      }
      if (pendingCount == pending.length) {
        pending = Arrays.copyOf(pending, pendingCount * 2);
      }
      pending[pendingCount++] = position - commandStart;
      pending[pendingCount++] = bulkLength;
      moveTo(position + bulkLength + 2);
      bulkLength = NONE;
      remaining--;
    }
    return true;
  }

  private boolean bulkHeader(long base, int end) {
    int start = position;
    long length = NONE;
    if (start < end && Memory.getByte(base + start) == '$') {
      length = shortNumber(base, end);
    }
    if (length == NONE) {
      int line = lineEnd(base, end, '\r', "too big bulk count string");
      if (line == NONE) {
        return false;
      }
      byte first = Memory.getByte(base + start);
      if (first != '$') {
        return fail("expected '$', got '" + (char) (first & 0xFF) + "'");
      }
      length = number(base + start + 1, line - start - 1, Long.MIN_VALUE);
      if (length < 0) {
        return fail("invalid bulk length");
      }
      moveTo(line + 2);
    }
    if (length > (trusted ? Integer.MAX_VALUE / 2 : limits.maxBulkBytes())) {
      moveTo(start);
      return fail("invalid bulk length");
    }
    if (!authenticated && length > RequestLimits.UNAUTHENTICATED_BULK_BYTES) {
      moveTo(start);
      return fail("unauthenticated bulk length");
    }
    bulkLength = (int) length;
    return true;
  }

  private void complete(long base, RequestBatch batch) {
    long start = base + commandStart;
    batch.expectArguments(pendingCount / 2);
    for (int i = 0; i < pendingCount; i += 2) {
      batch.addArgument(start + pending[i], pending[i + 1]);
    }
    batch.endCommand(commandStart, position);
    endCommand();
  }

  private boolean inline(long base, int end, RequestBatch batch) {
    int newline = lineEnd(base, end, '\n', "too big inline request");
    if (newline == NONE) {
      return false;
    }
    int length = newline - position;
    if (length > 0 && Memory.getByte(base + newline - 1) == '\r') {
      length--;
    }
    if (!InlineRequest.split(base + position, length, batch)) {
      batch.dropArguments();
      return fail("unbalanced quotes in request");
    }
    moveTo(newline + 1);
    if (batch.hasArguments()) {
      batch.endCommand(commandStart, position);
      batch.end();
    }
    endCommand();
    return true;
  }

  /// The number of a header line such as `$12\r\n` at `position`, which it then passes; [#NONE],
  /// and nothing passed, if the line is incomplete or anything but a plain number of few digits.
  private int shortNumber(long base, int end) {
    int at = position + 1;
    int number = 0;
    int limit = Math.min(end - 1, at + 9);
    while (at < limit) {
      byte b = Memory.getByte(base + at);
      if (b == '\r') {
        break;
      }
      int digit = b - '0';
      if (digit < 0 || digit > 9 || (number == 0 && at > position + 1)) {
        return NONE;
      }
      number = number * 10 + digit;
      at++;
    }
    if (at == position + 1 || at >= end - 1 || Memory.getByte(base + at) != '\r') {
      return NONE;
    }
    moveTo(at + 2);
    return number;
  }

  /// Offset of the byte that ends the line at `position`, or [#NONE]; fails if the line is too
  /// long. The byte after a `\r` has arrived, too. As in Redis a NUL keeps a line from ever ending.
  private int lineEnd(long base, int end, char terminator, String tooLong) {
    int at = Math.max(position, scanned);
    int last = terminator == '\r' ? end - 1 : end;
    while (at < last) {
      byte b = Memory.getByte(base + at);
      if (b == terminator) {
        scanned = at;
        return at;
      }
      if (b == 0) {
        break;
      }
      at++;
    }
    scanned = at;
    if (end - position > RequestLimits.INLINE_BYTES) {
      fail(tooLong);
    }
    return NONE;
  }

  /// A decimal long as Redis reads it (no plus sign, no leading zeros), or `otherwise`.
  private static long number(long at, int length, long otherwise) {
    boolean negative = length > 0 && Memory.getByte(at) == '-';
    int first = negative ? 1 : 0;
    int digits = length - first;
    if (digits == 1 && Memory.getByte(at + first) == '0' && !negative) {
      return 0;
    }
    if (digits < 1 || digits > SAFE_DIGITS || Memory.getByte(at + first) == '0') {
      return otherwise;
    }
    long number = 0;
    for (int i = first; i < length; i++) {
      int digit = Memory.getByte(at + i) - '0';
      if (digit < 0 || digit > 9) {
        return otherwise;
      }
      number = number * 10 + digit;
    }
    return negative ? -number : number;
  }

  private void moveTo(int offset) {
    position = offset;
    scanned = offset;
  }

  private void endCommand() {
    commandStart = position;
    scanned = position;
    pendingCount = 0;
    bulkLength = NONE;
    if (pending.length > 1024) {
      pending = new int[16];
    }
  }

  private boolean fail(String what) {
    failure = what;
    return false;
  }
}
