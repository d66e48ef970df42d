package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.ExpiryMode;
import carnelian.keyspace.KeyEvent;
import carnelian.memory.Slice;
import org.jspecify.annotations.Nullable;

/// Deadlines as commands give them: in seconds or milliseconds, from now or since the epoch.
final class Deadlines {
  private static final long MILLIS_PER_SECOND = 1000;

  private Deadlines() {}

  /// What a number stands for, by the option that comes before it.
  enum Unit {
    EX(true, true),
    PX(false, true),
    EXAT(true, false),
    PXAT(false, false);

    private final boolean seconds;
    private final boolean fromNow;

    Unit(boolean seconds, boolean fromNow) {
      this.seconds = seconds;
      this.fromNow = fromNow;
    }
  }

  /// The unit that the argument names, or null.
  static @Nullable Unit unit(Call call, int argument) {
    if (call.is(argument, "EX")) {
      return Unit.EX;
    }
    if (call.is(argument, "PX")) {
      return Unit.PX;
    }
    if (call.is(argument, "EXAT")) {
      return Unit.EXAT;
    }
    return call.is(argument, "PXAT") ? Unit.PXAT : null;
  }

  /// The argument as a deadline in Unix ms; one that is not positive is refused.
  static long millis(Call call, int argument, Unit unit) {
    long given = call.integer(argument);
    if (given <= 0) {
      throw ReplyError.invalidExpireTime(call.name());
    }
    return millis(call, given, unit);
  }

  /// The number as a deadline in Unix ms, which may lie in the past.
  static long millis(Call call, long given, Unit unit) {
    long limit = Long.MAX_VALUE / MILLIS_PER_SECOND;
    if (unit.seconds && (given > limit || given < -limit)) {
      throw ReplyError.invalidExpireTime(call.name());
    }
    long millis = unit.seconds ? given * MILLIS_PER_SECOND : given;
    long base = unit.fromNow ? call.nowMillis() : 0;
    if (millis > Long.MAX_VALUE - base) {
      throw ReplyError.invalidExpireTime(call.name());
    }
    return millis + base;
  }

  /// Gives a key a deadline and reports it; one that has passed deletes the key. Replicas get the
  /// absolute time.
  static void set(Call call, Slice key, long entry, long deadlineMillis) {
    set(call, key, entry, deadlineMillis, call.argc());
  }

  /// As [#set(Call, Slice, long, long)]; what the call says from `conditionsAt` on is kept.
  static void set(Call call, Slice key, long entry, long deadlineMillis, int conditionsAt) {
    // Not while keys past their deadline are keys like any other: what is replayed (a log, a
    // primary's commands) goes on with the key as it was then.
    boolean deletes = call.keyspace().expiryMode() != ExpiryMode.IGNORE;
    if (deletes && deadlineMillis <= call.nowMillis()) {
      call.db().delete(key);
      call.replicateAs("DEL").arg(key);
      return;
    }
    call.db().expireAt(entry, deadlineMillis);
    call.changed(key, KeyEvent.EXPIRE);
    Effect effect = call.replicateAs("PEXPIREAT").arg(key).arg(deadlineMillis);
    for (int i = conditionsAt; i < call.argc(); i++) {
      effect.arg(call.arg(i));
    }
  }
}
