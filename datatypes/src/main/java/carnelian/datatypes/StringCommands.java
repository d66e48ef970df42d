package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.Arg.unixTime;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INSERT;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeyFlag.VARIABLE_FLAGS;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.first;
import static carnelian.command.Tip.REQUEST_MULTI_SHARD;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.KeyFinder;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Strings;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Strings: set, get, and parts of them. Numbers in strings are in [StringCounterCommands].
public final class StringCommands {
  private static final int NX = 1;
  private static final int XX = 1 << 1;
  private static final int KEEPTTL = 1 << 2;
  private static final int GET_OLD = 1 << 3;
  private static final int IFEQ = 1 << 4;

  private static final ReplyError OFFSET_OUT_OF_RANGE = ReplyError.err("offset is out of range");

  private StringCommands() {}

  /// APPEND — Appends to a string, which is created if there is none.
  static final Command APPEND =
      command(
          declare("APPEND")
              .group(Group.STRING)
              .since("2.0.0")
              .complexity("O(1), amortized")
              .summary("Appends to a string, which is created if there is none.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("value"))
              .replies(ReplyShape.integer()),
          StringCommands::append);

  private static void append(Call call) {
    Slice key = call.arg(1);
    Slice tail = call.arg(2);
    Database db = call.db();
    Strings strings = call.keyspace().strings();
    long entry = db.write(key, Type.STRING);
    if (entry == 0) {
      entry = strings.add(db, key, tail, Database.NO_DEADLINE);
    } else {
      checkLength(call, (long) strings.length(entry) + tail.length);
      entry = strings.append(db, entry, tail);
    }
    call.changed(key, KeyEvent.APPEND);
    call.reply().integer(strings.length(entry));
  }

  private static void checkLength(Call call, long bytes) {
    if (bytes > call.keyspace().limits().protoMaxBulkLength()) {
      throw ReplyError.STRING_TOO_LONG;
    }
  }

  /// GET — Replies with a string.
  static final Command GET =
      command(
          declare("GET")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with a string.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.bulk(), ReplyShape.nil()),
          StringCommands::get);

  private static void get(Call call) {
    reply(call, call.db().read(call.arg(1), Type.STRING));
  }

  private static void reply(Call call, long entry) {
    if (entry == 0) {
      call.reply().nil();
    } else {
      Elements.bulk(call.reply(), call.keyspace().strings().get(entry, call.element()));
    }
  }

