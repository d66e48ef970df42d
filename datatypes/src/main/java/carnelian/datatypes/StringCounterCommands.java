package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Strings;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Numbers in strings, added to in one step.
public final class StringCounterCommands {
  private static final ReplyError DECREMENT_OVERFLOW = ReplyError.err("decrement would overflow");

  private StringCounterCommands() {}

  /// DECR — Subtracts one from an integer.
  static final Command DECR =
      command(
          declare("DECR")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Subtracts one from an integer.")
              .arity(2)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          StringCounterCommands::decr);

  private static void decr(Call call) {
    add(call, -1);
  }

  private static void add(Call call, long increment) {
    Slice key = call.arg(1);
    Strings strings = call.keyspace().strings();
    long entry = call.db().write(key, Type.STRING);
    long old = 0;
    if (entry != 0) {
      if (!strings.isLong(entry)) {
        throw ReplyError.NOT_AN_INTEGER;
      }
      old = strings.asLong(entry);
    }
    long sum = old + increment;
    if (((old ^ sum) & (increment ^ sum)) < 0) {
      throw ReplyError.OVERFLOW;
    }
    strings.setInteger(call.db(), key, entry, sum);
    call.changed(key, KeyEvent.INCRBY);
    call.reply().integer(sum);
  }

  /// DECRBY — Subtracts a number from an integer.
  static final Command DECRBY =
      command(
          declare("DECRBY")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Subtracts a number from an integer.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), integer("decrement"))
              .replies(ReplyShape.integer()),
          StringCounterCommands::decrby);

  private static void decrby(Call call) {
    long decrement = call.integer(2);
    if (decrement == Long.MIN_VALUE) {
      throw DECREMENT_OVERFLOW;
    }
    add(call, -decrement);
  }

  /// INCR — Adds one to an integer.
  static final Command INCR =
      command(
          declare("INCR")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Adds one to an integer.")
              .arity(2)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          StringCounterCommands::incr);

  private static void incr(Call call) {
    add(call, 1);
  }

  /// INCRBY — Adds a number to an integer.
  static final Command INCRBY =
      command(
          declare("INCRBY")
              .group(Group.STRING)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Adds a number to an integer.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), integer("increment"))
              .replies(ReplyShape.integer()),
          StringCounterCommands::incrby);

  private static void incrby(Call call) {
    add(call, call.integer(2));
  }

  /// INCRBYFLOAT — Adds a floating-point number to a number.
  static final Command INCRBYFLOAT =
      command(
          declare("INCRBYFLOAT")
              .group(Group.STRING)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Adds a floating-point number to a number.")
              .arity(3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), number("increment"))
              .replies(ReplyShape.bulk()),
          StringCounterCommands::incrbyfloat);

  private static void incrbyfloat(Call call) {
    Slice key = call.arg(1);
    Strings strings = call.keyspace().strings();
    long entry = call.db().write(key, Type.STRING);
    LongDouble old = LongDouble.ZERO;
    if (entry != 0) {
      old = LongDouble.parse(strings.get(entry, call.element()));
      if (old == null) {
        throw ReplyError.NOT_A_FLOAT;
      }
    }
    LongDouble increment = LongDouble.parse(call.arg(2).toString());
    if (increment == null) {
      throw ReplyError.NOT_A_FLOAT;
    }
    LongDouble result = old.plus(increment);
    if (!result.isFinite()) {
      throw ReplyError.NAN_OR_INFINITY;
    }
    String sum = result.toString();
    Slice text = call.keyspace().scratch().ascii(sum);
    strings.setText(call.db(), key, text, Database.KEEP_DEADLINE);
    call.changed(key, KeyEvent.INCRBYFLOAT);
    // The sum, not the addends: a replica may round otherwise.
    call.replicateAs("SET").arg(key).arg(sum).arg("KEEPTTL");
    call.reply().bulk(sum);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "DECR DECRBY INCR INCRBY INCRBYFLOAT";

  public static List<Command> all() {
    return List.of(DECR, DECRBY, INCR, INCRBY, INCRBYFLOAT);
  }
}
