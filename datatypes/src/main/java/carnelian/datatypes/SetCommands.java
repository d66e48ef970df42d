package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
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
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.set;
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
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SetCursor;
import carnelian.keyspace.Sets;
import carnelian.keyspace.Type;
import carnelian.keyspace.WrongTypeException;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import java.util.List;

/// Sets, one at a time: members in and out, asked for, and drawn at random. What takes several sets
/// together is in [SetAlgebraCommands], SSCAN in [ScanCommands].
public final class SetCommands {
  private static final ReplyError OUT_OF_RANGE = ReplyError.err("value is out of range");

  /// Members in one propagated SREM: bounds its length.
  private static final int REMOVALS_PER_COMMAND = 1024;

  private SetCommands() {}

  /// SADD — Adds members to a set, which is created if there is none.
  static final Command SADD =
      command(
          declare("SADD")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(1) for each member")
              .summary("Adds members to a set, which is created if there is none.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("member").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one `member`."),
          SetCommands::sadd);

  private static void sadd(Call call) {
    Slice key = call.arg(1);
    Database db = call.db();
    Sets sets = call.keyspace().sets();
    long set = db.write(key, Type.SET);
    if (set == 0) {
      set = sets.create(db, key, call.arg(2), call.argc() - 2);
    }
    int added = 0;
    for (int i = 2; i < call.argc(); i++) {
      if (sets.add(db, set, call.arg(i))) {
        added++;
      }
    }
    if (added > 0) {
      call.changed(key, KeyEvent.SADD, added);
    }
    call.reply().integer(added);
  }

  /// SCARD — Replies with the number of members.
  static final Command SCARD =
      command(
          declare("SCARD")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with the number of members.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          SetCommands::scard);

  private static void scard(Call call) {
    long set = call.db().read(call.arg(1), Type.SET);
    call.reply().integer(set == 0 ? 0 : call.keyspace().sets().count(set));
  }

  /// SISMEMBER — Tells whether something is a member of a set.
  static final Command SISMEMBER =
      command(
          declare("SISMEMBER")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Tells whether something is a member of a set.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"), string("member"))
              .replies(ReplyShape.integer()),
          SetCommands::sismember);

  private static void sismember(Call call) {
    long set = call.db().read(call.arg(1), Type.SET);
    call.reply().integer(isMember(call, set, 2));
  }

  private static int isMember(Call call, long set, int argument) {
    return set != 0 && call.keyspace().sets().contains(set, call.arg(argument)) ? 1 : 0;
  }

  /// SMEMBERS — Replies with all members.
  static final Command SMEMBERS =
      command(
          declare("SMEMBERS")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = set cardinality")
              .summary("Replies with all members.")
              .arity(2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.set())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          SetCommands::smembers);

  private static void smembers(Call call) {
    long set = call.db().read(call.arg(1), Type.SET);
    Reply reply = call.reply();
    if (set == 0) {
      reply.set(0);
      return;
    }
    reply.set((int) call.keyspace().sets().count(set));
    for (SetCursor each = call.keyspace().sets().members(set); each.next(); ) {
      Elements.bulk(reply, each.member());
    }
  }

  /// SMISMEMBER — Tells for each of several values whether it is a member.
  static final Command SMISMEMBER =
      command(
          declare("SMISMEMBER")
              .group(Group.SET)
              .since("6.2.0")
              .complexity("O(N), N = values asked for")
              .summary("Tells for each of several values whether it is a member.")
              .arity(-3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member").multiple())
              .replies(array()),
          SetCommands::smismember);

  private static void smismember(Call call) {
    long set = call.db().read(call.arg(1), Type.SET);
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      call.reply().integer(isMember(call, set, i));
    }
  }