  /// GETDEL — Replies with a string and deletes its key.
  static final Command GETDEL =
      command(
          declare("GETDEL")
              .group(Group.STRING)
              .since("6.2.0")
              .complexity("O(1)")
              .summary("Replies with a string and deletes its key.")
              .arity(2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"))
              .replies(ReplyShape.bulk(), ReplyShape.nil()),
          StringCommands::getdel);

  private static void getdel(Call call) {
    Slice key = call.arg(1);
    long entry = call.db().read(key, Type.STRING);
    reply(call, entry);
    if (entry != 0) {
      call.db().delete(key);
      call.replicateAs("DEL").arg(key);
    }
  }

  /// GETEX — Replies with a string and may set, change or remove its expiry.
  static final Command GETEX =
      command(
          declare("GETEX")
              .group(Group.STRING)
              .since("6.2.0")
              .complexity("O(1)")
              .summary("Replies with a string and may set, change or remove its expiry.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, UPDATE).notes("It may change the expiry."))
              .args(
                  key("key"),
                  oneOf(
                          "expiration",
                          integer("seconds").token("EX"),
                          integer("milliseconds").token("PX"),
                          unixTime("unix-time-seconds").token("EXAT"),
                          unixTime("unix-time-milliseconds").token("PXAT"),
                          pureToken("PERSIST"))
                      .optional())
              .replies(ReplyShape.bulk(), ReplyShape.nil()),
          StringCommands::getex);

  private static void getex(Call call) {
    boolean persist = false;
    Deadlines.Unit unit = null;
    int expiryAt = 0;
    for (int i = 2; i < call.argc(); i++) {
      Deadlines.Unit given = Deadlines.unit(call, i);
      if (isOnlyUnit(unit, given) && !persist && i + 1 < call.argc()) {
        unit = given;
        expiryAt = ++i;
      } else if (unit == null && call.is(i, "PERSIST")) {
        persist = true;
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    Slice key = call.arg(1);
    long entry = call.db().read(key, Type.STRING);
    if (entry == 0) {
      call.reply().nil();
      return;
    }
    long deadline = unit == null ? 0 : Deadlines.millis(call, expiryAt, unit);
    reply(call, entry);
    if (unit != null) {
      Deadlines.set(call, key, entry, deadline);
    } else if (persist && Database.deadline(entry) != Database.NO_DEADLINE) {
      call.db().persist(entry);
      call.changed(key, KeyEvent.PERSIST);
      call.replicateAs("PERSIST").arg(key);
    }
  }

  /// GETRANGE — Replies with a part of a string.
  static final Command GETRANGE =
      command(
          declare("GETRANGE")
              .group(Group.STRING)
              .since("2.4.0")
              .complexity("O(N), N = bytes replied")
              .summary("Replies with a part of a string.")
              .arity(4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("start"), integer("end"))
              .replies(ReplyShape.bulk()),
          StringCommands::getrange);

  private static void getrange(Call call) {
    long start = call.integer(2);
    long end = call.integer(3);
    long entry = call.db().read(call.arg(1), Type.STRING);
    if (entry == 0) {
      call.reply().emptyBulk();
      return;
    }
    Slice value = call.keyspace().strings().get(entry, new Slice());
    // Both count from the end, and the wrong way round: nothing, before either is clipped.
    if (start < 0 && end < 0 && start > end) {
      call.reply().emptyBulk();
      return;
    }
    long first = Math.max(0, start < 0 ? start + value.length : start);
    long last = Math.min(Math.max(0, end < 0 ? end + value.length : end), value.length - 1L);
    if (first > last || value.length == 0) {
      call.reply().emptyBulk();
    } else {
      call.reply().bulk(value.at + first, (int) (last - first + 1));
    }
  }

  /// GETSET — Sets a string and replies with what was there before.
  static final Command GETSET =
      command(
          declare("GETSET")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Sets a string and replies with what was there before.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), string("value"))
              .replies(ReplyShape.bulk(), ReplyShape.nil())
              .deprecated("6.2.0", "`SET` with the `!GET` argument"),
          StringCommands::getset);

  private static void getset(Call call) {
    Slice key = call.arg(1);
    long entry = call.db().write(key, Type.STRING);
    reply(call, entry);
    call.keyspace().strings().set(call.db(), key, call.arg(2));
    call.changed(key, KeyEvent.SET);
    call.replicateAs("SET").arg(key).arg(call.arg(2));
  }

  /// MGET — Replies with the strings of several keys.
  static final Command MGET =
      command(
          declare("MGET")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(N), N = keys to retrieve")
              .summary("Replies with the strings of several keys.")
              .arity(-2)
              .flags(READONLY, FAST)
              .keys(allFrom(1, RO, ACCESS))
              .args(key("key").multiple())
              .replies(ReplyShape.array())
              .tips(REQUEST_MULTI_SHARD),
          StringCommands::mget);

  private static void mget(Call call) {
    call.reply().array(call.argc() - 1);
    for (int i = 1; i < call.argc(); i++) {
      long entry = call.db().read(call.arg(i));
      reply(call, entry != 0 && Database.type(entry) == Type.STRING ? entry : 0);
    }
  }

  /// MSET — Sets several strings at once.
  static final Command MSET =
      command(
          declare("MSET")
              .group(Group.STRING)
              .since("1.0.1")
              .complexity("O(N), N = keys to set")
              .summary("Sets several strings at once.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(allFrom(1, OW, UPDATE).step(2))
              .args(block("data", key("key"), string("value")).multiple())
              .replies(ReplyShape.ok())
              .tips(REQUEST_MULTI_SHARD, RESPONSE_ALL_SUCCEEDED),
          StringCommands::mset);

  private static void mset(Call call) {
    checkPairs(call);
    setPairs(call);
    call.reply().ok();
  }

  private static void checkPairs(Call call) {
    if (call.argc() % 2 == 0) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
  }

  private static void setPairs(Call call) {
    for (int i = 1; i < call.argc(); i += 2) {
      call.keyspace().strings().set(call.db(), call.arg(i), call.arg(i + 1));
      call.changed(call.arg(i), KeyEvent.SET);
    }
  }

  /// MSETNX — Sets several strings at once, but only if none of the keys exists.
  static final Command MSETNX =
      command(
          declare("MSETNX")
              .group(Group.STRING)
              .since("1.0.1")
              .complexity("O(N), N = keys to set")
              .summary("Sets several strings at once, but only if none of the keys exists.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(allFrom(1, OW, INSERT).step(2))
              .args(block("data", key("key"), string("value")).multiple())
              .replies(ReplyShape.integer()),
          StringCommands::msetnx);

  private static void msetnx(Call call) {
    checkPairs(call);
    for (int i = 1; i < call.argc(); i += 2) {
      if (call.db().write(call.arg(i)) != 0) {
        call.reply().integer(0);
        return;
      }
    }
    setPairs(call);
    call.reply().integer(1);
  }

  /// PSETEX — Sets a string that expires after some milliseconds.
  static final Command PSETEX =
      command(
          declare("PSETEX")
              .group(Group.STRING)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Sets a string that expires after some milliseconds.")
              .arity(4)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE))
              .args(key("key"), integer("milliseconds"), string("value"))
              .replies(ReplyShape.ok())
              .deprecated("2.6.12", "`SET` with the `PX` argument"),
          StringCommands::psetex);

  private static void psetex(Call call) {
    setUntil(call, Deadlines.Unit.PX);
  }

  private static void setUntil(Call call, Deadlines.Unit unit) {
    long deadline = Deadlines.millis(call, 2, unit);
    Slice key = call.arg(1);
    call.keyspace().strings().set(call.db(), key, call.arg(3), deadline);
    replicateUntil(call, key, call.arg(3), deadline);
    call.reply().ok();
  }

  /// Reports a value with a deadline; replicas get the absolute time, whatever the client gave.
  private static void replicateUntil(Call call, Slice key, Slice value, long deadline) {
    call.changed(key, KeyEvent.SET);
    call.changed(key, KeyEvent.EXPIRE, 0);
    call.replicateAs("SET").arg(key).arg(value).arg("PXAT").arg(deadline);
  }

  /// SET — Sets a string, whatever type the key held.
  static final Command SET =
      command(
          declare("SET")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Sets a string, whatever type the key held.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, ACCESS, UPDATE, VARIABLE_FLAGS).notes("It reads only with GET."))
              .keysFoundBy(KeyFinder::ofSet)
              .args(
                  key("key"),
                  string("value"),
                  oneOf(
                          "condition",
                          pureToken("NX"),
                          pureToken("XX"),
                          string("comparison-value").token("IFEQ").since("8.1.0"))
                      .since("2.6.12")
                      .optional(),
                  pureToken("GET").since("6.2.0").optional(),
                  oneOf(
                          "expiration",
                          integer("seconds").token("EX").since("2.6.12"),
                          integer("milliseconds").token("PX").since("2.6.12"),
                          unixTime("unix-time-seconds").token("EXAT").since("6.2.0"),
                          unixTime("unix-time-milliseconds").token("PXAT").since("6.2.0"),
                          pureToken("KEEPTTL").since("6.0.0"))
                      .optional())
              .replies(ReplyShape.nil(), ReplyShape.ok(), ReplyShape.bulk())
              .history("2.6.12", "Takes `EX`, `PX`, `NX` and `XX`.")
              .history("6.0.0", "Takes `KEEPTTL`.")
              .history("6.2.0", "Takes `GET`, `EXAT` and `PXAT`.")
              .history("7.0.0", "`NX` and `GET` go together.")
              .history("8.1.0", "Takes `IFEQ`, as in Valkey."),
          StringCommands::set);

