package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pattern;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.TOUCHES_ARBITRARY_KEYS;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INSERT;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RM;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT_ORDER;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.REQUEST_MULTI_SHARD;
import static carnelian.command.Tip.RESPONSE_AGG_SUM;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.memory.Glob;
import carnelian.memory.Slice;
import java.util.List;

/// Keys as such, whatever they hold: deleted, renamed, copied, counted; and whole databases.
public final class KeyCommands {
  private static final ReplyError INVALID_FIRST_DB = ReplyError.err("invalid first DB index");
  private static final ReplyError INVALID_SECOND_DB = ReplyError.err("invalid second DB index");

  private KeyCommands() {}

  /// COPY — Copies a key and its value to another key.
  static final Command COPY =
      command(
          declare("COPY")
              .group(Group.GENERIC)
              .since("6.2.0")
              .complexity("O(N), N = elements of a collection; O(1) for strings")
              .summary("Copies a key and its value to another key.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(first(RO, ACCESS), at(2, OW, UPDATE))
              .args(
                  key("source"),
                  key("destination").keySpec(1),
                  integer("destination-db").token("DB").optional(),
                  pureToken("REPLACE").optional())
              .replies(ReplyShape.integer()),
          KeyCommands::copy);

  private static void copy(Call call) {
    Database target = call.db();
    boolean replace = false;
    for (int i = 3; i < call.argc(); i++) {
      if (call.is(i, "REPLACE")) {
        replace = true;
      } else if (call.is(i, "DB") && i + 1 < call.argc()) {
        target = database(call, call.integerInRange(++i, Integer.MIN_VALUE, Integer.MAX_VALUE));
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    Slice from = call.arg(1);
    Slice to = call.arg(2);
    if (target == call.db() && from.contentEquals(to)) {
      throw ReplyError.SAME_OBJECT;
    }
    long entry = call.db().read(from);
    if (entry == 0 || (target.write(to) != 0 && !replace)) {
      call.reply().integer(0);
      return;
    }
    call.db().copy(entry, target, to);
    call.reply().integer(1);
  }

  private static Database database(Call call, long index) {
    if (index < 0 || index >= call.keyspace().databases()) {
      throw ReplyError.DB_OUT_OF_RANGE;
    }
    return call.keyspace().database((int) index);
  }

  /// DBSIZE — Counts the keys of the database.
  static final Command DBSIZE =
      command(
          declare("DBSIZE")
              .group(Group.SERVER)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Counts the keys of the database.")
              .arity(1)
              .flags(READONLY, FAST)
              .categories(AclCategory.KEYSPACE)
              .replies(ReplyShape.integer())
              .tips(REQUEST_ALL_SHARDS, RESPONSE_AGG_SUM),
          KeyCommands::dbsize);

  private static void dbsize(Call call) {
    call.reply().integer(call.db().size());
  }

  /// DEL — Deletes keys.
  static final Command DEL =
      command(
          declare("DEL")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(N), N = keys; a key with a collection of M elements costs O(M)")
              .summary("Deletes keys.")
              .arity(-2)
              .flags(WRITE)
              .keys(allFrom(1, RM, DELETE))
              .args(key("key").multiple())
              .replies(ReplyShape.integer())
              .tips(REQUEST_MULTI_SHARD, RESPONSE_AGG_SUM),
          KeyCommands::del);

  private static void del(Call call) {
    int deleted = 0;
    for (int i = 1; i < call.argc(); i++) {
      if (call.db().delete(call.arg(i))) {
        deleted++;
      }
    }
    call.reply().integer(deleted);
  }

  /// EXISTS — Counts how many of the keys exist.
  static final Command EXISTS =
      command(
          declare("EXISTS")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(N), N = keys to check")
              .summary("Counts how many of the keys exist.")
              .arity(-2)
              .flags(READONLY, FAST)
              .keys(allFrom(1, RO))
              .args(key("key").multiple())
              .replies(ReplyShape.integer())
              .tips(REQUEST_MULTI_SHARD, RESPONSE_AGG_SUM)
              .history("3.0.3", "Takes more than one `key`."),
          KeyCommands::exists);

  private static void exists(Call call) {
    int found = 0;
    for (int i = 1; i < call.argc(); i++) {
      if (call.db().readWithoutTouch(call.arg(i)) != 0) {
        found++;
      }
    }
    call.reply().integer(found);
  }

  /// FLUSHALL — Deletes all keys of all databases.
  static final Command FLUSHALL =
      command(
          declare("FLUSHALL")
              .group(Group.SERVER)
              .since("1.0.0")
              .complexity("O(N), N = keys in all databases")
              .summary("Deletes all keys of all databases.")
              .arity(-1)
              .flags(WRITE)
              .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
              .args(
                  oneOf(
                          "flush-type",
                          pureToken("ASYNC").since("4.0.0"),
                          pureToken("SYNC").since("6.2.0"))
                      .optional())
              .replies(ReplyShape.ok())
              .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED)
              .history("4.0.0", "Takes `ASYNC`.")
              .history("6.2.0", "Takes `SYNC`."),
          KeyCommands::flushall);

  private static void flushall(Call call) {
    if (isLazy(call)) {
      call.keyspace().flushAllLazily();
    } else {
      call.keyspace().flushAll();
    }
    call.flushedAll();
    call.replicate();
    call.reply().ok();
  }

  private static boolean isLazy(Call call) {
    if (call.argc() == 1) {
      return call.keyspace().lazyFreeing().userFlush();
    }
    if (call.argc() == 2 && call.is(1, "ASYNC")) {
      return true;
    }
    if (call.argc() == 2 && call.is(1, "SYNC")) {
      return false;
    }
    throw ReplyError.SYNTAX;
  }

  /// FLUSHDB — Deletes all keys of the database.
  static final Command FLUSHDB =
      command(
          declare("FLUSHDB")
              .group(Group.SERVER)
              .since("1.0.0")
              .complexity("O(N), N = keys in the selected database")
              .summary("Deletes all keys of the database.")
              .arity(-1)
              .flags(WRITE)
              .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
              .args(
                  oneOf(
                          "flush-type",
                          pureToken("ASYNC").since("4.0.0"),
                          pureToken("SYNC").since("6.2.0"))
                      .optional())
              .replies(ReplyShape.ok())
              .tips(REQUEST_ALL_SHARDS, RESPONSE_ALL_SUCCEEDED)
              .history("4.0.0", "Takes `ASYNC`.")
              .history("6.2.0", "Takes `SYNC`."),
          KeyCommands::flushdb);

  private static void flushdb(Call call) {
    if (isLazy(call)) {
      call.keyspace().flushLazily(call.db());
    } else {
      call.keyspace().flush(call.db());
    }
    call.replicate();
    call.reply().ok();
  }

  /// KEYS — Replies with all keys that match a pattern.
  static final Command KEYS =
      command(
          declare("KEYS")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(N), N = keys of the database")
              .summary("Replies with all keys that match a pattern.")
              .arity(2)
              .flags(READONLY)
              .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
              .args(pattern("pattern"))
              .replies(ReplyShape.array())
              .tips(REQUEST_ALL_SHARDS, NONDETERMINISTIC_OUTPUT_ORDER),
          KeyCommands::keys);

  private static void keys(Call call) {
    Slice pattern = call.arg(1);
    boolean all = pattern.is("*"); // Which as a pattern does not match the empty key.
    Slice key = new Slice();
    int[] found = new int[1];
    int mark = call.reply().deferArray();
    call.db()
        .traversal()
        .forEach(
            entry -> {
              if (Glob.matches(pattern, Database.key(entry, key)) || all) {
                call.reply().bulk(key);
                found[0]++;
              }
            });
    call.reply().closeArray(mark, found[0]);
  }

  /// MOVE — Moves a key to another database.
  static final Command MOVE =
      command(
          declare("MOVE")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Moves a key to another database.")
              .arity(3)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), integer("db"))
              .replies(ReplyShape.integer()),
          KeyCommands::move);

