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
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.set;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Sorted sets, one at a time: members with their scores in and out, asked for, and drawn at
/// random. Ranges are in [SortedSetRangeCommands], pops in [SortedSetPopCommands], ZSCAN in
/// [ScanCommands].
public final class SortedSetCommands {
  private static final int NX = 1;
  private static final int XX = 1 << 1;
  private static final int GT = 1 << 2;
  private static final int LT = 1 << 3;
  private static final int CH = 1 << 4;
  private static final int INCR = 1 << 5;

  private static final ReplyError NX_AND_XX =
      ReplyError.err("XX and NX options at the same time are not compatible");
  private static final ReplyError GT_LT_NX =
      ReplyError.err("GT, LT, and/or NX options at the same time are not compatible");
  private static final ReplyError INCR_OF_SEVERAL =
      ReplyError.err("INCR option supports a single increment-element pair");
  private static final ReplyError NOT_A_NUMBER =
      ReplyError.err("resulting score is not a number (NaN)");
  private static final ReplyError OUT_OF_RANGE = ReplyError.err("value is out of range");

  private SortedSetCommands() {}

  /// ZADD — Adds members to a sorted set or changes their scores.
  static final Command ZADD =
      command(
          declare("ZADD")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(log(N)) for each member, N = members")
              .summary("Adds members to a sorted set or changes their scores.")
              .arity(-4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  oneOf("condition", pureToken("NX"), pureToken("XX")).since("3.0.2").optional(),
                  oneOf("comparison", pureToken("GT"), pureToken("LT")).since("6.2.0").optional(),
                  pureToken("change", "CH").since("3.0.2").optional(),
                  pureToken("increment", "INCR").since("3.0.2").optional(),
                  block("data", number("score"), string("member")).multiple())
              .replies(nil(), ReplyShape.integer(), ReplyShape.number())
              .history("2.4.0", "Takes more than one member.")
              .history("3.0.2", "Takes `XX`, `NX`, `CH` and `INCR`.")
              .history("6.2.0", "Takes `GT` and `LT`."),
          SortedSetCommands::zadd);

  private static void zadd(Call call) {
    int flags = 0;
    int first = 2;
    for (int flag = flag(call, first); flag != 0; flag = flag(call, first)) {
      flags |= flag;
      first++;
    }
    add(call, flags, first);
  }

  private static int flag(Call call, int argument) {
    if (argument >= call.argc()) {
      return 0;
    }
    if (call.is(argument, "NX")) {
      return NX;
    }
    if (call.is(argument, "XX")) {
      return XX;
    }
    if (call.is(argument, "GT")) {
      return GT;
    }
    if (call.is(argument, "LT")) {
      return LT;
    }
    if (call.is(argument, "CH")) {
      return CH;
    }
    return call.is(argument, "INCR") ? INCR : 0;
  }

  /// Adds the pairs of score and member from argument `first` on.
  private static void add(Call call, int flags, int first) {
    check(call, flags, first);
    // All scores are read before anything changes: the command happens whole or not at all.
    for (int i = first; i < call.argc(); i += 2) {
      call.number(i);
    }
    Slice key = call.arg(1);
    Database db = call.db();
    SortedSets sets = call.keyspace().sortedSets();
    long set = db.write(key, Type.ZSET);
    if (set == 0) {
      if ((flags & XX) != 0) {
        replyNothingAdded(call, flags);
        return;
      }
      set = sets.create(db, key, call.arg(first + 1).length);
    }
    int added = 0;
    int updated = 0;
    double score = Double.NaN;
    for (int i = first; i < call.argc(); i += 2) {
      Slice member = call.arg(i + 1);
      double old = sets.score(set, member);
      score = wanted(flags, old, call.number(i));
      if (Double.isNaN(score)) {
        continue;
      }
      if (Double.isNaN(old)) {
        sets.add(db, set, member, score);
        added++;
      } else if (old != score) {
        sets.add(db, set, member, score);
        updated++;
      }
    }
    if (added + updated > 0) {
      call.changed(key, (flags & INCR) != 0 ? KeyEvent.ZINCR : KeyEvent.ZADD, added + updated);
    }
    if ((flags & INCR) == 0) {
      call.reply().integer((flags & CH) != 0 ? added + updated : added);
    } else if (Double.isNaN(score)) {
      call.reply().nil();
    } else {
      call.reply().number(score);
    }
  }

  private static void check(Call call, int flags, int first) {
    int pairs = call.argc() - first;
    if (pairs <= 0 || pairs % 2 != 0) {
      throw ReplyError.SYNTAX;
    }
    if ((flags & NX) != 0 && (flags & XX) != 0) {
      throw NX_AND_XX;
    }
    if (Integer.bitCount(flags & (GT | LT | NX)) > 1) {
      throw GT_LT_NX;
    }
    if ((flags & INCR) != 0 && pairs > 2) {
      throw INCR_OF_SEVERAL;
    }
  }

