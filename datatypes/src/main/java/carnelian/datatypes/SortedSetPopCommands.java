package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.BLOCKING;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.set;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Members popped from the ends of sorted sets, at once or after a wait.
public final class SortedSetPopCommands {
  private static final ReplyError NUMKEYS = ReplyError.err("numkeys should be greater than 0");
  private static final ReplyError COUNT = ReplyError.err("count should be greater than 0");

  private SortedSetPopCommands() {}

  /// BZMPOP — Pops members from an end of the first sorted set that has any, waiting if none has.
  static final Command BZMPOP =
      command(
          declare("BZMPOP")
              .group(Group.SORTED_SET)
              .since("7.0.0")
              .complexity("O(K)+O(M*log(N)), K = keys, N = members, M = members popped")
              .summary(
                  "Pops members from an end of the first sorted set that has any, waiting "
                      + "if none has.")
              .arity(-5)
              .flags(WRITE, BLOCKING)
              .keys(counted(2, RW, ACCESS, DELETE))
              .args(
                  number("timeout"),
                  integer("numkeys"),
                  key("key").multiple(),
                  oneOf("where", pureToken("MIN"), pureToken("MAX")),
                  integer("count").token("COUNT").optional())
              .replies(nil(), array()),
          SortedSetPopCommands::bzmpop);

  private static void bzmpop(Call call) {
    long timeoutMillis = call.timeoutMillis(1);
    int keys = numkeys(call, 2);
    if (!popFirstOf(call, 3, keys)) {
      call.blockOnKeys(3, 2 + keys, Type.ZSET, timeoutMillis);
    }
  }

  /// BZPOPMAX — Pops the highest member of the first sorted set that has any, waiting if none has.
  static final Command BZPOPMAX =
      command(
          declare("BZPOPMAX")
              .group(Group.SORTED_SET)
              .since("5.0.0")
              .complexity("O(log(N)), N = elements of the sorted set")
              .summary(
                  "Pops the highest member of the first sorted set that has any, waiting "
                      + "if none has.")
              .arity(-3)
              .flags(WRITE, BLOCKING, FAST)
              .keys(at(1, RW, ACCESS, DELETE).last(-2))
              .args(key("key").multiple(), number("timeout"))
              .replies(nil(), array())
              .history("6.0.0", "The timeout may have a fraction."),
          SortedSetPopCommands::bzpopmax);

  private static void bzpopmax(Call call) {
    blockingPop(call, false);
  }

  /// BZPOPMIN — Pops the lowest member of the first sorted set that has any, waiting if none has.
  static final Command BZPOPMIN =
      command(
          declare("BZPOPMIN")
              .group(Group.SORTED_SET)
              .since("5.0.0")
              .complexity("O(log(N)), N = elements of the sorted set")
              .summary(
                  "Pops the lowest member of the first sorted set that has any, waiting if "
                      + "none has.")
              .arity(-3)
              .flags(WRITE, BLOCKING, FAST)
              .keys(at(1, RW, ACCESS, DELETE).last(-2))
              .args(key("key").multiple(), number("timeout"))
              .replies(nil(), array())
              .history("6.0.0", "The timeout may have a fraction."),
          SortedSetPopCommands::bzpopmin);

  private static void bzpopmin(Call call) {
    blockingPop(call, true);
  }

  private static void blockingPop(Call call, boolean lowest) {
    int lastKey = call.argc() - 2;
    long timeoutMillis = call.timeoutMillis(lastKey + 1);
    for (int i = 1; i <= lastKey; i++) {
      Slice key = call.arg(i);
      long set = call.db().write(key, Type.ZSET);
      if (set != 0) {
        call.reply().array(3);
        call.reply().bulk(key);
        replyEnd(call, set, lowest, 1, false);
        remove(call, key, set, lowest, 1);
        call.replicateAs(lowest ? "ZPOPMIN" : "ZPOPMAX").arg(key);
        return;
      }
    }
    call.blockOnKeys(1, lastKey, Type.ZSET, timeoutMillis);
  }