  private static void set(Call call) {
    Slice key = call.arg(1);
    if (call.argc() == 3) {
      call.keyspace().strings().set(call.db(), key, call.arg(2));
      call.changed(key, KeyEvent.SET);
      call.reply().ok();
    } else {
      setWithOptions(call, key, call.arg(2));
    }
  }

  private static void setWithOptions(Call call, Slice key, Slice value) {
    int options = 0;
    Deadlines.Unit unit = null;
    int expiryAt = 0;
    int comparedAt = 0;
    for (int i = 3; i < call.argc(); i++) {
      int option = option(call, i);
      Deadlines.Unit given = option == 0 ? Deadlines.unit(call, i) : null;
      if (option == IFEQ && comparedAt == 0 && i + 1 < call.argc()) {
        comparedAt = ++i;
      } else if (option == IFEQ) {
        throw ReplyError.SYNTAX;
      } else if (isOnlyUnit(unit, given) && i + 1 < call.argc()) {
        unit = given;
        expiryAt = ++i;
      } else if (option == 0) {
        throw ReplyError.SYNTAX;
      }
      options |= option;
    }
    boolean keepsDeadline = (options & KEEPTTL) != 0;
    if (Integer.bitCount(options & (NX | XX | IFEQ)) > 1 || (keepsDeadline && unit != null)) {
      throw ReplyError.SYNTAX;
    }
    long deadline = keepsDeadline ? Database.KEEP_DEADLINE : Database.NO_DEADLINE;
    if (unit != null) {
      deadline = Deadlines.millis(call, expiryAt, unit);
    }
    setConditionally(call, key, value, options, comparedAt, deadline);
  }

