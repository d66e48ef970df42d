package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.set;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SetCursor;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Unions, intersections and differences of sorted sets and sets, whose members score 1: replied,
/// counted, or stored.
public final class SortedSetAlgebraCommands {
  private static final ReplyError NOT_A_WEIGHT = ReplyError.err("weight value is not a float");
  private static final ReplyError NEGATIVE_LIMIT = ReplyError.err("LIMIT can't be negative");

  private enum Operation {
    UNION,
    INTERSECTION,
    DIFFERENCE
  }

  /// How the scores of a member in several sets become one.
  private enum Aggregate {
    SUM,
    MIN,
    MAX;

    double of(double first, double second) {
      double result =
          switch (this) {
            case SUM -> first + second;
            // Of both zeros the first remains, as in Redis.
            case MIN -> second < first ? second : first;
            case MAX -> second > first ? second : first;
          };
      // The sum of both infinities.
      return Double.isNaN(result) ? 0 : result;
    }
  }

  /// One of the sets: the entry, 0 if the key is absent, and what its scores are multiplied by.
  private record Source(long entry, double weight) {}

  /// What a command asks for.
  private record Query(List<Source> sources, Aggregate aggregate, boolean withScores, long limit) {}

  /// What becomes of the result; some options belong to one use only.
  private enum Use {
    REPLY,
    STORE,
    COUNT
  }

  /// Goes through the members of a sorted set, or of a set, where each scores 1.
  private static final class Scan {
    private final @Nullable SetCursor set;
    private final @Nullable SortedSetCursor sortedSet;

    Scan(Call call, long entry) {
      boolean plain = Database.type(entry) == Type.SET;
      set = plain ? call.keyspace().sets().newCursor().start(entry) : null;
      sortedSet = plain ? null : call.keyspace().sortedSets().newCursor().startAscending(entry, 0);
    }

    boolean next() {
      return set != null ? set.next() : sortedSet != null && sortedSet.next();
    }

    Element member() {
      if (set != null) {
        return set.member();
      }
      return Objects.requireNonNull(sortedSet).member();
    }

    double score() {
      return sortedSet == null ? 1 : sortedSet.score();
    }
  }

  private SortedSetAlgebraCommands() {}

  /// ZDIFF — Replies with the members of the first sorted set that are in none of the others.
  static final Command ZDIFF =
      command(
          declare("ZDIFF")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity(
                  "O(L+(N-K)*log(N)), L = members of all sets, N = members of the "
                      + "first, K = members replied")
              .summary(
                  "Replies with the members of the first sorted set that are in none of "
                      + "the others.")
              .arity(-3)
              .flags(READONLY)
              .keys(counted(1, RO, ACCESS))
              .args(integer("numkeys"), key("key").multiple(), pureToken("WITHSCORES").optional())
              .replies(array()),
          SortedSetAlgebraCommands::zdiff);

  private static void zdiff(Call call) {
    Query query = query(call, 1, Operation.DIFFERENCE, Use.REPLY);
    replyAndDispose(call, compute(call, query, Operation.DIFFERENCE), query.withScores());
  }

