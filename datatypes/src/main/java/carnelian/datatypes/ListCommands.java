package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
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
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.ListCursor;
import carnelian.keyspace.ListEnd;
import carnelian.keyspace.Lists;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.List;

/// Lists, one at a time: elements in and out at the ends, by index and by value. What pops from one
/// of several lists, moves between two, or waits is in [ListMoveCommands].
public final class ListCommands {
  private static final ReplyError RANK_IS_ZERO =
      ReplyError.err(
          "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use"
              + " negative to start from the end of the list");
  private static final ReplyError NEGATIVE_COUNT = ReplyError.err("COUNT can't be negative");
  private static final ReplyError NEGATIVE_MAXLEN = ReplyError.err("MAXLEN can't be negative");

  private ListCommands() {}

  /// LINDEX — Replies with the element at an index.
  static final Command LINDEX =
      command(
          declare("LINDEX")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N), N = elements to pass; O(1) at the ends")
              .summary("Replies with the element at an index.")
              .arity(3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("index"))
              .replies(nil(), bulk()),
          ListCommands::lindex);

  private static void lindex(Call call) {
    long list = call.db().read(call.arg(1), Type.LIST);
    long at = list == 0 ? -1 : fromHead(call.integer(2), call.keyspace().lists().count(list));
    if (at < 0) {
      call.reply().nil();
    } else {
      Elements.bulk(call.reply(), call.keyspace().lists().get(list, at, call.element()));
    }
  }

  /// The index counted from the head, or -1 if it is not in the list.
  private static long fromHead(long index, long count) {
    long at = index < 0 ? index + count : index;
    return at < 0 || at >= count ? -1 : at;
  }

  /// LINSERT — Inserts an element before or after another.
  static final Command LINSERT =
      command(
          declare("LINSERT")
              .group(Group.LIST)
              .since("2.2.0")
              .complexity("O(N), N = elements before the pivot")
              .summary("Inserts an element before or after another.")
              .arity(5)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, INSERT))
              .args(
                  key("key"),
                  oneOf("where", pureToken("BEFORE"), pureToken("AFTER")),
                  string("pivot"),
                  string("element"))
              .replies(ReplyShape.integer()),
          ListCommands::linsert);

  private static void linsert(Call call) {
    boolean after = call.is(2, "AFTER");
    if (!after && !call.is(2, "BEFORE")) {
      throw ReplyError.SYNTAX;
    }
    Slice key = call.arg(1);
    Lists lists = call.keyspace().lists();
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      call.reply().integer(0);
      return;
    }
    long index = indexOf(lists, list, call.arg(3));
    if (index < 0) {
      call.reply().integer(-1);
      return;
    }
    long at = after ? index + 1 : index;
    if (at == lists.count(list)) {
      lists.push(call.db(), list, call.arg(4), ListEnd.TAIL);
    } else {
      lists.insert(call.db(), list, at, call.arg(4));
    }
    call.changed(key, KeyEvent.LINSERT);
    call.reply().integer(lists.count(list));
  }

  private static long indexOf(Lists lists, long list, Slice value) {
    long index = 0;
    for (ListCursor each = lists.elements().startForward(list, 0); each.next(); index++) {
      if (each.element().contentEquals(value)) {
        return index;
      }
    }
    return -1;
  }

  /// LLEN — Replies with the length of a list.
  static final Command LLEN =
      command(
          declare("LLEN")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(1)")
              .summary("Replies with the length of a list.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          ListCommands::llen);

  private static void llen(Call call) {
    long list = call.db().read(call.arg(1), Type.LIST);
    call.reply().integer(list == 0 ? 0 : call.keyspace().lists().count(list));
  }

  /// LPOP — Pops elements from the head of a list.
  static final Command LPOP =
      command(
          declare("LPOP")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N), N = elements returned")
              .summary("Pops elements from the head of a list.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), integer("count").since("6.2.0").optional())
              .replies(nil(), bulk(), array())
              .history("6.2.0", "Takes `count`."),
          ListCommands::lpop);

  private static void lpop(Call call) {
    pop(call, ListEnd.HEAD);
  }

  private static void pop(Call call, ListEnd end) {
    if (call.argc() > 3) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
    if (call.argc() == 3) {
      popSome(call, end);
      return;
    }
    Slice key = call.arg(1);
    Lists lists = call.keyspace().lists();
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      call.reply().nil();
      return;
    }
    Elements.bulk(call.reply(), lists.peek(list, end, call.element()));
    lists.pop(call.db(), list, end);
    popped(call, key, list, end, 1);
  }

  private static void popSome(Call call, ListEnd end) {
    long wanted = call.integer(2, 0, Long.MAX_VALUE, ReplyError.MUST_BE_POSITIVE);
    Slice key = call.arg(1);
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      call.reply().nilArray();
    } else if (wanted == 0) {
      call.reply().array(0);
    } else {
      popAndReply(call, key, list, end, wanted);
    }
  }

  /// Replies with an array of up to `wanted` elements from one end, and takes them out.
  static long popAndReply(Call call, Slice key, long list, ListEnd end, long wanted) {
    Lists lists = call.keyspace().lists();
    long count = lists.count(list);
    long taken = Math.min(wanted, count);
    ListCursor each =
        end == ListEnd.HEAD
            ? lists.elements().startForward(list, 0)
            : lists.elements().startBackward(list, count - 1);
    call.reply().array((int) taken);
    for (long i = 0; i < taken; i++) {
      each.next();
      Elements.bulk(call.reply(), each.element());
    }
    lists.removeRange(call.db(), list, end == ListEnd.HEAD ? 0 : count - taken, taken);
    popped(call, key, list, end, taken);
    return taken;
  }

  /// Reports what has been taken, and deletes a list that is empty now.
  static void popped(Call call, Slice key, long list, ListEnd end, long elements) {
    call.changed(key, end == ListEnd.HEAD ? KeyEvent.LPOP : KeyEvent.RPOP, elements);
    if (call.keyspace().lists().count(list) == 0) {
      call.db().deleteEmptied(key, list);
    }
  }

  /// LPOS — Finds where an element stands in a list.
  static final Command LPOS =
      command(
          declare("LPOS")
              .group(Group.LIST)
              .since("6.0.6")
              .complexity("O(N), N = elements of the list")
              .summary("Finds where an element stands in a list.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("element"),
                  integer("rank").token("RANK").optional(),
                  integer("num-matches").token("COUNT").optional(),
                  integer("len").token("MAXLEN").optional())
              .replies(nil(), ReplyShape.integer(), ReplyShape.set()),
          ListCommands::lpos);

  private static void lpos(Call call) {
    long rank = 1;
    long wanted = -1;
    long compared = 0;
    for (int i = 3; i < call.argc(); i += 2) {
      if (i + 1 == call.argc()) {
        throw ReplyError.SYNTAX;
      }
      if (call.is(i, "RANK")) {
        rank = call.integerInRange(i + 1, -Long.MAX_VALUE, Long.MAX_VALUE);
        if (rank == 0) {
          throw RANK_IS_ZERO;
        }
      } else if (call.is(i, "COUNT")) {
        wanted = call.integer(i + 1, 0, Long.MAX_VALUE, NEGATIVE_COUNT);
      } else if (call.is(i, "MAXLEN")) {
        compared = call.integer(i + 1, 0, Long.MAX_VALUE, NEGATIVE_MAXLEN);
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    long list = call.db().read(call.arg(1), Type.LIST);
    replyPositions(call, list, rank, wanted, compared == 0 ? Long.MAX_VALUE : compared);
  }

  /// `wanted` is -1 for a single position, 0 for all.
  private static void replyPositions(Call call, long list, long rank, long wanted, long compared) {
    Reply reply = call.reply();
    int mark = wanted < 0 ? 0 : reply.deferArray();
    long most = wanted < 0 ? 1 : wanted == 0 ? Long.MAX_VALUE : wanted;
    int found = 0;
    if (list != 0) {
      Lists lists = call.keyspace().lists();
      long count = lists.count(list);
      boolean forward = rank > 0;
      ListCursor each =
          forward
              ? lists.elements().startForward(list, 0)
              : lists.elements().startBackward(list, count - 1);
      long skip = Math.abs(rank) - 1;
      for (long i = 0; i < compared && found < most && each.next(); i++) {
        if (each.element().contentEquals(call.arg(2)) && skip-- <= 0) {
          reply.integer(forward ? i : count - 1 - i);
          found++;
        }
      }
    }
    if (wanted >= 0) {
      reply.closeArray(mark, found);
    } else if (found == 0) {
      reply.nil();
    }
  }

  /// LPUSH — Puts elements before the head of a list, which is created if there is none.
  static final Command LPUSH =
      command(
          declare("LPUSH")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(1) for each element")
              .summary(
                  "Puts elements before the head of a list, which is created if there is none.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("element").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one `element`."),
          ListCommands::lpush);

  private static void lpush(Call call) {
    push(call, ListEnd.HEAD);
  }

  private static void push(Call call, ListEnd end) {
    Slice key = call.arg(1);
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      list = call.keyspace().lists().create(call.db(), key);
    }
    pushAll(call, key, list, end);
  }

  private static void pushAll(Call call, Slice key, long list, ListEnd end) {
    Lists lists = call.keyspace().lists();
    for (int i = 2; i < call.argc(); i++) {
      lists.push(call.db(), list, call.arg(i), end);
    }
    call.changed(key, end == ListEnd.HEAD ? KeyEvent.LPUSH : KeyEvent.RPUSH, call.argc() - 2);
    call.reply().integer(lists.count(list));
  }

  /// LPUSHX — Puts elements before the head of a list that exists.
  static final Command LPUSHX =
      command(
          declare("LPUSHX")
              .group(Group.LIST)
              .since("2.2.0")
              .complexity("O(1) for each element")
              .summary("Puts elements before the head of a list that exists.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("element").multiple())
              .replies(ReplyShape.integer())
              .history("4.0.0", "Takes more than one `element`."),
          ListCommands::lpushx);

  private static void lpushx(Call call) {
    pushIfExists(call, ListEnd.HEAD);
  }

  private static void pushIfExists(Call call, ListEnd end) {
    Slice key = call.arg(1);
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      call.reply().integer(0);
    } else {
      pushAll(call, key, list, end);
    }
  }

  /// LRANGE — Replies with the elements between two indexes.
  static final Command LRANGE =
      command(
          declare("LRANGE")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity(
                  "O(S+N), S = distance of the first element from the nearer end, N = "
                      + "elements replied")
              .summary("Replies with the elements between two indexes.")
              .arity(4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), integer("start"), integer("stop"))
              .replies(array()),
          ListCommands::lrange);

  private static void lrange(Call call) {
    long start = call.integer(2);
    long stop = call.integer(3);
    long list = call.db().read(call.arg(1), Type.LIST);
    Lists lists = call.keyspace().lists();
    long count = list == 0 ? 0 : lists.count(list);
    long first = start < 0 ? Math.max(0, start + count) : start;
    long last = Math.min(stop < 0 ? stop + count : stop, count - 1);
    if (first > last) {
      call.reply().array(0);
      return;
    }
    call.reply().array((int) (last - first + 1));
    ListCursor each = lists.elements().startForward(list, first);
    for (long i = first; i <= last; i++) {
      each.next();
      Elements.bulk(call.reply(), each.element());
    }
  }

  /// LREM — Removes elements that are equal to the one given.
  static final Command LREM =
      command(
          declare("LREM")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N+M), N = length of the list, M = elements removed")
              .summary("Removes elements that are equal to the one given.")
              .arity(4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(key("key"), integer("count"), string("element"))
              .replies(ReplyShape.integer()),
          ListCommands::lrem);

  private static void lrem(Call call) {
    long limit = call.integer(2);
    Slice key = call.arg(1);
    Lists lists = call.keyspace().lists();
    long list = call.db().write(key, Type.LIST);
    long removed = list == 0 ? 0 : lists.remove(call.db(), list, call.arg(3), limit);
    if (removed > 0) {
      call.changed(key, KeyEvent.LREM, removed);
      if (lists.count(list) == 0) {
        call.db().deleteEmptied(key, list);
      }
    }
    call.reply().integer(removed);
  }

  /// LSET — Replaces the element at an index.
  static final Command LSET =
      command(
          declare("LSET")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N), N = elements to pass; O(1) at the ends")
              .summary("Replaces the element at an index.")
              .arity(4)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, UPDATE))
              .args(key("key"), integer("index"), string("element"))
              .replies(ok()),
          ListCommands::lset);

  private static void lset(Call call) {
    Slice key = call.arg(1);
    long list = call.db().write(key, Type.LIST);
    if (list == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    Lists lists = call.keyspace().lists();
    long at = fromHead(call.integer(2), lists.count(list));
    if (at < 0) {
      throw ReplyError.INDEX_OUT_OF_RANGE;
    }
    lists.set(call.db(), list, at, call.arg(3));
    call.changed(key, KeyEvent.LSET);
    call.reply().ok();
  }

  /// LTRIM — Keeps only the elements between two indexes.
  static final Command LTRIM =
      command(
          declare("LTRIM")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N), N = elements to be removed by the operation")
              .summary("Keeps only the elements between two indexes.")
              .arity(4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(key("key"), integer("start"), integer("stop"))
              .replies(ok()),
          ListCommands::ltrim);

  private static void ltrim(Call call) {
    long start = call.integer(2);
    long stop = call.integer(3);
    Slice key = call.arg(1);
    Lists lists = call.keyspace().lists();
    long list = call.db().write(key, Type.LIST);
    if (list != 0) {
      long count = lists.count(list);
      long first = start < 0 ? Math.max(0, start + count) : start;
      long last = Math.min(stop < 0 ? stop + count : stop, count - 1);
      long kept = Math.max(0, last - first + 1);
      if (kept > 0) {
        lists.removeRange(call.db(), list, last + 1, count);
        lists.removeRange(call.db(), list, 0, first);
      } else {
        lists.removeRange(call.db(), list, 0, count);
      }
      call.changed(key, KeyEvent.LTRIM, count - kept);
      if (kept == 0) {
        call.db().deleteEmptied(key, list);
      }
    }
    call.reply().ok();
  }

  /// RPOP — Pops elements from the tail of a list.
  static final Command RPOP =
      command(
          declare("RPOP")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(N), N = elements returned")
              .summary("Pops elements from the tail of a list.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), integer("count").since("6.2.0").optional())
              .replies(nil(), bulk(), array())
              .history("6.2.0", "Takes `count`."),
          ListCommands::rpop);

  private static void rpop(Call call) {
    pop(call, ListEnd.TAIL);
  }

  /// RPUSH — Puts elements after the tail of a list, which is created if there is none.
  static final Command RPUSH =
      command(
          declare("RPUSH")
              .group(Group.LIST)
              .since("1.0.0")
              .complexity("O(1) for each element")
              .summary("Puts elements after the tail of a list, which is created if there is none.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("element").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one `element`."),
          ListCommands::rpush);

  private static void rpush(Call call) {
    push(call, ListEnd.TAIL);
  }

  /// RPUSHX — Puts elements after the tail of a list that exists.
  static final Command RPUSHX =
      command(
          declare("RPUSHX")
              .group(Group.LIST)
              .since("2.2.0")
              .complexity("O(1) for each element")
              .summary("Puts elements after the tail of a list that exists.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, INSERT))
              .args(key("key"), string("element").multiple())
              .replies(ReplyShape.integer())
              .history("4.0.0", "Takes more than one `element`."),
          ListCommands::rpushx);

  private static void rpushx(Call call) {
    pushIfExists(call, ListEnd.TAIL);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "LINDEX LINSERT LLEN LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM RPOP RPUSH RPUSHX";

  public static List<Command> all() {
    return List.of(
        LINDEX, LINSERT, LLEN, LPOP, LPOS, LPUSH, LPUSHX, LRANGE, LREM, LSET, LTRIM, RPOP, RPUSH,
        RPUSHX);
  }
}
