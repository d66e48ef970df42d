package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.KeySpec.counted;
import static carnelian.command.KeySpec.first;
import static carnelian.command.ReplyShape.set;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT_ORDER;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SetCursor;
import carnelian.keyspace.Sets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Intersections, unions and differences of sets: replied, counted, or stored.
///
/// Results are gathered in a detached set, so that a destination may be one of the sources.
public final class SetAlgebraCommands {
  private static final ReplyError NUMKEYS = ReplyError.err("numkeys should be greater than 0");
  private static final ReplyError TOO_MANY_KEYS =
      ReplyError.err("Number of keys can't be greater than number of args");
  private static final ReplyError NEGATIVE_LIMIT = ReplyError.err("LIMIT can't be negative");

  private SetAlgebraCommands() {}

  /// SDIFF — Replies with the members of the first set that are in none of the others.
  static final Command SDIFF =
      command(
          declare("SDIFF")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = elements in all given sets")
              .summary("Replies with the members of the first set that are in none of the others.")
              .arity(-2)
              .flags(READONLY)
              .keys(allFrom(1, RO, ACCESS))
              .args(key("key").multiple())
              .replies(set())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          SetAlgebraCommands::sdiff);

  private static void sdiff(Call call) {
    replyAndDispose(call, difference(call, sources(call, 1, call.argc())));
  }

  /// SDIFFSTORE — Stores the members of the first set that are in none of the others.
  static final Command SDIFFSTORE =
      command(
          declare("SDIFFSTORE")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = elements in all given sets")
              .summary("Stores the members of the first set that are in none of the others.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), allFrom(2, RO, ACCESS))
              .args(key("destination"), key("key").keySpec(1).multiple())
              .replies(ReplyShape.integer()),
          SetAlgebraCommands::sdiffstore);

  private static void sdiffstore(Call call) {
    store(call, difference(call, sources(call, 2, call.argc())), KeyEvent.SDIFFSTORE);
  }

  /// SINTER — Replies with the members that all sets share.
  static final Command SINTER =
      command(
          declare("SINTER")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N*M), N = members of the smallest set, M = sets")
              .summary("Replies with the members that all sets share.")
              .arity(-2)
              .flags(READONLY)
              .keys(allFrom(1, RO, ACCESS))
              .args(key("key").multiple())
              .replies(set())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          SetAlgebraCommands::sinter);

  private static void sinter(Call call) {
    long[] sources = smallestFirst(call, sources(call, 1, call.argc()));
    Reply reply = call.reply();
    int mark = reply.deferArray();
    int found = 0;
    if (sources[0] != 0) {
      Sets sets = call.keyspace().sets();
      for (SetCursor each = sets.members(sources[0]); each.next(); ) {
        if (isInAllOthers(sets, sources, each.member())) {
          Elements.bulk(reply, each.member());
          found++;
        }
      }
    }
    reply.closeSet(mark, found);
  }

  /// SINTERCARD — Counts the members that all sets share, up to a limit.
  static final Command SINTERCARD =
      command(
          declare("SINTERCARD")
              .group(Group.SET)
              .since("7.0.0")
              .complexity("O(N*M), N = members of the smallest set, M = sets")
              .summary("Counts the members that all sets share, up to a limit.")
              .arity(-3)
              .flags(READONLY)
              .keys(counted(1, RO, ACCESS))
              .args(
                  integer("numkeys"),
                  key("key").multiple(),
                  integer("limit").token("LIMIT").optional())
              .replies(ReplyShape.integer()),
          SetAlgebraCommands::sintercard);

  private static void sintercard(Call call) {
    long numkeys = call.integer(1, 1, Long.MAX_VALUE, NUMKEYS);
    if (numkeys > call.argc() - 2) {
      throw TOO_MANY_KEYS;
    }
    int afterKeys = 2 + (int) numkeys;
    long limit = 0;
    for (int i = afterKeys; i < call.argc(); i += 2) {
      if (!call.is(i, "LIMIT") || i + 1 == call.argc()) {
        throw ReplyError.SYNTAX;
      }
      limit = call.integer(i + 1, 0, Long.MAX_VALUE, NEGATIVE_LIMIT);
    }
    long[] sources = smallestFirst(call, sources(call, 2, afterKeys));
    call.reply().integer(sources[0] == 0 ? 0 : countShared(call, sources, limit));
  }

  private static long countShared(Call call, long[] sources, long limit) {
    Sets sets = call.keyspace().sets();
    long shared = 0;
    for (SetCursor each = sets.members(sources[0]); each.next(); ) {
      if (isInAllOthers(sets, sources, each.member()) && ++shared == limit) {
        return shared;
      }
    }
    return shared;
  }

  /// SINTERSTORE — Stores the members that all sets share.
  static final Command SINTERSTORE =
      command(
          declare("SINTERSTORE")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N*M), N = members of the smallest set, M = sets")
              .summary("Stores the members that all sets share.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, UPDATE), allFrom(2, RO, ACCESS))
              .args(key("destination"), key("key").keySpec(1).multiple())
              .replies(ReplyShape.integer()),
          SetAlgebraCommands::sinterstore);