  /// The same unit may be given again; the last time counts.
  private static boolean isOnlyUnit(
      Deadlines.@Nullable Unit before, Deadlines.@Nullable Unit given) {
    return given != null && (before == null || before == given);
  }

  private static int option(Call call, int argument) {
    if (call.is(argument, "NX")) {
      return NX;
    }
    if (call.is(argument, "XX")) {
      return XX;
    }
    if (call.is(argument, "KEEPTTL")) {
      return KEEPTTL;
    }
    if (call.is(argument, "IFEQ")) {
      return IFEQ;
    }
    return call.is(argument, "GET") ? GET_OLD : 0;
  }

  private static void setConditionally(
      Call call, Slice key, Slice value, int options, int comparedAt, long deadline) {
    Database db = call.db();
    boolean replyOld = (options & GET_OLD) != 0;
    if (replyOld) {
      reply(call, db.read(key, Type.STRING));
    }
    if (!isMet(call, key, options, comparedAt)) {
      if (!replyOld) {
        call.reply().nil();
      }
      return;
    }
    call.keyspace().strings().set(db, key, value, deadline);
    if (deadline >= 0) {
      replicateUntil(call, key, value, deadline);
    } else {
      call.changed(key, KeyEvent.SET);
      replicateUnconditionally(call, options);
    }
    if (!replyOld) {
      call.reply().ok();
    }
  }

  private static boolean isMet(Call call, Slice key, int options, int comparedAt) {
    if ((options & IFEQ) != 0) {
      long entry = call.db().write(key, Type.STRING);
      return entry != 0 && ConditionalStringCommands.holds(call, entry, call.arg(comparedAt));
    }
    boolean exists = call.db().write(key) != 0;
    return ((options & NX) == 0 || !exists) && ((options & XX) == 0 || exists);
  }

  /// A replica has no use for the old value, neither to reply nor to compare it.
  private static void replicateUnconditionally(Call call, int options) {
    if ((options & (GET_OLD | IFEQ)) != 0) {
      Effect effect = call.replicateAs("SET");
      for (int i = 1; i < call.argc(); i++) {
        if (i >= 3 && call.is(i, "IFEQ")) {
          i++;
        } else if (i < 3 || !call.is(i, "GET")) {
          effect.arg(call.arg(i));
        }
      }
    }
  }

