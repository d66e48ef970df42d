package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.unixTime;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.memory.Slice;
import java.util.List;

/// Deadlines of keys: set, asked for, taken away.
public final class ExpireCommands {
  private static final int NX = 1;
  private static final int XX = 1 << 1;
  private static final int GT = 1 << 2;
  private static final int LT = 1 << 3;

  /// What a TTL replies for a key that is not there.
  private static final long NO_KEY = -2;

  private static final long MILLIS_PER_SECOND = 1000;

  private static final ReplyError NX_AND_OTHERS =
      ReplyError.err("NX and XX, GT or LT options at the same time are not compatible");
  private static final ReplyError GT_AND_LT =
      ReplyError.err("GT and LT options at the same time are not compatible");

  private ExpireCommands() {}

  /// EXPIRE — Sets after how many seconds a key expires.
  static final Command EXPIRE =
      command(
          declare("EXPIRE")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Sets after how many seconds a key expires.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  integer("seconds"),
                  oneOf(
                          "condition",
                          pureToken("NX"),
                          pureToken("XX"),
                          pureToken("GT"),
                          pureToken("LT"))
                      .since("7.0.0")
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`."),
          ExpireCommands::expire);

  private static void expire(Call call) {
    expire(call, Deadlines.Unit.EX);
  }

  private static void expire(Call call, Deadlines.Unit unit) {
    int conditions = conditions(call);
    long deadline = Deadlines.millis(call, call.integer(2), unit);
    Slice key = call.arg(1);
    long entry = call.db().write(key);
    if (entry == 0 || !holds(conditions, Database.deadline(entry), deadline)) {
      call.reply().integer(0);
      return;
    }
    Deadlines.set(call, key, entry, deadline, 3);
    call.reply().integer(1);
  }

  private static int conditions(Call call) {
    int conditions = 0;
    for (int i = 3; i < call.argc(); i++) {
      conditions |= condition(call, i);
    }
    if ((conditions & NX) != 0 && conditions != NX) {
      throw NX_AND_OTHERS;
    }
    if ((conditions & GT) != 0 && (conditions & LT) != 0) {
      throw GT_AND_LT;
    }
    return conditions;
  }

  private static int condition(Call call, int argument) {
    if (call.is(argument, "NX")) {
      return NX;
    }
    if (call.is(argument, "XX")) {
      return XX;
    }
    if (call.is(argument, "GT")) {
      return GT;
    }
    if (call.is(argument, "LT")) {
      return LT;
    }
    throw ReplyError.err("Unsupported option " + call.arg(argument));
  }

  /// A key without a deadline lives for ever: later than any.
  private static boolean holds(int conditions, long present, long wanted) {
    boolean has = present != Database.NO_DEADLINE;
    if ((conditions & NX) != 0 && has) {
      return false;
    }
    if ((conditions & XX) != 0 && !has) {
      return false;
    }
    if ((conditions & GT) != 0 && (!has || wanted <= present)) {
      return false;
    }
    return (conditions & LT) == 0 || !has || wanted < present;
  }

  /// EXPIREAT — Sets the Unix time in seconds at which a key expires.
  static final Command EXPIREAT =
      command(
          declare("EXPIREAT")
              .group(Group.GENERIC)
              .since("1.2.0")
              .complexity("O(1)")
              .summary("Sets the Unix time in seconds at which a key expires.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  unixTime("unix-time-seconds"),
                  oneOf(
                          "condition",
                          pureToken("NX"),
                          pureToken("XX"),
                          pureToken("GT"),
                          pureToken("LT"))
                      .since("7.0.0")
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`."),
          ExpireCommands::expireat);

  private static void expireat(Call call) {
    expire(call, Deadlines.Unit.EXAT);
  }

