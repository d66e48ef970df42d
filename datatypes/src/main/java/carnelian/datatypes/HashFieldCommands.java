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
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.engine.Command.command;

import carnelian.command.Arg;
import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Named fields of hashes with their deadlines: read or written together in one command.
public final class HashFieldCommands {
  private HashFieldCommands() {}

  private static Arg fields() {
    return block("fields", integer("numfields"), string("field").multiple()).token("FIELDS");
  }

  /// HGETDEL — Replies with the values of fields and deletes them, and the hash with its last one.
  static final Command HGETDEL =
      command(
          declare("HGETDEL")
              .group(Group.HASH)
              .since("8.0.0")
              .complexity("O(N), N = fields named")
              .summary(
                  "Replies with the values of fields and deletes them, and the hash with its last"
                      + " one.")
              .arity(-5)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), fields())
              .replies(array()),
          HashFieldCommands::hgetdel);

  private static void hgetdel(Call call) {
    HashFieldArguments fields = HashFieldArguments.of(call, 2, 0, 1);
    FieldChanges changes = new FieldChanges(call, fields, Database.NO_DEADLINE);
    call.reply().array(fields.count());
    for (int i = fields.first(); i < fields.first() + fields.count(); i++) {
      if (changes.replyValue(i)) {
        changes.delete(i);
      }
    }
    changes.end();
  }

  /// HGETEX — Replies with the values of fields and may set, change or remove their expiry.
  static final Command HGETEX =
      command(
          declare("HGETEX")
              .group(Group.HASH)
              .since("8.0.0")
              .complexity("O(N), N = fields named")
              .summary(
                  "Replies with the values of fields and may set, change or remove their expiry.")
              .arity(-5)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, UPDATE).notes("It may change the expiry of fields."))
              .args(
                  key("key"),
                  oneOf(
                          "expiration",
                          integer("seconds").token("EX"),
                          integer("milliseconds").token("PX"),
                          unixTime("unix-time-seconds").token("EXAT"),
                          unixTime("unix-time-milliseconds").token("PXAT"),
                          pureToken("PERSIST"))
                      .optional(),
                  fields())
              .replies(array()),
          HashFieldCommands::hgetex);

  private static void hgetex(Call call) {
    int accepted = HashFieldArguments.EXPIRY | HashFieldArguments.PERSIST;
    HashFieldArguments fields = HashFieldArguments.of(call, 2, accepted, 1);
    long deadline = fields.deadline(call);
    FieldChanges changes = new FieldChanges(call, fields, deadline);
    call.reply().array(fields.count());
    for (int i = fields.first(); i < fields.first() + fields.count(); i++) {
      boolean found = changes.replyValue(i);
      if (found && deadline >= 0) {
        changes.expire(i);
      } else if (found && fields.has(HashFieldArguments.PERSIST)) {
        changes.persist(i);
      }
    }
    changes.end();
  }

  /// HSETEX — Sets fields and may set their expiry, if all or none of them exist.
  static final Command HSETEX =
      command(
          declare("HSETEX")
              .group(Group.HASH)
              .since("8.0.0")
              .complexity("O(N), N = fields named")
              .summary("Sets fields and may set their expiry, if all or none of them exist.")
              .arity(-6)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  oneOf("condition", pureToken("FNX"), pureToken("FXX")).optional(),
                  oneOf(
                          "expiration",
                          integer("seconds").token("EX"),
                          integer("milliseconds").token("PX"),
                          unixTime("unix-time-seconds").token("EXAT"),
                          unixTime("unix-time-milliseconds").token("PXAT"),
                          pureToken("KEEPTTL"))
                      .optional(),
                  block(
                          "fields",
                          integer("numfields"),
                          block("data", string("field"), string("value")).multiple())
                      .token("FIELDS"))
              .replies(ReplyShape.integer()),
          HashFieldCommands::hsetex);

  private static void hsetex(Call call) {
    int accepted =
        HashFieldArguments.EXPIRY | HashFieldArguments.KEEPTTL | HashFieldArguments.EXISTENCE;
    HashFieldArguments fields = HashFieldArguments.of(call, 2, accepted, 2);
    long deadline = fields.deadline(call);
    FieldChanges changes = new FieldChanges(call, fields, deadline);
    if (!existAsAsked(fields, changes)) {
      call.reply().integer(0);
      return;
    }
    int end = fields.first() + 2 * fields.count();
    if (deadline >= 0 && changes.deletes()) {
      for (int i = fields.first(); i < end; i += 2) {
        if (changes.present(i) != Hashes.NO_FIELD) {
          changes.delete(i);
        }
      }
      changes.end();
    } else {
      setFields(call, fields, deadline);
    }
    call.reply().integer(1);
  }

  private static boolean existAsAsked(HashFieldArguments fields, FieldChanges changes) {
    int end = fields.first() + 2 * fields.count();
    for (int i = fields.first(); i < end; i += 2) {
      boolean exists = changes.present(i) != Hashes.NO_FIELD;
      if ((fields.has(HashFieldArguments.FNX) && exists)
          || (fields.has(HashFieldArguments.FXX) && !exists)) {
        return false;
      }
    }
    return true;
  }

  /// Copies of the data get no condition: it was met.
  private static void setFields(Call call, HashFieldArguments fields, long deadline) {
    boolean keeps = fields.has(HashFieldArguments.KEEPTTL);
    Slice key = call.arg(1);
    Database db = call.db();
    Hashes hashes = call.keyspace().hashes();
    long hash = db.write(key, Type.HASH);
    int end = fields.first() + 2 * fields.count();
    for (int i = fields.first(); i < end; i += 2) {
      hash = hashes.expireField(db, hash, call.arg(i));
    }
    if (hash == 0) {
      hash = hashes.create(db, key);
    }
    for (int i = fields.first(); i < end; i += 2) {
      long wanted = keeps ? Database.KEEP_DEADLINE : deadline;
      boolean _ = hashes.set(db, hash, call.arg(i), call.arg(i + 1), wanted);
    }
    call.changed(key, KeyEvent.HSET, fields.count());
    if (deadline >= 0) {
      call.changed(key, KeyEvent.HEXPIRE, 0);
    }
    Effect effect = call.replicateAs(keeps || deadline >= 0 ? "HSETEX" : "HSET").arg(key);
    if (keeps) {
      effect.arg("KEEPTTL").arg("FIELDS").arg(fields.count());
    } else if (deadline >= 0) {
      effect.arg("PXAT").arg(deadline).arg("FIELDS").arg(fields.count());
    }
    for (int i = fields.first(); i < end; i++) {
      effect.arg(call.arg(i));
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "HGETDEL HGETEX HSETEX";

  public static List<Command> all() {
    return List.of(HGETDEL, HGETEX, HSETEX);
  }
}