  /// SMOVE — Moves a member from one set to another.
  static final Command SMOVE =
      command(
          declare("SMOVE")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Moves a member from one set to another.")
              .arity(4)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE), at(2, RW, INSERT))
              .args(key("source"), key("destination").keySpec(1), string("member"))
              .replies(ReplyShape.integer()),
          SetCommands::smove);

  private static void smove(Call call) {
    Slice sourceKey = call.arg(1);
    Slice targetKey = call.arg(2);
    Slice member = call.arg(3);
    Database db = call.db();
    Sets sets = call.keyspace().sets();
    long source = db.write(sourceKey);
    long target = db.write(targetKey); // Whatever the source is: if it has expired, it goes.
    if (source == 0) {
      call.reply().integer(0);
      return;
    }
    if (Database.type(source) != Type.SET || target != 0 && Database.type(target) != Type.SET) {
      throw WrongTypeException.INSTANCE;
    }
    if (source == target) {
      call.reply().integer(sets.contains(source, member) ? 1 : 0);
      return;
    }
    if (!sets.contains(source, member)) {
      call.reply().integer(0);
      return;
    }
    if (target == 0) {
      target = sets.create(db, targetKey, member, 1);
    }
    // Before it is taken out, for only this may fail.
    boolean added = sets.add(db, target, member);
    sets.remove(db, source, member);
    call.changed(sourceKey, KeyEvent.SREM);
    if (sets.count(source) == 0) {
      db.deleteEmptied(sourceKey, source);
    }
    if (added) {
      call.changed(targetKey, KeyEvent.SADD);
    }
    call.reply().integer(1);
  }

  /// SPOP — Removes members picked at random and replies with them.
  static final Command SPOP =
      command(
          declare("SPOP")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = count")
              .summary("Removes members picked at random and replies with them.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), integer("count").since("3.2.0").optional())
              .replies(nil(), bulk(), ReplyShape.set())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("3.2.0", "Takes `count`."),
          SetCommands::spop);

  private static void spop(Call call) {
    if (call.argc() > 3) {
      throw ReplyError.SYNTAX;
    }
    if (call.argc() == 3) {
      popSome(call);
      return;
    }
    Slice key = call.arg(1);
    long set = call.db().write(key, Type.SET);
    if (set == 0) {
      call.reply().nil();
      return;
    }
    Element member = call.keyspace().sets().random(set, call.random(), new Element());
    Elements.bulk(call.reply(), member);
    call.replicateAs("SREM").arg(key).arg(member);
    call.keyspace().sets().remove(call.db(), set, member);
    call.changed(key, KeyEvent.SPOP);
    deleteIfEmpty(call, key, set);
  }

  private static void popSome(Call call) {
    Slice key = call.arg(1);
    long count = call.integer(2, 0, Long.MAX_VALUE, ReplyError.MUST_BE_POSITIVE);
    long set = call.db().write(key, Type.SET);
    Reply reply = call.reply();
    if (set == 0 || count == 0) {
      reply.set(0);
      return;
    }
    long size = call.keyspace().sets().count(set);
    if (count >= size) {
      popAll(call, key, set, size);
      return;
    }
    Sets sets = call.keyspace().sets();
    Element member = new Element();
    Effect removal = null;
    reply.set((int) count);
    for (int popped = 0; popped < count; popped++) {
      if (removal == null || popped % REMOVALS_PER_COMMAND == 0) {
        removal = call.replicateAs("SREM").arg(key);
      }
      sets.random(set, call.random(), member);
      Elements.bulk(reply, member);
      removal.arg(member);
      sets.remove(call.db(), set, member);
    }
    call.changed(key, KeyEvent.SPOP, count);
  }

  private static void popAll(Call call, Slice key, long set, long size) {
    smembers(call);
    call.changed(key, KeyEvent.SPOP, size);
    call.db().deleteEmptied(key, set);
    call.replicateAs("DEL").arg(key);
  }

  /// SRANDMEMBER — Replies with members picked at random.
  static final Command SRANDMEMBER =
      command(
          declare("SRANDMEMBER")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = count")
              .summary("Replies with members picked at random.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("count").since("2.6.0").optional())
              .replies(nil(), bulk(), array())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("2.6.0", "Takes `count`."),
          SetCommands::srandmember);

  private static void srandmember(Call call) {
    if (call.argc() > 3) {
      throw ReplyError.SYNTAX;
    }
    if (call.argc() == 3) {
      drawSome(call);
      return;
    }
    long set = call.db().read(call.arg(1), Type.SET);
    if (set == 0) {
      call.reply().nil();
      return;
    }
    Element member = new Element();
    Elements.bulk(call.reply(), call.keyspace().sets().random(set, call.random(), member));
  }

  /// A positive count asks for different members, a negative one for independent draws.
  private static void drawSome(Call call) {
    long count = call.integerInRange(2, -Long.MAX_VALUE, Long.MAX_VALUE);
    long set = call.db().read(call.arg(1), Type.SET);
    Reply reply = call.reply();
    if (set == 0 || count == 0) {
      reply.array(0);
    } else if (count < 0) {
      drawWithRepeats(call, set, -count);
    } else {
      long drawn = Math.min(count, call.keyspace().sets().count(set));
      reply.array((int) drawn);
      call.keyspace().sets().sample(set, drawn, call.random(), each -> Elements.bulk(reply, each));
    }
  }

  private static void drawWithRepeats(Call call, long set, long count) {
    if (count > Integer.MAX_VALUE) {
      throw OUT_OF_RANGE;
    }
    Element member = new Element();
    call.reply().array((int) count);
    for (long i = 0; i < count; i++) {
      Elements.bulk(call.reply(), call.keyspace().sets().random(set, call.random(), member));
    }
  }

  /// SREM — Removes members from a set, and the set with its last member.
  static final Command SREM =
      command(
          declare("SREM")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = members to be removed")
              .summary("Removes members from a set, and the set with its last member.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, DELETE))
              .args(key("key"), string("member").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one `member`."),
          SetCommands::srem);

  private static void srem(Call call) {
    Slice key = call.arg(1);
    Database db = call.db();
    Sets sets = call.keyspace().sets();
    long set = db.write(key, Type.SET);
    int removed = 0;
    boolean emptied = false;
    for (int i = 2; set != 0 && !emptied && i < call.argc(); i++) {
      if (sets.remove(db, set, call.arg(i))) {
        removed++;
        emptied = call.keyspace().sets().count(set) == 0;
      }
    }
    if (removed > 0) {
      call.changed(key, KeyEvent.SREM, removed);
      deleteIfEmpty(call, key, set);
    }
    call.reply().integer(removed);
  }

  private static void deleteIfEmpty(Call call, Slice key, long set) {
    if (call.keyspace().sets().count(set) == 0) {
      call.db().deleteEmptied(key, set);
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "SADD SCARD SISMEMBER SMEMBERS SMISMEMBER SMOVE SPOP SRANDMEMBER SREM";

  public static List<Command> all() {
    return List.of(SADD, SCARD, SISMEMBER, SMEMBERS, SMISMEMBER, SMOVE, SPOP, SRANDMEMBER, SREM);
  }
}
