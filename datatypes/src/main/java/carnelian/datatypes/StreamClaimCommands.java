package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.Arg.unixTime;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.DELETE;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Streams;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.TreeCursor;
import java.util.ArrayList;
import java.util.List;

/// Taking over entries that are pending with other consumers. An entry that is no longer in the
/// stream is taken out of what is pending on the way.
public final class StreamClaimCommands {
  private static final long NOT_GIVEN = -1;
  private static final long DEFAULT_COUNT = 100;

  /// XAUTOCLAIM looks at so many times the entries that it may claim.
  private static final long ATTEMPTS_PER_ENTRY = 10;

  private static final long MAX_COUNT = Long.MAX_VALUE / 16;

  private static final ReplyError NOT_A_COUNT = ReplyError.err("COUNT must be > 0");

  private StreamClaimCommands() {}

  /// How claimed entries are marked.
  private static final class Claim {
    final Slice key;
    final Slice groupName;
    long stream;
    long group;
    long consumer;
    boolean consumerIsNew;
    long minIdle;
    boolean force;
    boolean justId;
    long retryCount = NOT_GIVEN;
    long deliveryTime = NOT_GIVEN;
    final StreamId lastId = new StreamId();

    Claim(Call call) {
      key = call.arg(1);
      groupName = call.arg(2);
    }
  }

