package carnelian.resp;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The commands that one read brought, each a run of arguments that point into the query buffer.
///
/// The arguments are valid until the query buffer is written to again or [#clear] is called,
/// whichever is first. Reused from read to read; belongs to one thread at a time. A batch ends
/// after an inline command, whose unquoted arguments stand in memory of the batch's own.
public final class RequestBatch implements AutoCloseable {
  /// A batch takes no further command after this many arguments.
  private static final int ENOUGH_ARGUMENTS = 4096;

  /// What is kept of the argument pool after a command of very many arguments.
  private static final int KEPT_ARGUMENTS = 2 * ENOUGH_ARGUMENTS;

  private final int maxCommands;
  private final int[] firstArgument;
  private final int[] startOffset;
  private final int[] endOffset;
  private Slice[] arguments;
  private int argumentCount;
  private int commandCount;
  private boolean ended;
  private @Nullable NativeBuffer unquoted;

  public RequestBatch(int maxCommands) {
    this.maxCommands = maxCommands;
    firstArgument = new int[maxCommands + 1];
    startOffset = new int[maxCommands];
    endOffset = new int[maxCommands];
    arguments = slices(new Slice[0], 64);
  }

  public int commands() {
    return commandCount;
  }

  public boolean isEmpty() {
    return commandCount == 0;
  }

  /// Whether the next command has to wait for the next batch.
  public boolean isFull() {
    return ended || commandCount == maxCommands || argumentCount >= ENOUGH_ARGUMENTS;
  }

  /// Arguments of a command, its name included; at least 1.
  public int argc(int command) {
    return firstArgument[command + 1] - firstArgument[command];
  }

  /// Argument 0 is the command's name.
  public Slice arg(int command, int index) {
    return arguments[firstArgument[command] + index];
  }

  /// Where the command starts in the query buffer.
  public int startOffset(int command) {
    return startOffset[command];
  }

  /// Where the command ends in the query buffer, its last line feed included.
  public int endOffset(int command) {
    return endOffset[command];
  }

  /// The bytes of all arguments of a command.
  public long argumentBytes(int command) {
    long bytes = 0;
    for (int i = firstArgument[command]; i < firstArgument[command + 1]; i++) {
      bytes += arguments[i].length;
    }
    return bytes;
  }

  /// Forgets all but the first so many commands.
  public void keep(int commands) {
    commandCount = Math.min(commandCount, commands);
    argumentCount = firstArgument[commandCount];
  }

  public void clear() {
    commandCount = 0;
    argumentCount = 0;
    ended = false;
    if (unquoted != null) {
      unquoted.clear();
    }
    if (arguments.length > KEPT_ARGUMENTS) {
      arguments = Arrays.copyOf(arguments, KEPT_ARGUMENTS);
    }
  }

  @Override
  public void close() {
    clear();
    if (unquoted != null) {
      unquoted.close();
      unquoted = null;
    }
  }

  /// Adds an argument to the command that is being read; [#endCommand] completes it. For who reads
  /// commands: a parser, the log.
  public void addArgument(long at, int length) {
    if (argumentCount == arguments.length) {
      arguments = slices(arguments, arguments.length * 2);
    }
    arguments[argumentCount++].set(at, length);
  }

  /// Makes room for the arguments of one more command.
  public void expectArguments(int count) {
    int needed = argumentCount + count;
    if (needed > arguments.length) {
      arguments = slices(arguments, Math.max(needed, arguments.length * 2));
    }
  }

  /// The command is complete, and began and ended there in what it was read from.
  public void endCommand(int start, int end) {
    startOffset[commandCount] = start;
    endOffset[commandCount] = end;
    firstArgument[++commandCount] = argumentCount;
  }

  /// Whether arguments were added since the last complete command.
  boolean hasArguments() {
    return argumentCount > firstArgument[commandCount];
  }

  /// Forgets the arguments added since the last complete command.
  void dropArguments() {
    argumentCount = firstArgument[commandCount];
  }

  /// No command after this one: its arguments stand in [#unquoted].
  void end() {
    ended = true;
  }

  NativeBuffer unquoted(int bytes) {
    NativeBuffer buffer = unquoted;
    if (buffer == null) {
      buffer = new NativeBuffer(1024);
      unquoted = buffer;
    }
    buffer.clear();
    buffer.reserve(bytes);
    return buffer;
  }

  private static Slice[] slices(Slice[] old, int count) {
    Slice[] grown = Arrays.copyOf(old, count);
    for (int i = old.length; i < count; i++) {
      grown[i] = new Slice();
    }
    return grown;
  }
}
