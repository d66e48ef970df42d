package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.BLOCKING;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.INSERT;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.ListEnd;
import carnelian.keyspace.Lists;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Lists, several at a time: elements popped from the first list that has any, or moved from one to
/// another, at once or after a wait.
public final class ListMoveCommands {
  private static final ReplyError NUMKEYS = ReplyError.err("numkeys should be greater than 0");
  private static final ReplyError COUNT = ReplyError.err("count should be greater than 0");

  private ListMoveCommands() {}

  /// BLMOVE — Moves an element between the ends of two lists, waiting for one if there is none.
  static final Command BLMOVE =
      command(
          declare("BLMOVE")
              .group(Group.LIST)
              .since("6.2.0")
              .complexity("O(1)")
              .summary(
                  "Moves an element between the ends of two lists, waiting for one if "
                      + "there is none.")
              .arity(6)
              .flags(WRITE, DENYOOM, BLOCKING)
              .keys(first(RW, ACCESS, DELETE), at(2, RW, INSERT))
              .args(
                  key("source"),
                  key("destination").keySpec(1),
                  oneOf("wherefrom", pureToken("LEFT"), pureToken("RIGHT")),
                  oneOf("whereto", pureToken("LEFT"), pureToken("RIGHT")),
                  number("timeout"))
              .replies(bulk(), nil()),
          ListMoveCommands::blmove);

  private static void blmove(Call call) {
    ListEnd from = end(call, 3);
    ListEnd to = end(call, 4);
    long timeoutMillis = call.timeoutMillis(5);
    if (move(call, from, to)) {
      Effect effect = call.replicateAs("LMOVE");
      for (int i = 1; i <= 4; i++) {
        effect.arg(call.arg(i));
      }
    } else {
      awaitSource(call, timeoutMillis);
    }
  }

  /// Where waiting is not allowed the answer is a nil, not the nil array of a time-out.
  private static void awaitSource(Call call, long timeoutMillis) {
    if (call.mayBlock()) {
      call.blockOnKeys(1, 1, Type.LIST, timeoutMillis);
    } else {
      call.reply().nil();
    }
  }

  /// BLMPOP — Pops elements from the first list that has any, waiting if none has.
  static final Command BLMPOP =
      command(
          declare("BLMPOP")
              .group(Group.LIST)
              .since("7.0.0")
              .complexity("O(N+M), N = keys, M = elements replied")
              .summary("Pops elements from the first list that has any, waiting if none has.")
              .arity(-5)
              .flags(WRITE, BLOCKING)
              .keys(counted(2, RW, ACCESS, DELETE))
              .args(
                  number("timeout"),
                  integer("numkeys"),
                  key("key").multiple(),
                  oneOf("where", pureToken("LEFT"), pureToken("RIGHT")),
                  integer("count").token("COUNT").optional())
              .replies(nil(), array()),
          ListMoveCommands::blmpop);

  private static void blmpop(Call call) {
    long timeoutMillis = call.timeoutMillis(1);
    int keys = numkeys(call, 2);
    if (!popFirstOf(call, 3, keys)) {
      call.blockOnKeys(3, 2 + keys, Type.LIST, timeoutMillis);
    }
  }

  /// BLPOP — Pops the first element of the first list that has any, waiting if none has.
  static final Command BLPOP =
      command(
          declare("BLPOP")
              .group(Group.LIST)
              .since("2.0.0")
              .complexity("O(N), N = provided keys")
              .summary(
                  "Pops the first element of the first list that has any, waiting if none has.")
              .arity(-3)
              .flags(WRITE, BLOCKING)
              .keys(at(1, RW, ACCESS, DELETE).last(-2))
              .args(key("key").multiple(), number("timeout"))
              .replies(nil(), array())
              .history("6.0.0", "The timeout may have a fraction."),
          ListMoveCommands::blpop);

  private static void blpop(Call call) {
    blockingPop(call, ListEnd.HEAD);
  }

