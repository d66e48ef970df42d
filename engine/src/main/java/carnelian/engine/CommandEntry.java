package carnelian.engine;

import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.Group;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// A command as one engine has it: what the dispatcher asks on every call, laid out for it, and
/// what INFO and LATENCY HISTOGRAM tell of its calls.
public final class CommandEntry {
  /// Redis's histogram: from a nanosecond to a second, two digits.
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int SIGNIFICANT_DIGITS = 2;

  /// Not queued between MULTI and EXEC.
  private static final Set<String> RUN_IN_TRANSACTION =
      Set.of("exec", "discard", "multi", "watch", "quit", "reset");

  /// What a RESP2 connection with subscriptions may still say.
  private static final Set<String> ALLOWED_WHILE_SUBSCRIBED =
      Set.of(
          "ping",
          "subscribe",
          "unsubscribe",
          "psubscribe",
          "punsubscribe",
          "ssubscribe",
          "sunsubscribe",
          "quit",
          "reset");

  /// Beside the bits of [CommandFlag]: see [Command#turning].
  static final int TAKES_TURNS = 1 << 31;

  private final Command command;
  private final @Nullable CommandEntry container;
  private final @Nullable CommandTable subcommands;
  final int flags;
  final int firstKey;
  final boolean quick;
  final boolean runsInTransaction;
  final boolean allowedWhileSubscribed;
  final boolean touchesArbitraryKeys;
  final boolean isExec;

  /// Whether it is a command that takes turns, or may hold some.
  final boolean mayTakeTurns;

  final boolean isPing;

  /// Whether a client that caches may keep what the command replies. Of a script only those
  /// commands count that it runs.
  final boolean fetches;

  private int number;
  private long calls;
  private long nanos;
  private long rejectedCalls;
  private long failedCalls;
  private @Nullable Histogram latencies;

  CommandEntry(Command command, @Nullable CommandEntry container) {
    this.command = command;
    this.container = container;
    Declaration declaration = command.declaration();
    flags = declaration.flagBits() | (command.takesTurns() ? TAKES_TURNS : 0);
    firstKey = declaration.firstKey();
    // SET is not declared FAST, because its value may be large; what it does is.
    String name = declaration.name();
    quick = has(CommandFlag.FAST) || name.equals("set");
    runsInTransaction = RUN_IN_TRANSACTION.contains(name);
    allowedWhileSubscribed = ALLOWED_WHILE_SUBSCRIBED.contains(name);
    touchesArbitraryKeys = has(CommandFlag.TOUCHES_ARBITRARY_KEYS);
    isExec = name.equals("exec");
    mayTakeTurns = isExec || command.takesTurns();
    isPing = name.equals("ping");
    fetches = has(CommandFlag.READONLY) && declaration.group() != Group.SCRIPTING;
    if (command.subcommands().isEmpty()) {
      subcommands = null;
    } else {
      CommandTable table = new CommandTable();
      for (Command subcommand : command.subcommands()) {
        table.add(new CommandEntry(subcommand, this), subcommand.declaration().ownName());
      }
      subcommands = table;
    }
  }

  public Command command() {
    return command;
  }

  public Declaration declaration() {
    return command.declaration();
  }

  /// The full name in lower case: `getdel`, `config|get`.
  public String name() {
    return command.declaration().name();
  }

  /// A small number that no other command or subcommand of the engine has.
  public int number() {
    return number;
  }

  /// Gives this command and its subcommands the numbers from `first` on, and replies with the next.
  int number(int first) {
    number = first;
    int next = first + 1;
    if (subcommands != null) {
      for (CommandEntry subcommand : subcommands.entries()) {
        next = subcommand.number(next);
      }
    }
    return next;
  }

  /// The container of a subcommand.
  public @Nullable CommandEntry container() {
    return container;
  }

  /// The subcommands of a container.
  public @Nullable CommandTable subcommands() {
    return subcommands;
  }

  public boolean has(CommandFlag flag) {
    return (flags & flag.bit()) != 0;
  }

  /// Calls that ran, those that failed while running included.
  public long calls() {
    return calls;
  }

  public long micros() {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }

  /// Calls that were refused before they ran.
  public long rejectedCalls() {
    return rejectedCalls;
  }

  public long failedCalls() {
    return failedCalls;
  }

  /// The distribution of the calls' durations in nanoseconds; null if the command has not run since
  /// latency tracking was turned on.
  public @Nullable Histogram latencies() {
    return latencies;
  }

  void countCalls(int count, long duration, boolean tracking) {
    calls += count;
    nanos += duration;
    if (tracking) {
      Histogram histogram = latencies;
      if (histogram == null) {
        histogram = new Histogram(1, LONGEST_NANOS, SIGNIFICANT_DIGITS);
        latencies = histogram;
      }
      long each = Math.clamp(duration / count, 1, LONGEST_NANOS);
      histogram.recordValueWithCount(each, count);
    }
  }

  void countRejected() {
    rejectedCalls++;
  }

  void countFailed() {
    failedCalls++;
  }

  /// Time that a call went on after it had been counted: a blocked one's.
  void addNanos(long duration) {
    nanos += duration;
  }

  void resetStatistics() {
    calls = 0;
    nanos = 0;
    rejectedCalls = 0;
    failedCalls = 0;
    latencies = null;
    if (subcommands != null) {
      subcommands.resetStatistics();
    }
  }

  /// Forgets the durations, for LATENCY RESET and for turning tracking off.
  public void resetLatencies() {
    latencies = null;
    if (subcommands != null) {
      for (CommandEntry entry : subcommands.entries()) {
        entry.resetLatencies();
      }
    }
  }

  @Override
  public String toString() {
    return name();
  }
}