  /// SETEX — Sets a string that expires after some seconds.
  static final Command SETEX =
      command(
          declare("SETEX")
              .group(Group.STRING)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Sets a string that expires after some seconds.")
              .arity(4)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE))
              .args(key("key"), integer("seconds"), string("value"))
              .replies(ReplyShape.ok())
              .deprecated("2.6.12", "`SET` with the `EX` argument"),
          StringCommands::setex);

  private static void setex(Call call) {
    setUntil(call, Deadlines.Unit.EX);
  }

  /// SETNX — Sets a string if the key does not exist.
  static final Command SETNX =
      command(
          declare("SETNX")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Sets a string if the key does not exist.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(OW, INSERT))
              .args(key("key"), string("value"))
              .replies(ReplyShape.integer())
              .deprecated("2.6.12", "`SET` with the `NX` argument"),
          StringCommands::setnx);

  private static void setnx(Call call) {
    Slice key = call.arg(1);
    if (call.db().write(key) != 0) {
      call.reply().integer(0);
      return;
    }
    call.keyspace().strings().set(call.db(), key, call.arg(2));
    call.changed(key, KeyEvent.SET);
    call.reply().integer(1);
  }

  /// SETRANGE — Overwrites a part of a string, filling a gap with zero bytes.
  static final Command SETRANGE =
      command(
          declare("SETRANGE")
              .group(Group.STRING)
              .since("2.2.0")
              .complexity("O(M), M = bytes of the value")
              .summary("Overwrites a part of a string, filling a gap with zero bytes.")
              .arity(4)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, UPDATE))
              .args(key("key"), integer("offset"), string("value"))
              .replies(ReplyShape.integer()),
          StringCommands::setrange);

  private static void setrange(Call call) {
    long offset = call.integer(2);
    if (offset < 0) {
      throw OFFSET_OUT_OF_RANGE;
    }
    Slice key = call.arg(1);
    Slice part = call.arg(3);
    Database db = call.db();
    Strings strings = call.keyspace().strings();
    long entry = db.write(key, Type.STRING);
    if (part.length == 0) {
      call.reply().integer(entry == 0 ? 0 : strings.length(entry));
      return;
    }
    if (offset > Integer.MAX_VALUE) {
      throw ReplyError.STRING_TOO_LONG;
    }
    checkLength(call, offset + part.length);
    if (entry == 0) {
      entry = strings.add(db, key, new Slice().set(part.at, 0), Database.NO_DEADLINE);
    }
    entry = strings.setRange(db, entry, (int) offset, part);
    call.changed(key, KeyEvent.SETRANGE);
    call.reply().integer(strings.length(entry));
  }

  /// STRLEN — Replies with the length of a string.
  static final Command STRLEN =
      command(
          declare("STRLEN")
              .group(Group.STRING)
              .since("2.2.0")
              .complexity("O(1)")
              .summary("Replies with the length of a string.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          StringCommands::strlen);

  private static void strlen(Call call) {
    long entry = call.db().read(call.arg(1), Type.STRING);
    call.reply().integer(entry == 0 ? 0 : call.keyspace().strings().length(entry));
  }

  /// SUBSTR — Replies with a part of a string.
  static final Command SUBSTR =
      command(
          declare("SUBSTR")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(N), N = bytes replied")
              .summary("Replies with a part of a string.")
              .arity(4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("start"), integer("end"))
              .replies(ReplyShape.bulk())
              .deprecated("2.0.0", "`GETRANGE`"),
          StringCommands::substr);

  private static void substr(Call call) {
    getrange(call);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "APPEND GET GETDEL GETEX GETRANGE GETSET MGET MSET MSETNX PSETEX SET SETEX SETNX "
          + "SETRANGE STRLEN SUBSTR";

  public static List<Command> all() {
    return List.of(
        APPEND, GET, GETDEL, GETEX, GETRANGE, GETSET, MGET, MSET, MSETNX, PSETEX, SET, SETEX, SETNX,
        SETRANGE, STRLEN, SUBSTR);
  }
}