  private static void replyNothingAdded(Call call, int flags) {
    if ((flags & INCR) != 0) {
      call.reply().nil();
    } else {
      call.reply().integer(0);
    }
  }

  /// The score that a member with the score `old` (NaN: none) gets, NaN if the flags forbid one.
  private static double wanted(int flags, double old, double given) {
    if (Double.isNaN(old)) {
      return (flags & XX) != 0 ? Double.NaN : given;
    }
    if ((flags & NX) != 0) {
      return Double.NaN;
    }
    double score = given;
    if ((flags & INCR) != 0) {
      score = old + given;
      if (Double.isNaN(score)) {
        throw NOT_A_NUMBER;
      }
    }
    boolean refused = ((flags & LT) != 0 && score >= old) || ((flags & GT) != 0 && score <= old);
    return refused ? Double.NaN : score;
  }

  /// ZCARD — Replies with the number of members.
  static final Command ZCARD =
      command(
          declare("ZCARD")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(1)")
              .summary("Replies with the number of members.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          SortedSetCommands::zcard);

  private static void zcard(Call call) {
    long set = call.db().read(call.arg(1), Type.ZSET);
    call.reply().integer(set == 0 ? 0 : call.keyspace().sortedSets().count(set));
  }

  /// ZINCRBY — Adds to the score of a member.
  static final Command ZINCRBY =
      command(
          declare("ZINCRBY")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(log(N)), N = elements of the sorted set")
              .summary("Adds to the score of a member.")
              .arity(4)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, ACCESS, UPDATE))
              .args(key("key"), integer("increment"), string("member"))
              .replies(ReplyShape.number()),
          SortedSetCommands::zincrby);

  private static void zincrby(Call call) {
    add(call, INCR, 2);
  }

  /// ZMSCORE — Replies with the scores of several members.
  static final Command ZMSCORE =
      command(
          declare("ZMSCORE")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity("O(N), N = members asked for")
              .summary("Replies with the scores of several members.")
              .arity(-3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member").multiple())
              .replies(array()),
          SortedSetCommands::zmscore);

  private static void zmscore(Call call) {
    long set = call.db().read(call.arg(1), Type.ZSET);
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      replyScore(call, set, i);
    }
  }

