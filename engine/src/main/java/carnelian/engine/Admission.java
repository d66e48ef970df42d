package carnelian.engine;

import carnelian.base.Clock;
import carnelian.command.CommandFlag;
import carnelian.keyspace.Evictor;
import carnelian.keyspace.Keyspace;
import carnelian.memory.Heap;
import org.jspecify.annotations.Nullable;

/// Whether a command may run now: it is let in, refused with an error that says why, or held back.
///
/// Owns what decides so beside the command itself: who may do what, what state the server is in,
/// whether writes are refused, whether clients are paused, and whether there is memory. It makes
/// room by evicting keys before it refuses for want of it, and so notes also that eviction has to
/// go on.
///
/// On the engine's thread. A refusal is a value; nothing here throws, and nothing is allocated for
/// a command that is let in.
final class Admission {
  private static final int AUTHENTICATION_FREE = CommandFlag.NO_AUTH.bit();

  /// Heaps with less than this part of their address space free look at what a command brings.
  private static final int SCARCE_SHIFT = 4;

  private static final long SCARCE_FACTOR = 4;
  private static final long SCARCE_ROOM_BYTES = 256 << 10;
  private static final long SCARCE_ROOM_PER_ARGUMENT_BYTES = 64;

  private final Clock clock;
  private final Heap heap;
  private final Evictor evictor;
  private final Turns turns;

  Permissions permissions = Permissions.ALL;
  @Nullable WriteGuard writeGuard;
  ReplicationGuard replicationGuard = ReplicationGuard.OPEN;
  ServingState serving = ServingState.SERVING;
  Pause pause = Pause.NONE;
  boolean passwordRequired;

  /// Whether keys may go to make room.
  boolean evicts = true;

  /// Hears how long making room has taken.
  CommandObserver observer = CommandObserver.NONE;

  private boolean evicting;

  Admission(Clock clock, Keyspace keyspace, Turns turns) {
    this.clock = clock;
    this.turns = turns;
    heap = keyspace.heap();
    evictor = keyspace.evictor();
  }

  /// Null if the command may run or be queued now, else the reason why not. In Redis's order, which
  /// clients can see.
  @Nullable ReplyError refusal(Call call, CommandEntry entry) {
    if (!entry.declaration().accepts(call.argc())) {
      return ReplyError.wrongNumberOfArguments(entry.name());
    }
    Client client = call.client();
    if (client.isObeyed()) {
      return null;
    }
    if (!client.isAuthenticated() && (entry.flags & AUTHENTICATION_FREE) == 0 && passwordRequired) {
      return ReplyError.NO_AUTH;
    }
    if (client.isInTransaction() && entry.has(CommandFlag.NO_MULTI)) {
      return ReplyError.NOT_IN_TRANSACTION;
    }
    if (client.isRestricted()) {
      Denial denial =
          permissions.check(
              call,
              client.isInTransaction() ? Permissions.Context.MULTI : Permissions.Context.TOPLEVEL);
      if (denial != null) {
        return denial.refusal(entry);
      }
    }
    int flags = call.admissionFlags();
    if (!hasRoom() && isRefusedWhenFull(call, entry, flags)) {
      return ReplyError.OUT_OF_MEMORY;
    }
    if ((flags & CommandFlag.DENYOOM.bit()) != 0 && !fitsHeap(call)) {
      return ReplyError.OUT_OF_MEMORY;
    }
    boolean writes = (flags & CommandFlag.WRITE.bit()) != 0;
    if (writes || entry.isPing) {
      ReplyError refusal = writes ? refusalOfWrites(client) : refusalByGuard(client);
      if (refusal != null) {
        return refusal;
      }
    }
    if (client.subscriptions() > 0 && client.protocol() == 2 && !entry.allowedWhileSubscribed) {
      return ReplyError.onlyWhileSubscribed(entry.name());
    }
    ReplyError stale = replicationGuard.stale();
    if (stale != null && !mayRun(CommandFlag.STALE, flags, call, entry)) {
      return stale;
    }
    if (serving == ServingState.LOADING && !mayRun(CommandFlag.LOADING, flags, call, entry)) {
      return ReplyError.LOADING;
    }
    return turns.busy == null || entry.has(CommandFlag.ALLOW_BUSY) ? null : turns.busy;
  }

  /// Whether the flag is among the call's and lets it run, and if it is EXEC all that it will run.
  private static boolean mayRun(CommandFlag flag, int flags, Call call, CommandEntry entry) {
    return (flags & flag.bit()) != 0
        && !(entry.isExec && (call.client().transaction.commonFlags() & flag.bit()) == 0);
  }

  private @Nullable ReplyError refusalByGuard(Client client) {
    return writeGuard == null ? null : writeGuard.refusal(client);
  }

  /// Null if the client may write now.
  @Nullable ReplyError refusalOfWrites(Client client) {
    ReplyError refusal = refusalByGuard(client);
    return refusal != null ? refusal : replicationGuard.writes(client);
  }

  /// Whether the command has to come again when the pause is over.
  boolean isHeldBack(Call call) {
    if (pause == Pause.NONE || call.client().isObeyed()) {
      return false;
    }
    return switch (pause) {
      case NONE -> false;
      case ALL -> true;
      case WRITE ->
          (call.admissionFlags() & (CommandFlag.WRITE.bit() | CommandFlag.MAY_REPLICATE.bit()))
              != 0;
    };
  }

  // ---- Memory ----------------------------------------------------------------------------------

  /// Removes keys if memory is over its limit. False if it still is and nothing may be removed.
  boolean hasRoom() {
    if (!evictor.isOverLimit() || !evicts || pause != Pause.NONE || turns.busy != null) {
      return true;
    }
    long start = clock.monotonicNanos();
    Evictor.Outcome outcome = evictor.evict();
    observer.delayed("eviction-cycle", clock.monotonicNanos() - start);
    return switch (outcome) {
      case ENOUGH -> true;
      case RUNNING -> {
        evicting = true;
        yield true;
      }
      case FAILED -> false;
    };
  }

  /// Queueing takes memory too, so inside a transaction everything is refused.
  private static boolean isRefusedWhenFull(Call call, CommandEntry entry, int flags) {
    return (flags & CommandFlag.DENYOOM.bit()) != 0
        || (call.client().isInTransaction() && !entry.runsInTransaction);
  }

  /// When the heap's address space is nearly used up, a command is let in only if what it brings
  /// fits several times over: so none stops half-way for want of memory.
  boolean fitsHeap(Call call) {
    long free = heap.freeBytes();
    if (free > heap.reservedBytes() >>> SCARCE_SHIFT) {
      return true;
    }
    long bytes = SCARCE_ROOM_BYTES;
    for (int i = 1; i < call.argc(); i++) {
      bytes += SCARCE_FACTOR * (call.arg(i).length + SCARCE_ROOM_PER_ARGUMENT_BYTES);
    }
    return bytes < free;
  }

  /// The limit has changed: keys may have to go before a command asks for room.
  void evictSoon() {
    evicting = evicts && evictor.isOverLimit();
  }

  /// Goes on removing keys where a command had to stop for want of time.
  void goOnEvicting() {
    if (evicting) {
      evicting = false;
      boolean _ = hasRoom();
    }
  }

  boolean isEvicting() {
    return evicting;
  }
}
