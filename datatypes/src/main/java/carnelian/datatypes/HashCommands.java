package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INSERT;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT_ORDER;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.HashCursor;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import java.util.List;

/// Hashes: fields and their values. HSCAN is in [ScanCommands], fields with deadlines in
/// [HashFieldCommands] and [HashFieldExpiryCommands].
public final class HashCommands {
  private static final ReplyError NOT_AN_INTEGER = ReplyError.err("hash value is not an integer");
  private static final ReplyError NOT_A_FLOAT = ReplyError.err("hash value is not a float");
  private static final ReplyError INFINITE_INCREMENT = ReplyError.err("value is NaN or Infinity");
  private static final ReplyError OUT_OF_RANGE = ReplyError.err("value is out of range");

  private HashCommands() {}

  /// HDEL — Deletes fields of a hash, and the hash with its last field.
  static final Command HDEL =
      command(
          declare("HDEL")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = fields to be removed")
              .summary("Deletes fields of a hash, and the hash with its last field.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, DELETE))
              .args(key("key"), string("field").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one `field`."),
          HashCommands::hdel);

  private static void hdel(Call call) {
    Slice key = call.arg(1);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = db.write(key, Type.HASH);
    int removed = 0;
    boolean emptied = false;
    for (int i = 2; hash != 0 && !emptied && i < call.argc(); i++) {
      // What is due goes by itself, so that a copy which gets this call has not more to delete.
      hash = hashes.expireField(db, hash, call.arg(i));
      if (hash != 0 && hashes.remove(db, hash, call.arg(i))) {
        removed++;
        emptied = hashes.isEmpty(hash);
      }
    }
    if (removed > 0) {
      call.changed(key, KeyEvent.HDEL, removed);
    }
    if (emptied) {
      db.deleteEmptied(key, hash);
    }
    call.reply().integer(removed);
  }

  /// HEXISTS — Tells whether a hash has a field.
  static final Command HEXISTS =
      command(
          declare("HEXISTS")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Tells whether a hash has a field.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"), string("field"))
              .replies(ReplyShape.integer()),
          HashCommands::hexists);

  private static void hexists(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    boolean exists = hash != 0 && call.keyspace().hashes().contains(hash, call.arg(2));
    call.reply().integer(exists ? 1 : 0);
  }

  /// HGET — Replies with the value of one field.
  static final Command HGET =
      command(
          declare("HGET")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Replies with the value of one field.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("field"))
              .replies(bulk(), nil()),
          HashCommands::hget);

  private static void hget(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    replyValue(call, hash, 2);
  }

  private static void replyValue(Call call, long hash, int argument) {
    Element value = call.element();
    if (hash != 0 && call.keyspace().hashes().get(hash, call.arg(argument), value)) {
      Elements.bulk(call.reply(), value);
    } else {
      call.reply().nil();
    }
  }

  /// HGETALL — Replies with all fields and their values.
  static final Command HGETALL =
      command(
          declare("HGETALL")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = size of the hash")
              .summary("Replies with all fields and their values.")
              .arity(2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(map())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          HashCommands::hgetall);

  private static void hgetall(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    Reply reply = call.reply();
    if (hash == 0) {
      reply.map(0);
      return;
    }
    Hashes hashes = call.keyspace().hashes();
    reply.map((int) hashes.count(hash));
    for (HashCursor each = hashes.fields(hash); each.next(); ) {
      Elements.bulk(reply, each.field());
      Elements.bulk(reply, each.value());
    }
  }

  /// HINCRBY — Adds a number to an integer field.
  static final Command HINCRBY =
      command(
          declare("HINCRBY")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Adds a number to an integer field.")
              .arity(4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), string("field"), integer("increment"))
              .replies(ReplyShape.integer()),
          HashCommands::hincrby);

  private static void hincrby(Call call) {
    long increment = call.integer(3);
    Slice key = call.arg(1);
    Slice field = call.arg(2);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = hashes.expireField(db, db.write(key, Type.HASH), field);
    Element value = call.element();
    long old = 0;
    if (hash != 0 && hashes.get(hash, field, value)) {
      if (!value.isLong()) {
        throw NOT_AN_INTEGER;
      }
      old = value.asLong();
    }
    long sum = old + increment;
    if (((old ^ sum) & (increment ^ sum)) < 0) {
      throw ReplyError.OVERFLOW;
    }
    if (hash == 0) {
      hash = hashes.create(db, key);
    }
    hashes.set(db, hash, field, sum);
    call.changed(key, KeyEvent.HINCRBY);
    call.reply().integer(sum);
  }

  /// HINCRBYFLOAT — Adds a floating-point number to a numeric field.
  static final Command HINCRBYFLOAT =
      command(
          declare("HINCRBYFLOAT")
              .group(Group.HASH)
              .since("2.6.0")
              .complexity("O(1)")
              .summary("Adds a floating-point number to a numeric field.")
              .arity(4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), string("field"), number("increment"))
              .replies(bulk()),
          HashCommands::hincrbyfloat);