  private static void sinterstore(Call call) {
    long[] sources = smallestFirst(call, sources(call, 2, call.argc()));
    Sets sets = call.keyspace().sets();
    long result = sets.detached();
    if (sources[0] != 0) {
      for (SetCursor each = sets.newCursor().start(sources[0]); each.next(); ) {
        if (isInAllOthers(sets, sources, each.member())) {
          sets.add(call.db(), result, each.member());
        }
      }
    }
    store(call, result, KeyEvent.SINTERSTORE);
  }

  /// SUNION — Replies with the members of all sets together.
  static final Command SUNION =
      command(
          declare("SUNION")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = elements in all given sets")
              .summary("Replies with the members of all sets together.")
              .arity(-2)
              .flags(READONLY)
              .keys(allFrom(1, RO, ACCESS))
              .args(key("key").multiple())
              .replies(set())
              .tips(NONDETERMINISTIC_OUTPUT_ORDER),
          SetAlgebraCommands::sunion);

  private static void sunion(Call call) {
    replyAndDispose(call, union(call, sources(call, 1, call.argc())));
  }

  /// SUNIONSTORE — Stores the members of all sets together.
  static final Command SUNIONSTORE =
      command(
          declare("SUNIONSTORE")
              .group(Group.SET)
              .since("1.0.0")
              .complexity("O(N), N = elements in all given sets")
              .summary("Stores the members of all sets together.")
              .arity(-3)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), allFrom(2, RO, ACCESS))
              .args(key("destination"), key("key").keySpec(1).multiple())
              .replies(ReplyShape.integer()),
          SetAlgebraCommands::sunionstore);

  private static void sunionstore(Call call) {
    store(call, union(call, sources(call, 2, call.argc())), KeyEvent.SUNIONSTORE);
  }

  // ---- What they share -------------------------------------------------------------------------

  /// The sets at these arguments, 0 for an absent one; an error if one is no set, wherever it
  /// stands.
  private static long[] sources(Call call, int from, int end) {
    long[] sources = new long[end - from];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = call.db().read(call.arg(from + i), Type.SET);
    }
    // A lookup may have removed an expired key, but no entry of another moves by that.
    return sources;
  }

  /// An absent set is the smallest of all.
  private static long[] smallestFirst(Call call, long[] sources) {
    Sets sets = call.keyspace().sets();
    Long[] sorted = Arrays.stream(sources).boxed().toArray(Long[]::new);
    Arrays.sort(sorted, Comparator.comparingLong(source -> source == 0 ? 0 : sets.count(source)));
    return Arrays.stream(sorted).mapToLong(Long::longValue).toArray();
  }

  private static boolean isInAllOthers(Sets sets, long[] sources, Element member) {
    for (int i = 1; i < sources.length; i++) {
      if (!sets.contains(sources[i], member)) {
        return false;
      }
    }
    return true;
  }

  private static long union(Call call, long[] sources) {
    Sets sets = call.keyspace().sets();
    long result = sets.detached();
    for (long source : sources) {
      if (source != 0) {
        for (SetCursor each = sets.newCursor().start(source); each.next(); ) {
          sets.add(call.db(), result, each.member());
        }
      }
    }
    return result;
  }

  private static long difference(Call call, long[] sources) {
    Sets sets = call.keyspace().sets();
    long result = sets.detached();
    if (sources[0] != 0) {
      for (SetCursor each = sets.newCursor().start(sources[0]); each.next(); ) {
        if (!isInAnyOther(sets, sources, each.member())) {
          sets.add(call.db(), result, each.member());
        }
      }
    }
    return result;
  }

  private static boolean isInAnyOther(Sets sets, long[] sources, Element member) {
    for (int i = 1; i < sources.length; i++) {
      if (sources[i] != 0 && sets.contains(sources[i], member)) {
        return true;
      }
    }
    return false;
  }

  private static void replyAndDispose(Call call, long result) {
    Sets sets = call.keyspace().sets();
    Reply reply = call.reply();
    reply.set((int) sets.count(result));
    for (SetCursor each = sets.members(result); each.next(); ) {
      Elements.bulk(reply, each.member());
    }
    sets.dispose(result);
  }

  /// An empty result deletes the destination.
  private static void store(Call call, long result, KeyEvent event) {
    Slice destination = call.arg(1);
    Database db = call.db();
    Sets sets = call.keyspace().sets();
    long count = sets.count(result);
    if (count == 0) {
      sets.dispose(result);
      db.deleteTarget(destination);
    } else {
      sets.attach(db, destination, result);
      call.changed(destination, event);
    }
    call.reply().integer(count);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "SDIFF SDIFFSTORE SINTER SINTERCARD SINTERSTORE SUNION SUNIONSTORE";

  public static List<Command> all() {
    return List.of(SDIFF, SDIFFSTORE, SINTER, SINTERCARD, SINTERSTORE, SUNION, SUNIONSTORE);
  }
}
