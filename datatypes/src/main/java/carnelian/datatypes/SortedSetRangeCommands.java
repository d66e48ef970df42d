package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
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
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.set;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ranges of sorted sets, by rank, by score and by name: replied, counted, stored and removed.
///
/// Whatever bounds a range, it is a range of ranks in the end: see [SortedSets].
public final class SortedSetRangeCommands {
  private static final ReplyError NOT_A_SCORE = ReplyError.err("min or max is not a float");
  private static final ReplyError NOT_A_NAME =
      ReplyError.err("min or max not valid string range item");
  private static final ReplyError LIMIT_OF_RANKS =
      ReplyError.err(
          "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  private static final ReplyError SCORES_OF_NAMES =
      ReplyError.err("syntax error, WITHSCORES not supported in combination with BYLEX");

  private enum By {
    RANK,
    SCORE,
    LEX
  }

  /// Ranks from the lowest score on; empty unless `from` is below `end`.
  private record Ranks(long from, long end) {
    long count() {
      return Math.max(0, end - from);
    }
  }

  /// What a ZRANGE asks for. `offset` and `limit` cut the range; a negative limit does not.
  private record Query(By by, boolean reverse, long offset, long limit, boolean withScores) {}

  private SortedSetRangeCommands() {}

  /// ZCOUNT — Counts the members whose scores lie in a range.
  static final Command ZCOUNT =
      command(
          declare("ZCOUNT")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity("O(log(N)), N = elements of the sorted set")
              .summary("Counts the members whose scores lie in a range.")
              .arity(4)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), number("min"), number("max"))
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zcount);

  private static void zcount(Call call) {
    replyCount(call, By.SCORE);
  }

  private static void replyCount(Call call, By by) {
    checkBounds(call, by, 2, 3);
    long set = call.db().read(call.arg(1), Type.ZSET);
    call.reply().integer(set == 0 ? 0 : between(call, set, by, 2, 3).count());
  }

  /// ZLEXCOUNT — Counts the members that lie in a range of the alphabet.
  static final Command ZLEXCOUNT =
      command(
          declare("ZLEXCOUNT")
              .group(Group.SORTED_SET)
              .since("2.8.9")
              .complexity("O(log(N)), N = elements of the sorted set")
              .summary("Counts the members that lie in a range of the alphabet.")
              .arity(4)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("min"), string("max"))
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zlexcount);

  private static void zlexcount(Call call) {
    replyCount(call, By.LEX);
  }

  /// ZRANGE — Replies with the members in a range of ranks, scores or the alphabet.
  static final Command ZRANGE =
      command(
          declare("ZRANGE")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members in a range of ranks, scores or the alphabet.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("start"),
                  string("stop"),
                  oneOf("sortby", pureToken("BYSCORE"), pureToken("BYLEX"))
                      .since("6.2.0")
                      .optional(),
                  pureToken("REV").since("6.2.0").optional(),
                  block("limit", integer("offset"), integer("count"))
                      .token("LIMIT")
                      .since("6.2.0")
                      .optional(),
                  pureToken("WITHSCORES").optional())
              .replies(array())
              .history("6.2.0", "Takes `REV`, `BYSCORE`, `BYLEX` and `LIMIT`."),
          SortedSetRangeCommands::zrange);

  private static void zrange(Call call) {
    replyRange(call, 1, options(call, 4, null, null, true));
  }

  /// ZRANGEBYLEX — Replies with the members in a range of the alphabet.
  static final Command ZRANGEBYLEX =
      command(
          declare("ZRANGEBYLEX")
              .group(Group.SORTED_SET)
              .since("2.8.9")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members in a range of the alphabet.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("min"),
                  string("max"),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional())
              .replies(array())
              .deprecated("6.2.0", "`ZRANGE` with the `BYLEX` argument"),
          SortedSetRangeCommands::zrangebylex);

  private static void zrangebylex(Call call) {
    replyRange(call, 1, options(call, 4, By.LEX, false, true));
  }

  /// ZRANGEBYSCORE — Replies with the members whose scores lie in a range.
  static final Command ZRANGEBYSCORE =
      command(
          declare("ZRANGEBYSCORE")
              .group(Group.SORTED_SET)
              .since("1.0.5")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members whose scores lie in a range.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  number("min"),
                  number("max"),
                  pureToken("WITHSCORES").since("2.0.0").optional(),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional())
              .replies(array())
              .history("2.0.0", "Takes `WITHSCORES`.")
              .deprecated("6.2.0", "`ZRANGE` with the `BYSCORE` argument"),
          SortedSetRangeCommands::zrangebyscore);

  private static void zrangebyscore(Call call) {
    replyRange(call, 1, options(call, 4, By.SCORE, false, true));
  }

  /// ZRANGESTORE — Stores the members in a range of ranks, scores or the alphabet.
  static final Command ZRANGESTORE =
      command(
          declare("ZRANGESTORE")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity("O(log(N)+M), N = members, M = members stored")
              .summary("Stores the members in a range of ranks, scores or the alphabet.")
              .arity(-5)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), at(2, RO, ACCESS))
              .args(
                  key("dst"),
                  key("src").keySpec(1),
                  string("min"),
                  string("max"),
                  oneOf("sortby", pureToken("BYSCORE"), pureToken("BYLEX")).optional(),
                  pureToken("REV").optional(),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional())
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zrangestore);

  private static void zrangestore(Call call) {
    Query query = options(call, 5, null, null, false);
    int minimum = query.reverse() && query.by() != By.RANK ? 4 : 3;
    checkBounds(call, query.by(), minimum, 7 - minimum);
    Slice destination = call.arg(1);
    SortedSets sets = call.keyspace().sortedSets();
    long source = call.db().read(call.arg(2), Type.ZSET);
    long result = sets.detached();
    if (source != 0) {
      Ranks ranks = cut(ranks(call, source, query, minimum, 7 - minimum), query);
      SortedSetCursor each = sets.members().startAscending(source, ranks.from());
      for (long i = 0; i < ranks.count() && each.next(); i++) {
        Slice member = call.keyspace().scratch().first(each.member());
        sets.add(call.db(), result, member, each.score());
      }
    }
    SortedSetAlgebraCommands.store(call, destination, result, KeyEvent.ZRANGESTORE);
  }

  /// ZREMRANGEBYLEX — Removes the members in a range of the alphabet.
  static final Command ZREMRANGEBYLEX =
      command(
          declare("ZREMRANGEBYLEX")
              .group(Group.SORTED_SET)
              .since("2.8.9")
              .complexity("O(log(N)+M), N = members, M = members removed")
              .summary("Removes the members in a range of the alphabet.")
              .arity(4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(key("key"), string("min"), string("max"))
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zremrangebylex);

  private static void zremrangebylex(Call call) {
    removeRange(call, By.LEX, KeyEvent.ZREMRANGEBYLEX);
  }

  private static void removeRange(Call call, By by, KeyEvent event) {
    checkBounds(call, by, 2, 3);
    Slice key = call.arg(1);
    long set = call.db().write(key, Type.ZSET);
    if (set == 0) {
      call.reply().integer(0);
      return;
    }
    SortedSets sets = call.keyspace().sortedSets();
    long count = sets.count(set);
    Ranks ranks = by == By.RANK ? ofRanks(call, 2, count, false) : between(call, set, by, 2, 3);
    if (ranks.count() > 0) {
      sets.removeRange(call.db(), set, ranks.from(), ranks.count());
      call.changed(key, event, ranks.count());
      if (ranks.count() == count) {
        call.db().deleteEmptied(key, set);
      }
    }
    call.reply().integer(ranks.count());
  }

  /// ZREMRANGEBYRANK — Removes the members in a range of ranks.
  static final Command ZREMRANGEBYRANK =
      command(
          declare("ZREMRANGEBYRANK")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity("O(log(N)+M), N = members, M = members removed")
              .summary("Removes the members in a range of ranks.")
              .arity(4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(key("key"), integer("start"), integer("stop"))
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zremrangebyrank);

  private static void zremrangebyrank(Call call) {
    removeRange(call, By.RANK, KeyEvent.ZREMRANGEBYRANK);
  }

  /// ZREMRANGEBYSCORE — Removes the members whose scores lie in a range.
  static final Command ZREMRANGEBYSCORE =
      command(
          declare("ZREMRANGEBYSCORE")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(log(N)+M), N = members, M = members removed")
              .summary("Removes the members whose scores lie in a range.")
              .arity(4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(key("key"), number("min"), number("max"))
              .replies(ReplyShape.integer()),
          SortedSetRangeCommands::zremrangebyscore);

  private static void zremrangebyscore(Call call) {
    removeRange(call, By.SCORE, KeyEvent.ZREMRANGEBYSCORE);
  }

  /// ZREVRANGE — Replies with the members in a range of ranks, highest score first.
  static final Command ZREVRANGE =
      command(
          declare("ZREVRANGE")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members in a range of ranks, highest score first.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"), integer("start"), integer("stop"), pureToken("WITHSCORES").optional())
              .replies(array())
              .deprecated("6.2.0", "`ZRANGE` with the `REV` argument"),
          SortedSetRangeCommands::zrevrange);

  private static void zrevrange(Call call) {
    replyRange(call, 1, options(call, 4, By.RANK, true, true));
  }

  /// ZREVRANGEBYLEX — Replies with the members in a range of the alphabet, last first.
  static final Command ZREVRANGEBYLEX =
      command(
          declare("ZREVRANGEBYLEX")
              .group(Group.SORTED_SET)
              .since("2.8.9")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members in a range of the alphabet, last first.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("max"),
                  string("min"),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional())
              .replies(array())
              .deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments"),
          SortedSetRangeCommands::zrevrangebylex);

  private static void zrevrangebylex(Call call) {
    replyRange(call, 1, options(call, 4, By.LEX, true, true));
  }

  /// ZREVRANGEBYSCORE — Replies with the members whose scores lie in a range, highest first.
  static final Command ZREVRANGEBYSCORE =
      command(
          declare("ZREVRANGEBYSCORE")
              .group(Group.SORTED_SET)
              .since("2.2.0")
              .complexity("O(log(N)+M), N = members, M = members replied")
              .summary("Replies with the members whose scores lie in a range, highest first.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  number("max"),
                  number("min"),
                  pureToken("WITHSCORES").optional(),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional())
              .replies(array())
              .history("2.1.6", "Takes exclusive ranges.")
              .deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments"),
          SortedSetRangeCommands::zrevrangebyscore);

  private static void zrevrangebyscore(Call call) {
    replyRange(call, 1, options(call, 4, By.SCORE, true, true));
  }

  // ---- Options ---------------------------------------------------------------------------------

  /// Reads the options from argument `first` on. Commands that have their order and direction in
  /// their name give them; to the others they are options.
  private static Query options(
      Call call, int first, @Nullable By named, @Nullable Boolean reversed, boolean mayScore) {
    @Nullable By by = named;
    boolean reverse = reversed != null && reversed;
    boolean withScores = false;
    long offset = 0;
    long limit = -1;
    for (int i = first; i < call.argc(); i++) {
      if (mayScore && call.is(i, "WITHSCORES")) {
        withScores = true;
      } else if (call.is(i, "LIMIT") && i + 2 < call.argc()) {
        offset = call.integer(i + 1);
        limit = call.integer(i + 2);
        i += 2;
      } else if (reversed == null && !reverse && call.is(i, "REV")) {
        reverse = true;
      } else if (by == null && call.is(i, "BYLEX")) {
        by = By.LEX;
      } else if (by == null && call.is(i, "BYSCORE")) {
        by = By.SCORE;
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    by = by == null ? By.RANK : by;
    if (limit != -1 && by == By.RANK) {
      throw LIMIT_OF_RANKS;
    }
    if (withScores && by == By.LEX) {
      throw SCORES_OF_NAMES;
    }
    return new Query(by, reverse, offset, limit, withScores);
  }

  // ---- Ranges ----------------------------------------------------------------------------------

  /// Replies with a range of the set at argument `keyAt`; the bounds follow it, the higher one
  /// first if the range is reversed.
  private static void replyRange(Call call, int keyAt, Query query) {
    boolean swapped = query.reverse() && query.by() != By.RANK;
    int minimum = keyAt + (swapped ? 2 : 1);
    int maximum = keyAt + (swapped ? 1 : 2);
    checkBounds(call, query.by(), minimum, maximum);
    SortedSets sets = call.keyspace().sortedSets();
    long set = call.db().read(call.arg(keyAt), Type.ZSET);
    if (set == 0) {
      call.reply().array(0);
      return;
    }
    Ranks ranks = cut(ranks(call, set, query, minimum, maximum), query);
    Elements.beginPairs(call.reply(), ranks.count(), query.withScores());
    SortedSetCursor each =
        query.reverse()
            ? sets.members().startDescending(set, ranks.end() - 1)
            : sets.members().startAscending(set, ranks.from());
    for (long i = ranks.count(); i > 0 && each.next(); i--) {
      Elements.pair(call.reply(), each, query.withScores());
    }
  }

  private static Ranks ranks(Call call, long set, Query query, int minimum, int maximum) {
    return query.by() == By.RANK
        ? ofRanks(call, minimum, call.keyspace().sortedSets().count(set), query.reverse())
        : between(call, set, query.by(), minimum, maximum);
  }

  /// The range between two ranks, at argument `first` and the next, counted from the other end if
  /// `reverse`.
  private static Ranks ofRanks(Call call, int first, long count, boolean reverse) {
    long start = call.integer(first);
    long stop = call.integer(first + 1);
    long from = start < 0 ? Math.max(0, start + count) : start;
    long last = Math.min(stop < 0 ? stop + count : stop, count - 1);
    if (from > last) {
      return new Ranks(0, 0);
    }
    return reverse ? new Ranks(count - 1 - last, count - from) : new Ranks(from, last + 1);
  }

  /// What is left of a range after LIMIT.
  private static Ranks cut(Ranks ranks, Query query) {
    long count = ranks.count();
    if (query.offset() < 0 || query.offset() >= count) {
      return new Ranks(0, 0);
    }
    long left = count - query.offset();
    long kept = query.limit() < 0 ? left : Math.min(left, query.limit());
    if (query.reverse()) {
      long end = ranks.end() - query.offset();
      return new Ranks(end - kept, end);
    }
    long from = ranks.from() + query.offset();
    return new Ranks(from, from + kept);
  }

  /// Refuses bounds that are none, before the key is looked at.
  private static void checkBounds(Call call, By by, int minimum, int maximum) {
    switch (by) {
      case RANK -> {
        call.integer(minimum);
        call.integer(maximum);
      }
      case SCORE -> {
        score(call, minimum);
        score(call, maximum);
      }
      case LEX -> {
        checkName(call.arg(minimum));
        checkName(call.arg(maximum));
      }
    }
  }

  private static Ranks between(Call call, long set, By by, int minimum, int maximum) {
    SortedSets sets = call.keyspace().sortedSets();
    if (by == By.LEX) {
      return new Ranks(
          countBelowName(call, set, minimum, false), countBelowName(call, set, maximum, true));
    }
    return new Ranks(
        sets.countBelow(set, score(call, minimum), isExclusive(call.arg(minimum))),
        sets.countBelow(set, score(call, maximum), !isExclusive(call.arg(maximum))));
  }

  private static boolean isExclusive(Slice bound) {
    return bound.length > 0 && bound.byteAt(0) == '(';
  }

  /// As C reads a number: blanks may precede it, and nothing at all is 0.
  private static double score(Call call, int argument) {
    Slice bound = call.arg(argument);
    int start = isExclusive(bound) ? 1 : 0;
    while (start < bound.length && isBlank(bound.byteAt(start))) {
      start++;
    }
    return start == bound.length
        ? 0
        : Call.number(bound.at + start, bound.length - start, NOT_A_SCORE);
  }

  private static boolean isBlank(int character) {
    return character == ' ' || (character >= '\t' && character <= '\r');
  }

  private static void checkName(Slice bound) {
    byte first = bound.length == 0 ? 0 : bound.byteAt(0);
    boolean infinite = bound.length == 1 && (first == '-' || first == '+');
    if (!infinite && first != '[' && first != '(') {
      throw NOT_A_NAME;
    }
  }

  /// How many members are below the bound; one that is equal to it counts if the bound is the upper
  /// end of a range and inclusive, or its lower end and exclusive.
  private static long countBelowName(Call call, long set, int argument, boolean upper) {
    Slice bound = call.arg(argument);
    byte first = bound.byteAt(0);
    if (first == '-') {
      return 0;
    }
    SortedSets sets = call.keyspace().sortedSets();
    if (first == '+') {
      return sets.count(set);
    }
    Slice name = new Slice().set(bound.at + 1, bound.length - 1);
    return sets.countBelow(set, name, upper == (first == '['));
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "ZCOUNT ZLEXCOUNT ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZREMRANGEBYLEX "
          + "ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE";

  public static List<Command> all() {
    return List.of(
        ZCOUNT,
        ZLEXCOUNT,
        ZRANGE,
        ZRANGEBYLEX,
        ZRANGEBYSCORE,
        ZRANGESTORE,
        ZREMRANGEBYLEX,
        ZREMRANGEBYRANK,
        ZREMRANGEBYSCORE,
        ZREVRANGE,
        ZREVRANGEBYLEX,
        ZREVRANGEBYSCORE);
  }
}