  /// ZMPOP — Pops members from an end of the first sorted set that has any.
  static final Command ZMPOP =
      command(
          declare("ZMPOP")
              .group(Group.SORTED_SET)
              .since("7.0.0")
              .complexity("O(K)+O(M*log(N)), K = keys, N = members, M = members popped")
              .summary("Pops members from an end of the first sorted set that has any.")
              .arity(-4)
              .flags(WRITE)
              .keys(counted(1, RW, ACCESS, DELETE))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  oneOf("where", pureToken("MIN"), pureToken("MAX")),
                  integer("count").token("COUNT").optional())
              .replies(nil(), array()),
          SortedSetPopCommands::zmpop);

  private static void zmpop(Call call) {
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

  /// Pops from the first of the keys that holds a sorted set; false if none does.
  private static boolean popFirstOf(Call call, int firstKey, int keys) {
    int options = firstKey + keys;
    boolean lowest = call.is(options, "MIN");
    if (!lowest && !call.is(options, "MAX")) {
      throw ReplyError.SYNTAX;
    }
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
      long set = call.db().write(key, Type.ZSET);
      if (set != 0) {
        long taken = Math.min(wanted, call.keyspace().sortedSets().count(set));
        call.reply().array(2);
        call.reply().bulk(key);
        call.reply().array((int) taken);
        replyEnd(call, set, lowest, taken, true);
        remove(call, key, set, lowest, taken);
        call.replicateAs(lowest ? "ZPOPMIN" : "ZPOPMAX").arg(key).arg(taken);
        return true;
      }
    }
    return false;
  }

  /// ZPOPMAX — Pops the members with the highest scores.
  static final Command ZPOPMAX =
      command(
          declare("ZPOPMAX")
              .group(Group.SORTED_SET)
              .since("5.0.0")
              .complexity("O(log(N)*M), N = elements of the sorted set, M = elements popped")
              .summary("Pops the members with the highest scores.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), integer("count").optional())
              .replies(array()),
          SortedSetPopCommands::zpopmax);

  private static void zpopmax(Call call) {
    pop(call, false);
  }

  /// ZPOPMIN — Pops the members with the lowest scores.
  static final Command ZPOPMIN =
      command(
          declare("ZPOPMIN")
              .group(Group.SORTED_SET)
              .since("5.0.0")
              .complexity("O(log(N)*M), N = elements of the sorted set, M = elements popped")
              .summary("Pops the members with the lowest scores.")
              .arity(-2)
              .flags(WRITE, FAST)
              .keys(first(RW, ACCESS, DELETE))
              .args(key("key"), integer("count").optional())
              .replies(array()),
          SortedSetPopCommands::zpopmin);

  private static void zpopmin(Call call) {
    pop(call, true);
  }

  private static void pop(Call call, boolean lowest) {
    if (call.argc() > 3) {
      throw ReplyError.SYNTAX;
    }
    boolean counted = call.argc() == 3;
    long wanted = counted ? call.integer(2, 0, Long.MAX_VALUE, ReplyError.MUST_BE_POSITIVE) : 1;
    Slice key = call.arg(1);
    long set = call.db().write(key, Type.ZSET);
    if (set == 0 || wanted == 0) {
      call.reply().array(0);
      return;
    }
    long taken = Math.min(wanted, call.keyspace().sortedSets().count(set));
    // RESP3 has an array for each pair, but only if a count was given.
    if (counted && call.reply().isResp3()) {
      call.reply().array((int) taken);
      replyEnd(call, set, lowest, taken, true);
    } else {
      call.reply().array((int) (2 * taken));
      replyEnd(call, set, lowest, taken, false);
    }
    remove(call, key, set, lowest, taken);
  }

  private static void replyEnd(Call call, long set, boolean lowest, long taken, boolean nested) {
    SortedSets sets = call.keyspace().sortedSets();
    SortedSetCursor each =
        lowest
            ? sets.members().startAscending(set, 0)
            : sets.members().startDescending(set, sets.count(set) - 1);
    for (long i = 0; i < taken; i++) {
      each.next();
      if (nested) {
        call.reply().array(2);
      }
      Elements.bulk(call.reply(), each.member());
      call.reply().number(each.score());
    }
  }

  private static void remove(Call call, Slice key, long set, boolean lowest, long taken) {
    SortedSets sets = call.keyspace().sortedSets();
    long count = sets.count(set);
    sets.removeRange(call.db(), set, lowest ? 0 : count - taken, taken);
    call.changed(key, lowest ? KeyEvent.ZPOPMIN : KeyEvent.ZPOPMAX, taken);
    if (taken == count) {
      call.db().deleteEmptied(key, set);
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "BZMPOP BZPOPMAX BZPOPMIN ZMPOP ZPOPMAX ZPOPMIN";

  public static List<Command> all() {
    return List.of(BZMPOP, BZPOPMAX, BZPOPMIN, ZMPOP, ZPOPMAX, ZPOPMIN);
  }
}