  /// XAUTOCLAIM — Takes over entries that other consumers left idle.
  static final Command XAUTOCLAIM =
      command(
          declare("XAUTOCLAIM")
              .group(Group.STREAM)
              .since("6.2.0")
              .complexity("O(1) if COUNT is small")
              .summary("Takes over entries that other consumers left idle.")
              .arity(-6)
              .flags(WRITE, FAST)
              .keys(first(RW, DELETE))
              .args(
                  key("key"),
                  string("group"),
                  string("consumer"),
                  string("min-idle-time"),
                  string("start"),
                  integer("count").token("COUNT").optional(),
                  pureToken("JUSTID").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("7.0.0", "Replies with the deleted entries it met, too."),
          StreamClaimCommands::xautoclaim);

  private static void xautoclaim(Call call) {
    Claim claim = new Claim(call);
    long found = call.db().read(claim.key); // An expired one goes, whatever the arguments are.
    claim.minIdle = Math.max(0, call.integer(4, invalid("min-idle-time argument", "XAUTOCLAIM")));
    StreamId from = StreamIds.from(call, 5, new StreamId());
    long count = DEFAULT_COUNT;
    for (int i = 6; i < call.argc(); i++) {
      if (call.is(i, "COUNT") && i + 1 < call.argc()) {
        count = call.integer(++i, 1, MAX_COUNT, NOT_A_COUNT);
      } else if (call.is(i, "JUSTID")) {
        claim.justId = true;
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    call.replicateNothing();
    findGroup(call, claim, found);
    findConsumer(call, claim);
    claim.deliveryTime = call.nowMillis();
    StreamId end = new StreamId();
    List<StreamId> gone = new ArrayList<>();
    List<Long> taken = choose(call, claim, from, count, end);
    call.reply().array(3);
    StreamIds.reply(call, end);
    int mark = call.reply().deferArray();
    int claimed = 0;
    StreamId id = new StreamId();
    for (long pending : taken) {
      if (call.keyspace().streams().contains(claim.stream, StreamGroups.id(pending, id))) {
        take(call, claim, pending);
        replyClaimed(call, claim, id);
        claimed++;
      } else {
        gone.add(new StreamId().set(id));
        forget(call, claim, pending);
      }
    }
    end(call, claim);
    call.reply().closeArray(mark, claimed);
    call.reply().array(gone.size());
    for (StreamId each : gone) {
      StreamIds.reply(call, each);
    }
  }

  private static ReplyError invalid(String what, String command) {
    return ReplyError.err("Invalid " + what + " for " + command);
  }

  /// The pending entries that are to be claimed or have gone; `end` becomes the ID of the one after
  /// the last that was looked at, 0-0 at the end.
  private static List<Long> choose(
      Call call, Claim claim, StreamId from, long count, StreamId end) {
    Streams streams = call.keyspace().streams();
    List<Long> chosen = new ArrayList<>();
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    boolean more = streams.groups().firstPending(claim.group, from, each);
    for (long left = count * ATTEMPTS_PER_ENTRY; more && left > 0; left--) {
      if (chosen.size() >= count) {
        break;
      }
      long pending = each.reference();
      boolean there = streams.contains(claim.stream, StreamGroups.id(pending, id));
      if (!there || isIdle(call, claim, pending)) {
        chosen.add(pending);
      }
      more = each.next();
    }
    end.set(0, 0);
    if (more) {
      StreamGroups.id(each.reference(), end);
    }
    return chosen;
  }

  private static boolean isIdle(Call call, Claim claim, long pending) {
    return claim.minIdle == 0
        || call.nowMillis() - StreamGroups.deliveryTime(pending) >= claim.minIdle;
  }

  /// XCLAIM — Takes over certain entries of other consumers.
  static final Command XCLAIM =
      command(
          declare("XCLAIM")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(log N), N = messages in the PEL of the consumer group")
              .summary("Takes over certain entries of other consumers.")
              .arity(-6)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  string("group"),
                  string("consumer"),
                  string("min-idle-time"),
                  string("id").multiple(),
                  integer("ms").token("IDLE").optional(),
                  unixTime("unix-time-milliseconds").token("TIME").optional(),
                  integer("count").token("RETRYCOUNT").optional(),
                  pureToken("FORCE").optional(),
                  pureToken("JUSTID").optional(),
                  string("lastid").token("LASTID").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT),
          StreamClaimCommands::xclaim);

  private static void xclaim(Call call) {
    Claim claim = new Claim(call);
    findGroup(call, claim, call.db().read(claim.key));
    claim.minIdle = Math.max(0, call.integer(4, invalid("min-idle-time argument", "XCLAIM")));
    StreamId id = new StreamId();
    int options = 5;
    while (options < call.argc() && StreamIds.isStrict(call.arg(options), 0, id)) {
      options++;
    }
    for (int i = options; i < call.argc(); ) {
      i += option(call, claim, i);
    }
    call.replicateNothing();
    StreamGroups groups = call.keyspace().streams().groups();
    boolean moved = claim.lastId.compare(groups.lastId(claim.group, id)) > 0;
    if (moved) {
      groups.position(claim.group, claim.lastId, groups.entriesRead(claim.group));
    }
    long now = call.nowMillis();
    if (claim.deliveryTime < 0 || claim.deliveryTime > now) {
      claim.deliveryTime = now;
    }
    findConsumer(call, claim);
    int mark = call.reply().deferArray();
    int claimed = 0;
    boolean told = false;
    for (int i = 5; i < options; i++) {
      StreamIds.isStrict(call.arg(i), 0, id);
      long pending = groups.pendingEntry(claim.group, id);
      if (!call.keyspace().streams().contains(claim.stream, id)) {
        if (pending != 0) {
          forget(call, claim, pending);
          told = true;
        }
        continue;
      }
      if (pending == 0 && claim.force) {
        pending = groups.createPending(claim.group, id, now, 1);
      } else if (pending == 0 || !isIdle(call, claim, pending)) {
        continue;
      }
      take(call, claim, pending);
      replyClaimed(call, claim, id);
      told = true;
      claimed++;
    }
    if (moved && !told) {
      // Else it was said with the entries.
      StreamReadCommands.replicatePosition(call, claim.key, claim.groupName, claim.group);
      call.changedBeside(1);
    }
    end(call, claim);
    call.reply().closeArray(mark, claimed);
  }

  /// Reads the option at `i` and returns how many arguments it takes.
  private static int option(Call call, Claim claim, int i) {
    boolean behind = i + 1 < call.argc();
    if (call.is(i, "FORCE")) {
      claim.force = true;
      return 1;
    }
    if (call.is(i, "JUSTID")) {
      claim.justId = true;
      return 1;
    }
    if (call.is(i, "IDLE") && behind) {
      long idle = call.integer(i + 1, invalid("IDLE option argument", "XCLAIM"));
      // A time before the epoch, or behind now, is as good as none.
      claim.deliveryTime = call.nowMillis() - idle;
    } else if (call.is(i, "TIME") && behind) {
      claim.deliveryTime = call.integer(i + 1, invalid("TIME option argument", "XCLAIM"));
    } else if (call.is(i, "RETRYCOUNT") && behind) {
      claim.retryCount = call.integer(i + 1, invalid("RETRYCOUNT option argument", "XCLAIM"));
    } else if (call.is(i, "LASTID") && behind) {
      StreamIds.strict(call, i + 1, 0, claim.lastId);
    } else {
      throw ReplyError.err("Unrecognized XCLAIM option '" + call.arg(i) + "'");
    }
    return 2;
  }

  // ---- Both ------------------------------------------------------------------------------------

  private static void findGroup(Call call, Claim claim, long entry) {
    claim.stream = Database.checked(entry, Type.STREAM);
    StreamGroups groups = call.keyspace().streams().groups();
    claim.group = claim.stream == 0 ? 0 : groups.find(claim.stream, claim.groupName);
    if (claim.group == 0) {
      throw StreamGroupCommands.noKeyOrGroup(call);
    }
  }

  private static void findConsumer(Call call, Claim claim) {
    StreamGroups groups = call.keyspace().streams().groups();
    claim.consumer = groups.consumer(claim.group, call.arg(3));
    if (claim.consumer == 0) {
      claim.consumer = groups.createConsumer(claim.group, call.arg(3), call.nowMillis());
      claim.consumerIsNew = true;
      call.changedBeside(claim.key, KeyEvent.XGROUP_CREATECONSUMER);
    }
    groups.seen(claim.consumer, call.nowMillis());
  }

  private static void take(Call call, Claim claim, long pending) {
    StreamGroups groups = call.keyspace().streams().groups();
    long count = StreamGroups.deliveryCount(pending) + (claim.justId ? 0 : 1);
    groups.delivered(pending, claim.deliveryTime, claim.retryCount >= 0 ? claim.retryCount : count);
    groups.assign(pending, claim.consumer);
    groups.active(claim.consumer, call.nowMillis());
    StreamReadCommands.replicateClaim(call, claim.key, claim.groupName, claim.group, pending);
    claim.consumerIsNew = false;
    call.changedBeside(1);
  }

  /// A consumer that has got nothing is propagated by itself.
  private static void end(Call call, Claim claim) {
    if (claim.consumerIsNew) {
      StreamReadCommands.replicateConsumer(call, claim.key, claim.groupName, call.arg(3));
    }
  }

  private static void replyClaimed(Call call, Claim claim, StreamId id) {
    if (claim.justId) {
      StreamIds.reply(call, id);
    } else {
      boolean _ = StreamReplies.entry(call, claim.stream, id);
    }
  }

  /// The entry is no longer in the stream. Copies find that out by themselves when they are told to
  /// claim it.
  private static void forget(Call call, Claim claim, long pending) {
    StreamReadCommands.replicateClaim(call, claim.key, claim.groupName, claim.group, pending);
    call.keyspace().streams().groups().delete(claim.group, pending);
    call.changedBeside(1);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "XAUTOCLAIM XCLAIM";

  public static List<Command> all() {
    return List.of(XAUTOCLAIM, XCLAIM);
  }
}