  /// ZRANDMEMBER — Replies with members picked at random.
  static final Command ZRANDMEMBER =
      command(
          declare("ZRANDMEMBER")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity("O(N), N = members returned")
              .summary("Replies with members picked at random.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  block("options", integer("count"), pureToken("WITHSCORES").optional()).optional())
              .replies(nil(), bulk(), array())
              .tips(NONDETERMINISTIC_OUTPUT),
          SortedSetCommands::zrandmember);

  private static void zrandmember(Call call) {
    if (call.argc() > 2) {
      drawSome(call);
      return;
    }
    long set = call.db().read(call.arg(1), Type.ZSET);
    if (set == 0) {
      call.reply().nil();
      return;
    }
    Elements.bulk(call.reply(), call.keyspace().sortedSets().random(set, call.random()).member());
  }

  /// A positive count asks for different members, a negative one for independent draws.
  private static void drawSome(Call call) {
    long count = call.integerInRange(2, -Long.MAX_VALUE, Long.MAX_VALUE);
    if (call.argc() > 4 || (call.argc() == 4 && !call.is(3, "WITHSCORES"))) {
      throw ReplyError.SYNTAX;
    }
    boolean withScores = call.argc() == 4;
    if (withScores && Math.abs(count) > Long.MAX_VALUE / 2) {
      throw OUT_OF_RANGE;
    }
    long set = call.db().read(call.arg(1), Type.ZSET);
    if (set == 0 || count == 0) {
      call.reply().array(0);
    } else if (count < 0) {
      drawWithRepeats(call, set, -count, withScores);
    } else {
      drawDifferent(call, set, count, withScores);
    }
  }

  private static void drawWithRepeats(Call call, long set, long count, boolean withScores) {
    if (count > Integer.MAX_VALUE / 2) {
      throw OUT_OF_RANGE;
    }
    Elements.beginPairs(call.reply(), count, withScores);
    for (long i = 0; i < count; i++) {
      SortedSetCursor drawn = call.keyspace().sortedSets().random(set, call.random());
      Elements.pair(call.reply(), drawn, withScores);
    }
  }

  /// Goes through all ranks and takes each with the chance that leaves every choice as likely.
  private static void drawDifferent(Call call, long set, long count, boolean withScores) {
    SortedSets sets = call.keyspace().sortedSets();
    long open = sets.count(set);
    long needed = Math.min(count, open);
    Elements.beginPairs(call.reply(), needed, withScores);
    SortedSetCursor each = sets.members().startAscending(set, 0);
    for (; needed > 0 && each.next(); open--) {
      if ((call.random().nextLong() >>> 1) % open < needed) {
        Elements.pair(call.reply(), each, withScores);
        needed--;
      }
    }
  }

  /// ZRANK — Replies with the place of a member, counted from the lowest score.
  static final Command ZRANK =
      command(
          declare("ZRANK")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity("O(log(N))")
              .summary("Replies with the place of a member, counted from the lowest score.")
              .arity(-3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member"), pureToken("WITHSCORE").optional())
              .replies(nil(), ReplyShape.integer(), array())
              .history("7.2.0", "Takes `WITHSCORE`."),
          SortedSetCommands::zrank);

  private static void zrank(Call call) {
    rank(call, false);
  }

  private static void rank(Call call, boolean fromHighest) {
    boolean withScore = call.argc() == 4 && call.is(3, "WITHSCORE");
    if (call.argc() > 4 || (call.argc() == 4 && !withScore)) {
      throw ReplyError.SYNTAX;
    }
    SortedSets sets = call.keyspace().sortedSets();
    long set = call.db().read(call.arg(1), Type.ZSET);
    long rank = set == 0 ? -1 : sets.rank(set, call.arg(2));
    if (rank < 0) {
      if (withScore) {
        call.reply().nilArray();
      } else {
        call.reply().nil();
      }
      return;
    }
    if (withScore) {
      call.reply().array(2);
    }
    call.reply().integer(fromHighest ? sets.count(set) - 1 - rank : rank);
    if (withScore) {
      call.reply().number(sets.score(set, call.arg(2)));
    }
  }

  /// ZREM — Removes members, and the sorted set with its last member.
  static final Command ZREM =
      command(
          declare("ZREM")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(M*log(N)), N = members, M = members to remove")
              .summary("Removes members, and the sorted set with its last member.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, DELETE))
              .args(key("key"), string("member").multiple())
              .replies(ReplyShape.integer())
              .history("2.4.0", "Takes more than one member."),
          SortedSetCommands::zrem);

  private static void zrem(Call call) {
    Slice key = call.arg(1);
    Database db = call.db();
    SortedSets sets = call.keyspace().sortedSets();
    long set = db.write(key, Type.ZSET);
    int removed = 0;
    boolean emptied = false;
    for (int i = 2; set != 0 && !emptied && i < call.argc(); i++) {
      if (sets.remove(db, set, call.arg(i))) {
        removed++;
        emptied = sets.count(set) == 0;
      }
    }
    if (removed > 0) {
      call.changed(key, KeyEvent.ZREM, removed);
    }
    if (emptied) {
      db.deleteEmptied(key, set);
    }
    call.reply().integer(removed);
  }

  /// ZREVRANK — Replies with the place of a member, counted from the highest score.
  static final Command ZREVRANK =
      command(
          declare("ZREVRANK")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity("O(log(N))")
              .summary("Replies with the place of a member, counted from the highest score.")
              .arity(-3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member"), pureToken("WITHSCORE").optional())
              .replies(nil(), ReplyShape.integer(), array())
              .history("7.2.0", "Takes `WITHSCORE`."),
          SortedSetCommands::zrevrank);

  private static void zrevrank(Call call) {
    rank(call, true);
  }

  /// ZSCORE — Replies with the score of a member.
  static final Command ZSCORE =
      command(
          declare("ZSCORE")
              .group(Group.SORTED_SET)
              .since("1.2.0")
              .complexity("O(1)")
              .summary("Replies with the score of a member.")
              .arity(3)
              .flags(READONLY, FAST)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member"))
              .replies(ReplyShape.number(), nil()),
          SortedSetCommands::zscore);

  private static void zscore(Call call) {
    replyScore(call, call.db().read(call.arg(1), Type.ZSET), 2);
  }

  private static void replyScore(Call call, long set, int argument) {
    double score =
        set == 0 ? Double.NaN : call.keyspace().sortedSets().score(set, call.arg(argument));
    if (Double.isNaN(score)) {
      call.reply().nil();
    } else {
      call.reply().number(score);
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "ZADD ZCARD ZINCRBY ZMSCORE ZRANDMEMBER ZRANK ZREM ZREVRANK ZSCORE";

  public static List<Command> all() {
    return List.of(ZADD, ZCARD, ZINCRBY, ZMSCORE, ZRANDMEMBER, ZRANK, ZREM, ZREVRANK, ZSCORE);
  }
}