  private static void move(Call call) {
    Slice key = call.arg(1);
    Database target = database(call, call.integerInRange(2, Integer.MIN_VALUE, Integer.MAX_VALUE));
    if (target == call.db()) {
      throw ReplyError.SAME_OBJECT;
    }
    long entry = call.db().write(key);
    if (entry == 0 || target.write(key) != 0) {
      call.reply().integer(0);
      return;
    }
    call.db().move(key, entry, target);
    call.reply().integer(1);
  }

  /// RANDOMKEY — Replies with a key picked at random.
  static final Command RANDOMKEY =
      command(
          declare("RANDOMKEY")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with a key picked at random.")
              .arity(1)
              .flags(READONLY, TOUCHES_ARBITRARY_KEYS)
              .replies(ReplyShape.nil(), ReplyShape.bulk())
              .tips(REQUEST_ALL_SHARDS, RESPONSE_SPECIAL, NONDETERMINISTIC_OUTPUT),
          KeyCommands::randomkey);

  private static void randomkey(Call call) {
    long entry = call.db().traversal().randomKey(call.random());
    if (entry == 0) {
      call.reply().nil();
    } else {
      call.reply().bulk(Database.key(entry, new Slice()));
    }
  }

  /// RENAME — Renames a key, replacing what bore the new name.
  static final Command RENAME =
      command(
          declare("RENAME")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Renames a key, replacing what bore the new name.")
              .arity(3)
              .flags(WRITE)
              .keys(first(RW, ACCESS, DELETE), at(2, OW, UPDATE))
              .args(key("key"), key("newkey").keySpec(1))
              .replies(ReplyShape.ok()),
          KeyCommands::rename);