  private static void hincrbyfloat(Call call) {
    LongDouble increment = LongDouble.parse(call.arg(3).toString());
    if (increment == null) {
      throw ReplyError.NOT_A_FLOAT;
    }
    if (!increment.isFinite()) {
      throw INFINITE_INCREMENT;
    }
    Slice key = call.arg(1);
    Slice field = call.arg(2);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = hashes.expireField(db, db.write(key, Type.HASH), field);
    Element value = call.element();
    LongDouble old = LongDouble.ZERO;
    if (hash != 0 && hashes.get(hash, field, value)) {
      old = LongDouble.parse(value);
      if (old == null) {
        throw NOT_A_FLOAT;
      }
    }
    LongDouble result = old.plus(increment);
    if (!result.isFinite()) {
      throw ReplyError.NAN_OR_INFINITY;
    }
    String sum = result.toString();
    if (hash == 0) {
      hash = hashes.create(db, key);
    }
    Slice digits = call.keyspace().scratch().ascii(sum);
    hashes.set(db, hash, field, digits, Database.KEEP_DEADLINE);
    call.changed(key, KeyEvent.HINCRBYFLOAT);
    // The sum, not the addends: a replica may round otherwise.
    if (hashes.deadline(hash, field) == Database.NO_DEADLINE) {
      call.replicateAs("HSET").arg(key).arg(field).arg(sum);
    } else {
      Effect effect = call.replicateAs("HSETEX").arg(key).arg("KEEPTTL").arg("FIELDS").arg(1);
      effect.arg(field).arg(sum);
    }
    call.reply().bulk(sum);
  }

  /// HKEYS — Replies with the names of all fields.
  static final Command HKEYS =
      command(
          declare("HKEYS")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = size of the hash")
              .summary("Replies with the names of all fields.")
              .arity(2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.set())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          HashCommands::hkeys);

  private static void hkeys(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    Hashes hashes = call.keyspace().hashes();
    call.reply().array(hash == 0 ? 0 : (int) hashes.count(hash));
    if (hash != 0) {
      for (HashCursor each = hashes.fields(hash); each.next(); ) {
        Elements.bulk(call.reply(), each.field());
      }
    }
  }

  /// HLEN — Replies with the number of fields.
  static final Command HLEN =
      command(
          declare("HLEN")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Replies with the number of fields.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          HashCommands::hlen);

  private static void hlen(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    call.reply().integer(hash == 0 ? 0 : call.keyspace().hashes().count(hash));
  }

  /// HMGET — Replies with the values of several fields.
  static final Command HMGET =
      command(
          declare("HMGET")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = fields requested")
              .summary("Replies with the values of several fields.")
              .arity(-3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("field").multiple())
              .replies(array()),
          HashCommands::hmget);