  private static void blockingPop(Call call, ListEnd end) {
    int lastKey = call.argc() - 2;
    long timeoutMillis = call.timeoutMillis(lastKey + 1);
    Lists lists = call.keyspace().lists();
    for (int i = 1; i <= lastKey; i++) {
      Slice key = call.arg(i);
      long list = call.db().write(key, Type.LIST);
      if (list != 0) {
        call.reply().array(2);
        call.reply().bulk(key);
        Elements.bulk(call.reply(), lists.peek(list, end, call.element()));
        lists.pop(call.db(), list, end);
        ListCommands.popped(call, key, list, end, 1);
        call.replicateAs(end == ListEnd.HEAD ? "LPOP" : "RPOP").arg(key);
        return;
      }
    }
    call.blockOnKeys(1, lastKey, Type.LIST, timeoutMillis);
  }

  /// BRPOP — Pops the last element of the first list that has any, waiting if none has.
  static final Command BRPOP =
      command(
          declare("BRPOP")
              .group(Group.LIST)
              .since("2.0.0")
              .complexity("O(N), N = provided keys")
              .summary("Pops the last element of the first list that has any, waiting if none has.")
              .arity(-3)
              .flags(WRITE, BLOCKING)
              .keys(at(1, RW, ACCESS, DELETE).last(-2))
              .args(key("key").multiple(), number("timeout"))
              .replies(nil(), array())
              .history("6.0.0", "The timeout may have a fraction."),
          ListMoveCommands::brpop);

  private static void brpop(Call call) {
    blockingPop(call, ListEnd.TAIL);
  }

  /// is none.
  static final Command BRPOPLPUSH =
      command(
          declare("BRPOPLPUSH")
              .group(Group.LIST)
              .since("2.2.0")
              .complexity("O(1)")
              .summary(
                  "Moves the last element of a list to the head of another, waiting for "
                      + "one if there is none.")
              .arity(4)
              .flags(WRITE, DENYOOM, BLOCKING)
              .keys(first(RW, ACCESS, DELETE), at(2, RW, INSERT))
              .args(key("source"), key("destination").keySpec(1), number("timeout"))
              .replies(bulk(), nil())
              .history("6.0.0", "The timeout may have a fraction.")
              .deprecated("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments"),
          ListMoveCommands::brpoplpush);

  private static void brpoplpush(Call call) {
    long timeoutMillis = call.timeoutMillis(3);
    if (move(call, ListEnd.TAIL, ListEnd.HEAD)) {
      call.replicateAs("RPOPLPUSH").arg(call.arg(1)).arg(call.arg(2));
    } else {
      awaitSource(call, timeoutMillis);
    }
  }