  private static void rename(Call call) {
    renameOrKeep(call, true);
    call.reply().ok();
  }

  /// Returns whether the key has the new name now.
  private static boolean renameOrKeep(Call call, boolean replace) {
    Slice from = call.arg(1);
    Slice to = call.arg(2);
    Database db = call.db();
    long entry = db.write(from);
    if (entry == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    if (from.contentEquals(to)) {
      return false;
    }
    if (!replace && db.write(to) != 0) {
      return false;
    }
    db.rename(from, entry, to);
    return true;
  }

  /// RENAMENX — Renames a key unless the new name is taken.
  static final Command RENAMENX =
      command(
          declare("RENAMENX")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Renames a key unless the new name is taken.")
              .arity(3)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE), at(2, OW, INSERT))
              .args(key("key"), key("newkey").keySpec(1))
              .replies(ReplyShape.integer())
              .history("3.2.0", "Both names may be the same."),
          KeyCommands::renamenx);

  private static void renamenx(Call call) {
    call.reply().integer(renameOrKeep(call, false) ? 1 : 0);
  }

  /// SWAPDB — Exchanges two databases.
  static final Command SWAPDB =
      command(
          declare("SWAPDB")
              .group(Group.SERVER)
              .since("4.0.0")
              .complexity("O(N), N = clients that watch or wait for keys of either database")
              .summary("Exchanges two databases.")
              .arity(3)
              .flags(WRITE, FAST)
              .categories(AclCategory.DANGEROUS, AclCategory.KEYSPACE)
              .args(integer("index1"), integer("index2"))
              .replies(ReplyShape.ok()),
          KeyCommands::swapdb);

  private static void swapdb(Call call) {
    long least = Integer.MIN_VALUE;
    long most = Integer.MAX_VALUE;
    long first = call.integer(1, least, most, INVALID_FIRST_DB);
    long second = call.integer(2, least, most, INVALID_SECOND_DB);
    call.keyspace().swap(database(call, first), database(call, second));
    call.replicate();
    call.reply().ok();
  }

  /// TOUCH — Marks keys as just accessed and counts those that exist.
  static final Command TOUCH =
      command(
          declare("TOUCH")
              .group(Group.GENERIC)
              .since("3.2.1")
              .complexity("O(N), N = keys that will be touched")
              .summary("Marks keys as just accessed and counts those that exist.")
              .arity(-2)
              .flags(READONLY, FAST)
              .keys(allFrom(1, RO))
              .args(key("key").multiple())
              .replies(ReplyShape.integer())
              .tips(REQUEST_MULTI_SHARD, RESPONSE_AGG_SUM),
          KeyCommands::touch);

  private static void touch(Call call) {
    int touched = 0;
    for (int i = 1; i < call.argc(); i++) {
      if (call.db().read(call.arg(i)) != 0) {
        touched++;
      }
    }
    call.reply().integer(touched);
  }

  /// TYPE — Replies with the type of a key's value.
  static final Command TYPE =
      command(
          declare("TYPE")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with the type of a key's value.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.nil(), ReplyShape.simple()),
          KeyCommands::type);

  private static void type(Call call) {
    long entry = call.db().readWithoutTouch(call.arg(1));
    call.reply().simple(entry == 0 ? "none" : Database.type(entry).word());
  }

  /// UNLINK — Deletes keys and leaves freeing the memory to the background.
  static final Command UNLINK =
      command(
          declare("UNLINK")
              .group(Group.GENERIC)
              .since("4.0.0")
              .complexity(
                  "O(1) for each key; freeing the memory, in the background, costs "
                      + "O(N), N = allocations")
              .summary("Deletes keys and leaves freeing the memory to the background.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(allFrom(1, RM, DELETE))
              .args(key("key").multiple())
              .replies(ReplyShape.integer())
              .tips(REQUEST_MULTI_SHARD, RESPONSE_AGG_SUM),
          KeyCommands::unlink);

  private static void unlink(Call call) {
    int deleted = 0;
    for (int i = 1; i < call.argc(); i++) {
      if (call.db().unlink(call.arg(i))) {
        deleted++;
      }
    }
    call.reply().integer(deleted);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "COPY DBSIZE DEL EXISTS FLUSHALL FLUSHDB KEYS MOVE RANDOMKEY RENAME RENAMENX SWAPDB "
          + "TOUCH TYPE UNLINK";

  public static List<Command> all() {
    return List.of(
        COPY, DBSIZE, DEL, EXISTS, FLUSHALL, FLUSHDB, KEYS, MOVE, RANDOMKEY, RENAME, RENAMENX,
        SWAPDB, TOUCH, TYPE, UNLINK);
  }
}