  private static void hmget(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      replyValue(call, hash, i);
    }
  }

  /// HMSET — Sets several fields.
  static final Command HMSET =
      command(
          declare("HMSET")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = fields set")
              .summary("Sets several fields.")
              .arity(-4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), block("data", string("field"), string("value")).multiple())
              .replies(ok())
              .deprecated("4.0.0", "`HSET` with multiple field-value pairs"),
          HashCommands::hmset);

  private static void hmset(Call call) {
    setFields(call);
    call.reply().ok();
  }

  /// HRANDFIELD — Replies with fields picked at random.
  static final Command HRANDFIELD =
      command(
          declare("HRANDFIELD")
              .group(Group.HASH)
              .since("6.2.0")
              .complexity("O(N), N = fields returned")
              .summary("Replies with fields picked at random.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  block("options", integer("count"), pureToken("WITHVALUES").optional()).optional())
              .replies(nil(), bulk(), array())
              .tips(NONDETERMINISTIC_OUTPUT),
          HashCommands::hrandfield);

  private static void hrandfield(Call call) {
    if (call.argc() > 2) {
      drawSome(call);
      return;
    }
    long hash = call.db().read(call.arg(1), Type.HASH);
    if (hash == 0 || call.keyspace().hashes().count(hash) == 0) {
      call.reply().nil();
      return;
    }
    Element field = new Element();
    call.keyspace().hashes().random(hash, call.random(), field, new Element());
    Elements.bulk(call.reply(), field);
  }

  /// A positive count asks for different fields, a negative one for independent draws.
  private static void drawSome(Call call) {
    long count = call.integerInRange(2, -Long.MAX_VALUE, Long.MAX_VALUE);
    if (call.argc() > 4 || (call.argc() == 4 && !call.is(3, "WITHVALUES"))) {
      throw ReplyError.SYNTAX;
    }
    boolean withValues = call.argc() == 4;
    if (withValues && Math.abs(count) > Long.MAX_VALUE / 2) {
      throw OUT_OF_RANGE;
    }
    long hash = call.db().read(call.arg(1), Type.HASH);
    if (hash == 0 || count == 0 || call.keyspace().hashes().count(hash) == 0) {
      call.reply().array(0);
    } else if (count < 0) {
      drawWithRepeats(call, hash, -count, withValues);
    } else {
      Hashes hashes = call.keyspace().hashes();
      long drawn = Math.min(count, hashes.count(hash));
      Elements.beginPairs(call.reply(), drawn, withValues);
      hashes.sample(
          hash,
          drawn,
          call.random(),
          (field, value) -> Elements.pair(call.reply(), field, value, withValues));
    }
  }

  private static void drawWithRepeats(Call call, long hash, long count, boolean withValues) {
    if (count > Integer.MAX_VALUE / 2) {
      throw OUT_OF_RANGE;
    }
    Element field = new Element();
    Element value = new Element();
    Elements.beginPairs(call.reply(), count, withValues);
    for (long i = 0; i < count; i++) {
      call.keyspace().hashes().random(hash, call.random(), field, value);
      Elements.pair(call.reply(), field, value, withValues);
    }
  }

  /// HSET — Sets fields of a hash, which is created if there is none.
  static final Command HSET =
      command(
          declare("HSET")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1) for each field")
              .summary("Sets fields of a hash, which is created if there is none.")
              .arity(-4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), block("data", string("field"), string("value")).multiple())
              .replies(ReplyShape.integer())
              .history("4.0.0", "Takes more than one `field` and `value`."),
          HashCommands::hset);

  private static void hset(Call call) {
    call.reply().integer(setFields(call));
  }

  /// Returns how many of the fields are new.
  private static int setFields(Call call) {
    if (call.argc() % 2 != 0) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
    Slice key = call.arg(1);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = db.write(key, Type.HASH);
    if (hash == 0) {
      hash = hashes.create(db, key);
    }
    int created = 0;
    for (int i = 2; i < call.argc(); i += 2) {
      if (hashes.set(db, hash, call.arg(i), call.arg(i + 1))) {
        created++;
      }
    }
    call.changed(key, KeyEvent.HSET, (call.argc() - 2) / 2);
    return created;
  }

  /// HSETNX — Sets a field that does not exist yet.
  static final Command HSETNX =
      command(
          declare("HSETNX")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(1)")
              .summary("Sets a field that does not exist yet.")
              .arity(4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("field"), string("value"))
              .replies(ReplyShape.integer()),
          HashCommands::hsetnx);

  private static void hsetnx(Call call) {
    Slice key = call.arg(1);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = hashes.expireField(db, db.write(key, Type.HASH), call.arg(2));
    if (hash != 0 && hashes.contains(hash, call.arg(2))) {
      call.reply().integer(0);
      return;
    }
    if (hash == 0) {
      hash = hashes.create(db, key);
    }
    hashes.set(db, hash, call.arg(2), call.arg(3));
    call.changed(key, KeyEvent.HSET);
    call.reply().integer(1);
  }

  /// HSTRLEN — Replies with the length of a field's value.
  static final Command HSTRLEN =
      command(
          declare("HSTRLEN")
              .group(Group.HASH)
              .since("3.2.0")
              .complexity("O(1)")
              .summary("Replies with the length of a field's value.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"), string("field"))
              .replies(ReplyShape.integer()),
          HashCommands::hstrlen);

  private static void hstrlen(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    Element value = call.element();
    boolean exists = hash != 0 && call.keyspace().hashes().get(hash, call.arg(2), value);
    call.reply().integer(exists ? value.length() : 0);
  }

  /// HVALS — Replies with the values of all fields.
  static final Command HVALS =
      command(
          declare("HVALS")
              .group(Group.HASH)
              .since("2.0.0")
              .complexity("O(N), N = size of the hash")
              .summary("Replies with the values of all fields.")
              .arity(2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(array())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          HashCommands::hvals);

  private static void hvals(Call call) {
    long hash = call.db().read(call.arg(1), Type.HASH);
    Hashes hashes = call.keyspace().hashes();
    call.reply().array(hash == 0 ? 0 : (int) hashes.count(hash));
    if (hash != 0) {
      for (HashCursor each = hashes.fields(hash); each.next(); ) {
        Elements.bulk(call.reply(), each.value());
      }
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HRANDFIELD "
          + "HSET HSETNX HSTRLEN HVALS";

  public static List<Command> all() {
    return List.of(
        HDEL,
        HEXISTS,
        HGET,
        HGETALL,
        HINCRBY,
        HINCRBYFLOAT,
        HKEYS,
        HLEN,
        HMGET,
        HMSET,
        HRANDFIELD,
        HSET,
        HSETNX,
        HSTRLEN,
        HVALS);
  }
}