  /// LMOVE — Moves an element between the ends of two lists.
  static final Command LMOVE =
      command(
          declare("LMOVE")
              .group(Group.LIST)
              .since("6.2.0")
              .complexity("O(1)")
              .summary("Moves an element between the ends of two lists.")
              .arity(5)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, ACCESS, DELETE), at(2, RW, INSERT))
              .args(
                  key("source"),
                  key("destination").keySpec(1),
                  oneOf("wherefrom", pureToken("LEFT"), pureToken("RIGHT")),
                  oneOf("whereto", pureToken("LEFT"), pureToken("RIGHT")))
              .replies(bulk()),
          ListMoveCommands::lmove);

  private static void lmove(Call call) {
    ListEnd from = end(call, 3);
    ListEnd to = end(call, 4);
    if (!move(call, from, to)) {
      call.reply().nil();
    }
  }

  private static ListEnd end(Call call, int argument) {
    if (call.is(argument, "LEFT")) {
      return ListEnd.HEAD;
    }
    if (call.is(argument, "RIGHT")) {
      return ListEnd.TAIL;
    }
    throw ReplyError.SYNTAX;
  }

  /// Moves one element from the list at argument 1 to the one at argument 2 and replies with it;
  /// false if there is none.
  private static boolean move(Call call, ListEnd from, ListEnd to) {
    Slice sourceKey = call.arg(1);
    Slice targetKey = call.arg(2);
    Database db = call.db();
    Lists lists = call.keyspace().lists();
    long source = db.write(sourceKey, Type.LIST);
    if (source == 0) {
      return false;
    }
    long target = db.write(targetKey, Type.LIST);
    // Copied: the node it lies in is about to change.
    Slice value = call.keyspace().scratch().copy(lists.peek(source, from, call.element()));
    if (target == 0) {
      target = lists.create(db, targetKey);
    }
    // Before it is taken out, for only this may fail.
    lists.push(db, target, value, to);
    lists.pop(db, source, from);
    call.changed(targetKey, to == ListEnd.HEAD ? KeyEvent.LPUSH : KeyEvent.RPUSH);
    call.reply().bulk(value);
    ListCommands.popped(call, sourceKey, source, from, 1);
    return true;
  }

  /// LMPOP — Pops elements from the first list that has any.
  static final Command LMPOP =
      command(
          declare("LMPOP")
              .group(Group.LIST)
              .since("7.0.0")
              .complexity("O(N+M), N = keys, M = elements replied")
              .summary("Pops elements from the first list that has any.")
              .arity(-4)
              .flags(WRITE)
              .keys(counted(1, RW, ACCESS, DELETE))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  oneOf("where", pureToken("LEFT"), pureToken("RIGHT")),
                  integer("count").token("COUNT").optional())
              .replies(nil(), array()),
          ListMoveCommands::lmpop);

  private static void lmpop(Call call) {
    int keys = numkeys(call, 1);
    if (!popFirstOf(call, 2, keys)) {
      call.reply().nilArray();
    }
  }

  private static int numkeys(Call call, int argument) {
    long keys = call.integer(argument, 1, Long.MAX_VALUE, NUMKEYS);
    if (keys >= call.argc() - argument - 1) {
      throw ReplyError.SYNTAX;
    }
    return (int) keys;
  }

  /// Pops from the first of the keys that holds a list; false if none does.
  private static boolean popFirstOf(Call call, int firstKey, int keys) {
    int options = firstKey + keys;
    ListEnd end = end(call, options);
    long wanted = 1;
    if (options + 1 < call.argc()) {
      if (options + 3 > call.argc() || !call.is(options + 1, "COUNT")) {
        throw ReplyError.SYNTAX;
      }
      wanted = call.integer(options + 2, 1, Long.MAX_VALUE, COUNT);
      if (options + 3 < call.argc()) {
        throw ReplyError.SYNTAX;
      }
    }
    for (int i = firstKey; i < options; i++) {
      Slice key = call.arg(i);
      long list = call.db().write(key, Type.LIST);
      if (list != 0) {
        call.reply().array(2);
        call.reply().bulk(key);
        long popped = ListCommands.popAndReply(call, key, list, end, wanted);
        call.replicateAs(end == ListEnd.HEAD ? "LPOP" : "RPOP").arg(key).arg(popped);
        return true;
      }
    }
    return false;
  }

  /// RPOPLPUSH — Moves the last element of a list to the head of another.
  static final Command RPOPLPUSH =
      command(
          declare("RPOPLPUSH")
              .group(Group.LIST)
              .since("1.2.0")
              .complexity("O(1)")
              .summary("Moves the last element of a list to the head of another.")
              .arity(3)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, ACCESS, DELETE), at(2, RW, INSERT))
              .args(key("source"), key("destination").keySpec(1))
              .replies(bulk(), nil())
              .deprecated("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments"),
          ListMoveCommands::rpoplpush);

  private static void rpoplpush(Call call) {
    if (!move(call, ListEnd.TAIL, ListEnd.HEAD)) {
      call.reply().nil();
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH LMOVE LMPOP RPOPLPUSH";

  public static List<Command> all() {
    return List.of(BLMOVE, BLMPOP, BLPOP, BRPOP, BRPOPLPUSH, LMOVE, LMPOP, RPOPLPUSH);
  }
}
