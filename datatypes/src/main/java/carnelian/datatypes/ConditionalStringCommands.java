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
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Strings that are set or deleted on a condition, by commands that came after Redis 7.2. `SET`
/// with `IFEQ` is in [StringCommands].
public final class ConditionalStringCommands {
  private static final int FIRST_PAIR = 2;

  private static final ReplyError INVALID_NUMKEYS = ReplyError.err("invalid numkeys value");

  private ConditionalStringCommands() {}

  /// DELIFEQ — Deletes a key if it holds this string.
  static final Command DELIFEQ =
      command(
          declare("DELIFEQ")
              .group(Group.STRING)
              .since("9.0.0")
              .complexity("O(1)")
              .summary("Deletes a key if it holds this string.")
              .arity(3)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), string("value"))
              .replies(ReplyShape.integer()),
          ConditionalStringCommands::delifeq);

  private static void delifeq(Call call) {
    Slice key = call.arg(1);
    long entry = call.db().write(key, Type.STRING);
    if (entry == 0 || !holds(call, entry, call.arg(2))) {
      call.reply().integer(0);
      return;
    }
    call.db().delete(key);
    call.replicateAs("DEL").arg(key);
    call.reply().integer(1);
  }

  /// Whether a string is these bytes.
  static boolean holds(Call call, long entry, Slice value) {
    return call.keyspace().strings().get(entry, call.element()).contentEquals(value);
  }

  /// MSETEX — Sets several strings at once with one expiry, if all or none of the keys exist.
  static final Command MSETEX =
      command(
          declare("MSETEX")
              .group(Group.STRING)
              .since("8.4.0")
              .complexity("O(N), N = keys to set")
              .summary(
                  "Sets several strings at once with one expiry, if all or none of the keys"
                      + " exist.")
              .arity(-4)
              .flags(WRITE, DENYOOM)
              .keys(counted(1, OW, UPDATE).step(2))
              .args(
                  integer("numkeys"),
                  block("data", key("key"), string("value")).multiple(),
                  oneOf("condition", pureToken("NX"), pureToken("XX")).optional(),
                  oneOf(
                          "expiration",
                          integer("seconds").token("EX"),
                          integer("milliseconds").token("PX"),
                          unixTime("unix-time-seconds").token("EXAT"),
                          unixTime("unix-time-milliseconds").token("PXAT"),
                          pureToken("KEEPTTL"))
                      .optional())
              .replies(ReplyShape.integer()),
          ConditionalStringCommands::msetex);

  private static void msetex(Call call) {
    long count = call.integer(1, 1, Integer.MAX_VALUE, INVALID_NUMKEYS);
    if (2 * count > call.argc() - FIRST_PAIR) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
    int end = FIRST_PAIR + 2 * (int) count;
    boolean nx = false;
    boolean xx = false;
    boolean keeps = false;
    Deadlines.Unit unit = null;
    int expiryAt = 0;
    for (int i = end; i < call.argc(); i++) {
      Deadlines.Unit given = Deadlines.unit(call, i);
      if (given != null && unit == null && i + 1 < call.argc()) {
        unit = given;
        expiryAt = ++i;
      } else if (call.is(i, "NX")) {
        nx = true;
      } else if (call.is(i, "XX")) {
        xx = true;
      } else if (call.is(i, "KEEPTTL")) {
        keeps = true;
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    if ((nx && xx) || (keeps && unit != null)) {
      throw ReplyError.SYNTAX;
    }
    long deadline = keeps ? Database.KEEP_DEADLINE : Database.NO_DEADLINE;
    if (unit != null) {
      deadline = Deadlines.millis(call, expiryAt, unit);
    }
    if ((nx || xx) && !exist(call, end, xx)) {
      call.reply().integer(0);
      return;
    }
    setAll(call, end, deadline);
    call.reply().integer(1);
  }

  private static boolean exist(Call call, int end, boolean wanted) {
    for (int i = FIRST_PAIR; i < end; i += 2) {
      if (call.db().write(call.arg(i)) != 0 != wanted) {
        return false;
      }
    }
    return true;
  }

  /// Copies of the data get a SET for each key, which every server knows.
  private static void setAll(Call call, int end, long deadline) {
    for (int i = FIRST_PAIR; i < end; i += 2) {
      Slice key = call.arg(i);
      Slice value = call.arg(i + 1);
      call.keyspace().strings().set(call.db(), key, value, deadline);
      call.changed(key, KeyEvent.SET);
      Effect effect = call.replicateAs("SET").arg(key).arg(value);
      if (deadline >= 0) {
        call.changed(key, KeyEvent.EXPIRE, 0);
        effect.arg("PXAT").arg(deadline);
      } else if (deadline == Database.KEEP_DEADLINE) {
        effect.arg("KEEPTTL");
      }
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "DELIFEQ MSETEX";

  public static List<Command> all() {
    return List.of(DELIFEQ, MSETEX);
  }
}