  /// EXPIRETIME — Replies with the Unix time in seconds at which a key expires.
  static final Command EXPIRETIME =
      command(
          declare("EXPIRETIME")
              .group(Group.GENERIC)
              .since("7.0.0")
              .complexity("O(1)")
              .summary("Replies with the Unix time in seconds at which a key expires.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          ExpireCommands::expiretime);

  private static void expiretime(Call call) {
    long deadline = deadline(call);
    long rounded = deadline + MILLIS_PER_SECOND / 2; // Which may be 2^63 and more.
    call.reply().integer(deadline < 0 ? deadline : Long.divideUnsigned(rounded, MILLIS_PER_SECOND));
  }

  /// PERSIST — Removes the expiry of a key.
  static final Command PERSIST =
      command(
          declare("PERSIST")
              .group(Group.GENERIC)
              .since("2.2.0")
              .complexity("O(1)")
              .summary("Removes the expiry of a key.")
              .arity(2)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          ExpireCommands::persist);

  private static void persist(Call call) {
    Slice key = call.arg(1);
    long entry = call.db().write(key);
    if (entry == 0 || Database.deadline(entry) == Database.NO_DEADLINE) {
      call.reply().integer(0);
      return;
    }
    call.db().persist(entry);
    call.changed(key, KeyEvent.PERSIST);
    call.reply().integer(1);
  }

  /// PEXPIRE — Sets after how many milliseconds a key expires.
  static final Command PEXPIRE =
      command(
          declare("PEXPIRE")
              .group(Group.GENERIC)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Sets after how many milliseconds a key expires.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  integer("milliseconds"),
                  oneOf(
                          "condition",
                          pureToken("NX"),
                          pureToken("XX"),
                          pureToken("GT"),
                          pureToken("LT"))
                      .since("7.0.0")
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`."),
          ExpireCommands::pexpire);

  private static void pexpire(Call call) {
    expire(call, Deadlines.Unit.PX);
  }

  /// PEXPIREAT — Sets the Unix time in milliseconds at which a key expires.
  static final Command PEXPIREAT =
      command(
          declare("PEXPIREAT")
              .group(Group.GENERIC)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Sets the Unix time in milliseconds at which a key expires.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  unixTime("unix-time-milliseconds"),
                  oneOf(
                          "condition",
                          pureToken("NX"),
                          pureToken("XX"),
                          pureToken("GT"),
                          pureToken("LT"))
                      .since("7.0.0")
                      .optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`."),
          ExpireCommands::pexpireat);

  private static void pexpireat(Call call) {
    expire(call, Deadlines.Unit.PXAT);
  }

  /// PEXPIRETIME — Replies with the Unix time in milliseconds at which a key expires.
  static final Command PEXPIRETIME =
      command(
          declare("PEXPIRETIME")
              .group(Group.GENERIC)
              .since("7.0.0")
              .complexity("O(1)")
              .summary("Replies with the Unix time in milliseconds at which a key expires.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          ExpireCommands::pexpiretime);

  private static void pexpiretime(Call call) {
    call.reply().integer(deadline(call));
  }

  /// PTTL — Replies with the milliseconds that a key still has.
  static final Command PTTL =
      command(
          declare("PTTL")
              .group(Group.GENERIC)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Replies with the milliseconds that a key still has.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("2.8.0", "Replies -2 if there is no such key."),
          ExpireCommands::pttl);

  private static void pttl(Call call) {
    call.reply().integer(left(call));
  }

  /// TTL — Replies with the seconds that a key still has.
  static final Command TTL =
      command(
          declare("TTL")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with the seconds that a key still has.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("2.8.0", "Replies -2 if there is no such key."),
          ExpireCommands::ttl);

  private static void ttl(Call call) {
    long left = left(call);
    call.reply().integer(left < 0 ? left : (left + MILLIS_PER_SECOND / 2) / MILLIS_PER_SECOND);
  }

  /// Milliseconds to live, or the reply for none: -2 without a key, -1 without a deadline.
  private static long left(Call call) {
    long deadline = deadline(call);
    return deadline < 0 ? deadline : Math.max(0, deadline - call.nowMillis());
  }

  private static long deadline(Call call) {
    long entry = call.db().readWithoutTouch(call.arg(1));
    return entry == 0 ? NO_KEY : Database.deadline(entry);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "EXPIRE EXPIREAT EXPIRETIME PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PTTL TTL";

  public static List<Command> all() {
    return List.of(
        EXPIRE, EXPIREAT, EXPIRETIME, PERSIST, PEXPIRE, PEXPIREAT, PEXPIRETIME, PTTL, TTL);
  }
}
