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
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.command.Arg;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.Type;
import java.util.List;

/// Deadlines of hashes' fields: set, asked for, taken away. See [HashFieldCommands] for those that
/// read or write values as well.
///
/// Each replies one number for each field, in the order of the call. What a copy of the data gets
/// names the fields that were changed, no others, and absolute times.
public final class HashFieldExpiryCommands {
  private static final long NO_FIELD_REPLY = -2;
  private static final long NO_DEADLINE_REPLY = -1;
  private static final long CONDITION_NOT_MET = 0;
  private static final long DONE = 1;
  private static final long DELETED = 2;

  private static final long MILLIS_PER_SECOND = 1000;

  private HashFieldExpiryCommands() {}

  private static Arg fields() {
    return block("fields", integer("numfields"), string("field").multiple()).token("FIELDS");
  }

  private static Arg condition() {
    return oneOf("condition", pureToken("NX"), pureToken("XX"), pureToken("GT"), pureToken("LT"))
        .optional();
  }

  /// HEXPIRE — Sets after how many seconds fields expire.
  static final Command HEXPIRE =
      command(
          declare("HEXPIRE")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Sets after how many seconds fields expire.")
              .arity(-6)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), integer("seconds"), condition(), fields())
              .replies(array()),
          HashFieldExpiryCommands::hexpire);

  private static void hexpire(Call call) {
    expire(call, Deadlines.Unit.EX);
  }

  private static void expire(Call call, Deadlines.Unit unit) {
    long deadline = HashFieldArguments.deadline(call, 2, unit);
    HashFieldArguments fields = HashFieldArguments.of(call, 3, HashFieldArguments.CONDITIONS, 1);
    FieldChanges changes = new FieldChanges(call, fields, deadline);
    call.reply().array(fields.count());
    for (int i = fields.first(); i < fields.first() + fields.count(); i++) {
      long present = changes.present(i);
      if (present == Hashes.NO_FIELD) {
        call.reply().integer(NO_FIELD_REPLY);
      } else if (!fields.holds(present, deadline)) {
        call.reply().integer(CONDITION_NOT_MET);
      } else {
        changes.expire(i);
        call.reply().integer(changes.deletes() ? DELETED : DONE);
      }
    }
    changes.end();
  }

  /// HEXPIREAT — Sets the Unix time in seconds at which fields expire.
  static final Command HEXPIREAT =
      command(
          declare("HEXPIREAT")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Sets the Unix time in seconds at which fields expire.")
              .arity(-6)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), unixTime("unix-time-seconds"), condition(), fields())
              .replies(array()),
          HashFieldExpiryCommands::hexpireat);

  private static void hexpireat(Call call) {
    expire(call, Deadlines.Unit.EXAT);
  }

  /// HEXPIRETIME — Replies with the Unix time in seconds at which fields expire.
  static final Command HEXPIRETIME =
      command(
          declare("HEXPIRETIME")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Replies with the Unix time in seconds at which fields expire.")
              .arity(-5)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), fields())
              .replies(array()),
          HashFieldExpiryCommands::hexpiretime);

  private static void hexpiretime(Call call) {
    ask(call, 0, MILLIS_PER_SECOND);
  }

  /// Replies with each deadline less `base`, in units of so many ms, rounded up.
  private static void ask(Call call, long base, long unitMillis) {
    HashFieldArguments fields = HashFieldArguments.of(call, 2, 0, 1);
    long hash = call.db().read(call.arg(1), Type.HASH);
    Hashes hashes = call.keyspace().hashes();
    call.reply().array(fields.count());
    for (int i = fields.first(); i < fields.first() + fields.count(); i++) {
      long deadline = hash == 0 ? Hashes.NO_FIELD : hashes.deadline(hash, call.arg(i));
      if (deadline == Hashes.NO_FIELD) {
        call.reply().integer(NO_FIELD_REPLY);
      } else if (deadline == Database.NO_DEADLINE) {
        call.reply().integer(NO_DEADLINE_REPLY);
      } else {
        call.reply().integer((deadline - base + unitMillis - 1) / unitMillis);
      }
    }
  }

  /// HPERSIST — Removes the expiry of fields.
  static final Command HPERSIST =
      command(
          declare("HPERSIST")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Removes the expiry of fields.")
              .arity(-5)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), fields())
              .replies(array()),
          HashFieldExpiryCommands::hpersist);

  private static void hpersist(Call call) {
    HashFieldArguments fields = HashFieldArguments.of(call, 2, 0, 1);
    FieldChanges changes = new FieldChanges(call, fields, Database.NO_DEADLINE);
    call.reply().array(fields.count());
    for (int i = fields.first(); i < fields.first() + fields.count(); i++) {
      long present = changes.present(i);
      if (present == Hashes.NO_FIELD) {
        call.reply().integer(NO_FIELD_REPLY);
      } else if (present == Database.NO_DEADLINE) {
        call.reply().integer(NO_DEADLINE_REPLY);
      } else {
        changes.persist(i);
        call.reply().integer(DONE);
      }
    }
    changes.end();
  }

  /// HPEXPIRE — Sets after how many milliseconds fields expire.
  static final Command HPEXPIRE =
      command(
          declare("HPEXPIRE")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Sets after how many milliseconds fields expire.")
              .arity(-6)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), integer("milliseconds"), condition(), fields())
              .replies(array()),
          HashFieldExpiryCommands::hpexpire);

  private static void hpexpire(Call call) {
    expire(call, Deadlines.Unit.PX);
  }

  /// HPEXPIREAT — Sets the Unix time in milliseconds at which fields expire.
  static final Command HPEXPIREAT =
      command(
          declare("HPEXPIREAT")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Sets the Unix time in milliseconds at which fields expire.")
              .arity(-6)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), unixTime("unix-time-milliseconds"), condition(), fields())
              .replies(array()),
          HashFieldExpiryCommands::hpexpireat);

  private static void hpexpireat(Call call) {
    expire(call, Deadlines.Unit.PXAT);
  }

  /// HPEXPIRETIME — Replies with the Unix time in milliseconds at which fields expire.
  static final Command HPEXPIRETIME =
      command(
          declare("HPEXPIRETIME")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Replies with the Unix time in milliseconds at which fields expire.")
              .arity(-5)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), fields())
              .replies(array()),
          HashFieldExpiryCommands::hpexpiretime);

  private static void hpexpiretime(Call call) {
    ask(call, 0, 1);
  }

  /// HPTTL — Replies with the milliseconds that fields still have.
  static final Command HPTTL =
      command(
          declare("HPTTL")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Replies with the milliseconds that fields still have.")
              .arity(-5)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), fields())
              .replies(array())
              .tips(NONDETERMINISTIC_OUTPUT),
          HashFieldExpiryCommands::hpttl);

  private static void hpttl(Call call) {
    ask(call, call.nowMillis(), 1);
  }

  /// HTTL — Replies with the seconds that fields still have.
  static final Command HTTL =
      command(
          declare("HTTL")
              .group(Group.HASH)
              .since("7.4.0")
              .complexity("O(N), N = fields named")
              .summary("Replies with the seconds that fields still have.")
              .arity(-5)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), fields())
              .replies(array())
              .tips(NONDETERMINISTIC_OUTPUT),
          HashFieldExpiryCommands::httl);

  private static void httl(Call call) {
    ask(call, call.nowMillis(), MILLIS_PER_SECOND);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "HEXPIRE HEXPIREAT HEXPIRETIME HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HTTL";

  public static List<Command> all() {
    return List.of(
        HEXPIRE, HEXPIREAT, HEXPIRETIME, HPERSIST, HPEXPIRE, HPEXPIREAT, HPEXPIRETIME, HPTTL, HTTL);
  }
}