  /// ZDIFFSTORE — Stores the members of the first sorted set that are in none of the others.
  static final Command ZDIFFSTORE =
      command(
          declare("ZDIFFSTORE")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity(
                  "O(L+(N-K)*log(N)), L = members of all sets, N = members of the "
                      + "first, K = members stored")
              .summary("Stores the members of the first sorted set that are in none of the others.")
              .arity(-4)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), counted(2, RO, ACCESS))
              .args(key("destination"), integer("numkeys"), key("key").keySpec(1).multiple())
              .replies(ReplyShape.integer()),
          SortedSetAlgebraCommands::zdiffstore);

  private static void zdiffstore(Call call) {
    Query query = query(call, 2, Operation.DIFFERENCE, Use.STORE);
    store(call, call.arg(1), compute(call, query, Operation.DIFFERENCE), KeyEvent.ZDIFFSTORE);
  }

  /// ZINTER — Replies with the members that all sorted sets share.
  static final Command ZINTER =
      command(
          declare("ZINTER")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity(
                  "O(N*K)+O(M*log(M)), N = members of the smallest set, K = sets, M = "
                      + "members replied")
              .summary("Replies with the members that all sorted sets share.")
              .arity(-3)
              .flags(READONLY)
              .keys(counted(1, RO, ACCESS))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  integer("weight").token("WEIGHTS").multiple().optional(),
                  oneOf("aggregate", pureToken("SUM"), pureToken("MIN"), pureToken("MAX"))
                      .token("AGGREGATE")
                      .optional(),
                  pureToken("WITHSCORES").optional())
              .replies(array()),
          SortedSetAlgebraCommands::zinter);

  private static void zinter(Call call) {
    Query query = query(call, 1, Operation.INTERSECTION, Use.REPLY);
    replyAndDispose(call, compute(call, query, Operation.INTERSECTION), query.withScores());
  }

  /// ZINTERCARD — Counts the members that all sorted sets share, up to a limit.
  static final Command ZINTERCARD =
      command(
          declare("ZINTERCARD")
              .group(Group.SORTED_SET)
              .since("7.0.0")
              .complexity("O(N*K), N = members of the smallest set, K = sets")
              .summary("Counts the members that all sorted sets share, up to a limit.")
              .arity(-3)
              .flags(READONLY)
              .keys(counted(1, RO, ACCESS))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  integer("limit").token("LIMIT").optional())
              .replies(ReplyShape.integer()),
          SortedSetAlgebraCommands::zintercard);

  private static void zintercard(Call call) {
    Query query = query(call, 1, Operation.INTERSECTION, Use.COUNT);
    long most = query.limit() == 0 ? Long.MAX_VALUE : query.limit();
    Source smallest = query.sources().getFirst();
    call.reply().integer(smallest.entry() == 0 ? 0 : countShared(call, query, smallest, most));
  }

  private static long countShared(Call call, Query query, Source smallest, long most) {
    Scan scan = new Scan(call, smallest.entry());
    long shared = 0;
    while (shared < most && scan.next()) {
      if (!Double.isNaN(sharedScore(call, query, scan))) {
        shared++;
      }
    }
    return shared;
  }

  /// ZINTERSTORE — Stores the members that all sorted sets share.
  static final Command ZINTERSTORE =
      command(
          declare("ZINTERSTORE")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity(
                  "O(N*K)+O(M*log(M)), N = members of the smallest set, K = sets, M = "
                      + "members stored")
              .summary("Stores the members that all sorted sets share.")
              .arity(-4)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), counted(2, RO, ACCESS))
              .args(
                  key("destination"),
                  integer("numkeys"),
                  key("key").keySpec(1).multiple(),
                  integer("weight").token("WEIGHTS").multiple().optional(),
                  oneOf("aggregate", pureToken("SUM"), pureToken("MIN"), pureToken("MAX"))
                      .token("AGGREGATE")
                      .optional())
              .replies(ReplyShape.integer()),
          SortedSetAlgebraCommands::zinterstore);

  private static void zinterstore(Call call) {
    Query query = query(call, 2, Operation.INTERSECTION, Use.STORE);
    store(call, call.arg(1), compute(call, query, Operation.INTERSECTION), KeyEvent.ZINTERSTORE);
  }

  /// ZUNION — Replies with the members of all sorted sets together.
  static final Command ZUNION =
      command(
          declare("ZUNION")
              .group(Group.SORTED_SET)
              .since("6.2.0")
              .complexity("O(N)+O(M*log(M)), N = members of all sets, M = members replied")
              .summary("Replies with the members of all sorted sets together.")
              .arity(-3)
              .flags(READONLY)
              .keys(counted(1, RO, ACCESS))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  integer("weight").token("WEIGHTS").multiple().optional(),
                  oneOf("aggregate", pureToken("SUM"), pureToken("MIN"), pureToken("MAX"))
                      .token("AGGREGATE")
                      .optional(),
                  pureToken("WITHSCORES").optional())
              .replies(array()),
          SortedSetAlgebraCommands::zunion);

  private static void zunion(Call call) {
    Query query = query(call, 1, Operation.UNION, Use.REPLY);
    replyAndDispose(call, compute(call, query, Operation.UNION), query.withScores());
  }

  /// ZUNIONSTORE — Stores the members of all sorted sets together.
  static final Command ZUNIONSTORE =
      command(
          declare("ZUNIONSTORE")
              .group(Group.SORTED_SET)
              .since("2.0.0")
              .complexity("O(N)+O(M*log(M)), N = members of all sets, M = members stored")
              .summary("Stores the members of all sorted sets together.")
              .arity(-4)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), counted(2, RO, ACCESS))
              .args(
                  key("destination"),
                  integer("numkeys"),
                  key("key").keySpec(1).multiple(),
                  integer("weight").token("WEIGHTS").multiple().optional(),
                  oneOf("aggregate", pureToken("SUM"), pureToken("MIN"), pureToken("MAX"))
                      .token("AGGREGATE")
                      .optional())
              .replies(ReplyShape.integer()),
          SortedSetAlgebraCommands::zunionstore);

  private static void zunionstore(Call call) {
    Query query = query(call, 2, Operation.UNION, Use.STORE);
    store(call, call.arg(1), compute(call, query, Operation.UNION), KeyEvent.ZUNIONSTORE);
  }

  // ---- The query -------------------------------------------------------------------------------

  private static Query query(Call call, int numkeysAt, Operation operation, Use use) {
    long numkeys = call.integer(numkeysAt);
    if (numkeys < 1) {
      throw ReplyError.err("at least 1 input key is needed for '" + call.name() + "' command");
    }
    if (numkeys > call.argc() - (numkeysAt + 1)) {
      throw ReplyError.SYNTAX;
    }
    int keys = (int) numkeys;
    long[] entries = new long[keys];
    for (int i = 0; i < keys; i++) {
      entries[i] = source(call, call.arg(numkeysAt + 1 + i));
    }
    double[] weights = new double[keys];
    Arrays.fill(weights, 1);
    Aggregate aggregate = Aggregate.SUM;
    boolean withScores = false;
    long limit = 0;
    for (int i = numkeysAt + 1 + keys; i < call.argc(); i++) {
      int left = call.argc() - i - 1;
      if (mayWeigh(operation, use) && left >= keys && call.is(i, "WEIGHTS")) {
        for (int key = 0; key < keys; key++) {
          weights[key] = call.number(++i, NOT_A_WEIGHT);
        }
      } else if (mayWeigh(operation, use) && left >= 1 && call.is(i, "AGGREGATE")) {
        aggregate = aggregate(call, ++i);
      } else if (use == Use.REPLY && call.is(i, "WITHSCORES")) {
        withScores = true;
      } else if (use == Use.COUNT && left >= 1 && call.is(i, "LIMIT")) {
        limit = call.integer(++i, 0, Long.MAX_VALUE, NEGATIVE_LIMIT);
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    return new Query(sources(call, entries, weights, operation), aggregate, withScores, limit);
  }

  private static boolean mayWeigh(Operation operation, Use use) {
    return operation != Operation.DIFFERENCE && use != Use.COUNT;
  }

  private static Aggregate aggregate(Call call, int argument) {
    for (Aggregate aggregate : Aggregate.values()) {
      if (call.is(argument, aggregate.name())) {
        return aggregate;
      }
    }
    throw ReplyError.SYNTAX;
  }

  private static long source(Call call, Slice key) {
    long entry = call.db().read(key);
    if (entry != 0 && Database.type(entry) != Type.ZSET && Database.type(entry) != Type.SET) {
      throw ReplyError.WRONG_TYPE;
    }
    return entry;
  }

  /// Unless the order is what matters, the smallest set first: an absent one is the smallest.
  private static List<Source> sources(
      Call call, long[] entries, double[] weights, Operation operation) {
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < entries.length; i++) {
      sources.add(new Source(entries[i], weights[i]));
    }
    if (operation != Operation.DIFFERENCE) {
      sources.sort(Comparator.comparingLong(source -> count(call, source.entry())));
    }
    return sources;
  }

  private static long count(Call call, long entry) {
    if (entry == 0) {
      return 0;
    }
    return Database.type(entry) == Type.SET
        ? call.keyspace().sets().count(entry)
        : call.keyspace().sortedSets().count(entry);
  }

  // ---- The result ------------------------------------------------------------------------------

  /// A detached sorted set with the result.
  private static long compute(Call call, Query query, Operation operation) {
    long result = call.keyspace().sortedSets().detached();
    switch (operation) {
      case UNION -> unite(call, query, result);
      case INTERSECTION -> intersect(call, query, result);
      case DIFFERENCE -> subtract(call, query, result);
    }
    return result;
  }

  private static void unite(Call call, Query query, long result) {
    SortedSets sets = call.keyspace().sortedSets();
    for (Source source : query.sources()) {
      if (source.entry() == 0) {
        continue;
      }
      for (Scan each = new Scan(call, source.entry()); each.next(); ) {
        double score = weighted(each.score(), source.weight());
        double before = sets.score(result, each.member());
        double total = Double.isNaN(before) ? score : query.aggregate().of(before, score);
        add(call, result, each.member(), total);
      }
    }
  }

  private static void intersect(Call call, Query query, long result) {
    Source smallest = query.sources().getFirst();
    if (smallest.entry() == 0) {
      return;
    }
    for (Scan each = new Scan(call, smallest.entry()); each.next(); ) {
      double score = sharedScore(call, query, each);
      if (!Double.isNaN(score)) {
        add(call, result, each.member(), score);
      }
    }
  }

  /// The aggregated score of a member of the first source, NaN if it is not in all of them.
  private static double sharedScore(Call call, Query query, Scan member) {
    List<Source> sources = query.sources();
    double score = weighted(member.score(), sources.getFirst().weight());
    for (int i = 1; i < sources.size(); i++) {
      Source source = sources.get(i);
      double there = scoreIn(call, source.entry(), member.member());
      if (Double.isNaN(there)) {
        return Double.NaN;
      }
      score = query.aggregate().of(score, weighted(there, source.weight()));
    }
    return score;
  }

  private static void subtract(Call call, Query query, long result) {
    List<Source> sources = query.sources();
    Source first = sources.getFirst();
    if (first.entry() == 0) {
      return;
    }
    for (Scan each = new Scan(call, first.entry()); each.next(); ) {
      boolean elsewhere = false;
      for (int i = 1; i < sources.size() && !elsewhere; i++) {
        elsewhere = !Double.isNaN(scoreIn(call, sources.get(i).entry(), each.member()));
      }
      if (!elsewhere) {
        add(call, result, each.member(), each.score());
      }
    }
  }

  private static double scoreIn(Call call, long entry, Element member) {
    if (entry == 0) {
      return Double.NaN;
    }
    if (Database.type(entry) == Type.ZSET) {
      return call.keyspace().sortedSets().score(entry, member);
    }
    return call.keyspace().sets().contains(entry, member) ? 1 : Double.NaN;
  }

  /// Zero times infinity is zero here.
  private static double weighted(double score, double weight) {
    double product = score * weight;
    return Double.isNaN(product) ? 0 : product;
  }

  private static void add(Call call, long result, Element member, double score) {
    Slice name = call.keyspace().scratch().first(member);
    call.keyspace().sortedSets().add(call.db(), result, name, score);
  }

  private static void replyAndDispose(Call call, long result, boolean withScores) {
    SortedSets sets = call.keyspace().sortedSets();
    Elements.beginPairs(call.reply(), sets.count(result), withScores);
    for (SortedSetCursor each = sets.members().startAscending(result, 0); each.next(); ) {
      Elements.pair(call.reply(), each, withScores);
    }
    sets.dispose(result);
  }

  /// Makes a detached sorted set the value of the destination and replies with its size; an empty
  /// one deletes the destination.
  static void store(Call call, Slice destination, long result, KeyEvent event) {
    SortedSets sets = call.keyspace().sortedSets();
    long count = sets.count(result);
    if (count == 0) {
      sets.dispose(result);
      call.db().deleteTarget(destination);
    } else {
      sets.attach(call.db(), destination, result);
      call.changed(destination, event);
    }
    call.reply().integer(count);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "ZDIFF ZDIFFSTORE ZINTER ZINTERCARD ZINTERSTORE ZUNION ZUNIONSTORE";

  public static List<Command> all() {
    return List.of(ZDIFF, ZDIFFSTORE, ZINTER, ZINTERCARD, ZINTERSTORE, ZUNION, ZUNIONSTORE);
  }
}
