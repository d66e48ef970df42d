package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.STALE;
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
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Streams;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.TreeCursor;
import java.util.List;

/// Consumer groups: made, changed, and what is pending in them. Taking over what others left is in
/// [StreamClaimCommands].
public final class StreamGroupCommands {
  private static final ReplyError NEGATIVE_ENTRIES_READ =
      ReplyError.err("value for ENTRIESREAD must be positive or -1");
  private static final ReplyError NO_KEY =
      ReplyError.err(
          "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to"
              + " use the MKSTREAM option to create an empty stream automatically.");
  private static final ReplyError BUSY_GROUP =
      ReplyError.of("BUSYGROUP Consumer Group name already exists");

  /// Options may come twice as long as there are no more arguments than all of them once are.
  private static final int MOST_CREATE_ARGUMENTS = 8;

  private static final int MOST_SETID_ARGUMENTS = 7;

  private StreamGroupCommands() {}

  /// XACK — Marks entries as dealt with by a consumer group.
  static final Command XACK =
      command(
          declare("XACK")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1) for each message ID processed")
              .summary("Marks entries as dealt with by a consumer group.")
              .arity(-4)
              .flags(WRITE, FAST)
              .keys(first(RW, UPDATE))
              .args(key("key"), string("group"), string("id").multiple())
              .replies(ReplyShape.integer()),
          StreamGroupCommands::xack);

  private static void xack(Call call) {
    long stream = call.db().read(call.arg(1), Type.STREAM);
    StreamGroups groups = call.keyspace().streams().groups();
    long group = stream == 0 ? 0 : groups.find(stream, call.arg(2));
    if (group == 0) {
      call.reply().integer(0);
      return;
    }
    StreamId id = new StreamId();
    // All IDs are read before anything changes: the command happens whole or not at all.
    for (int i = 3; i < call.argc(); i++) {
      StreamIds.strict(call, i, 0, id);
    }
    int acknowledged = 0;
    for (int i = 3; i < call.argc(); i++) {
      long pending = groups.pendingEntry(group, StreamIds.strict(call, i, 0, id));
      if (pending != 0) {
        groups.delete(group, pending);
        acknowledged++;
      }
    }
    if (acknowledged > 0) {
      call.changedBeside(acknowledged);
    }
    call.reply().integer(acknowledged);
  }

  /// XGROUP CREATE — Creates a consumer group.
  static final Command XGROUP_CREATE =
      command(
          declare("XGROUP|CREATE")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Creates a consumer group.")
              .arity(-5)
              .flags(WRITE, DENYOOM)
              .keys(at(2, RW, INSERT))
              .args(
                  key("key"),
                  string("group"),
                  oneOf("id-selector", string("id"), pureToken("new-id", "$")),
                  pureToken("MKSTREAM").optional(),
                  integer("entries-read").token("ENTRIESREAD").optional())
              .replies(ReplyShape.ok())
              .history("7.0.0", "Takes `entries_read`."),
          StreamGroupCommands::xgroupCreate);

  private static void xgroupCreate(Call call) {
    boolean makeStream = false;
    long entriesRead = StreamGroups.UNKNOWN_ENTRIES_READ;
    for (int i = 5; i < call.argc(); i++) {
      if (call.is(i, "MKSTREAM")) {
        makeStream = true;
      } else if (call.is(i, "ENTRIESREAD") && i + 1 < call.argc()) {
        entriesRead = entriesRead(call, ++i);
      } else {
        throw Help.hint(call);
      }
    }
    Slice key = call.arg(2);
    Streams streams = call.keyspace().streams();
    long stream = call.db().write(key, Type.STREAM);
    if (stream == 0 && !makeStream) {
      throw NO_KEY;
    }
    if (call.argc() > MOST_CREATE_ARGUMENTS) {
      throw Help.hint(call);
    }
    StreamId last = new StreamId();
    if (!call.arg(4).is("$")) {
      StreamIds.strict(call, 4, 0, last);
    } else if (stream != 0) {
      streams.lastId(stream, last);
    }
    boolean isNew = stream == 0;
    if (isNew) {
      stream = streams.create(call.db(), key);
    }
    if (streams.groups().find(stream, call.arg(3)) != 0) {
      throw BUSY_GROUP;
    }
    long _ = streams.groups().create(stream, call.arg(3), last, entriesRead);
    if (isNew) {
      call.changed(key, KeyEvent.XGROUP_CREATE);
    } else {
      call.changedBeside(key, KeyEvent.XGROUP_CREATE);
    }
    call.reply().ok();
  }

  private static long entriesRead(Call call, int index) {
    long entries = call.integer(index);
    if (entries < 0 && entries != StreamGroups.UNKNOWN_ENTRIES_READ) {
      throw NEGATIVE_ENTRIES_READ;
    }
    return entries;
  }

  /// XGROUP CREATECONSUMER — Creates a consumer.
  static final Command XGROUP_CREATECONSUMER =
      command(
          declare("XGROUP|CREATECONSUMER")
              .group(Group.STREAM)
              .since("6.2.0")
              .complexity("O(1)")
              .summary("Creates a consumer.")
              .arity(5)
              .flags(WRITE, DENYOOM)
              .keys(at(2, RW, INSERT))
              .args(key("key"), string("group"), string("consumer"))
              .replies(ReplyShape.integer()),
          StreamGroupCommands::xgroupCreateconsumer);

  private static void xgroupCreateconsumer(Call call) {
    StreamGroups groups = call.keyspace().streams().groups();
    long group = requireGroup(call, requireStream(call));
    boolean added = groups.consumer(group, call.arg(4)) == 0;
    if (added) {
      long _ = groups.createConsumer(group, call.arg(4), call.nowMillis());
      call.changedBeside(call.arg(2), KeyEvent.XGROUP_CREATECONSUMER);
    }
    call.reply().integer(added ? 1 : 0);
  }

  private static long requireStream(Call call) {
    long stream = call.db().write(call.arg(2), Type.STREAM);
    if (stream == 0) {
      throw NO_KEY;
    }
    return stream;
  }

  private static long requireGroup(Call call, long stream) {
    long group = call.keyspace().streams().groups().find(stream, call.arg(3));
    if (group == 0) {
      throw noGroup(call.arg(3), call.arg(2));
    }
    return group;
  }

  static ReplyError noGroup(Slice group, Slice key) {
    return ReplyError.of(
        "NOGROUP No such consumer group '" + group + "' for key name '" + key + "'");
  }

  /// XGROUP DELCONSUMER — Deletes a consumer.
  static final Command XGROUP_DELCONSUMER =
      command(
          declare("XGROUP|DELCONSUMER")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Deletes a consumer.")
              .arity(5)
              .flags(WRITE)
              .keys(at(2, RW, DELETE))
              .args(key("key"), string("group"), string("consumer"))
              .replies(ReplyShape.integer()),
          StreamGroupCommands::xgroupDelconsumer);

  private static void xgroupDelconsumer(Call call) {
    StreamGroups groups = call.keyspace().streams().groups();
    long group = requireGroup(call, requireStream(call));
    long consumer = groups.consumer(group, call.arg(4));
    long pending = 0;
    if (consumer != 0) {
      pending = groups.pendingWith(consumer);
      groups.deleteConsumer(group, consumer);
      call.changedBeside(call.arg(2), KeyEvent.XGROUP_DELCONSUMER);
    }
    call.reply().integer(pending);
  }

  /// XGROUP DESTROY — Deletes a consumer group.
  static final Command XGROUP_DESTROY =
      command(
          declare("XGROUP|DESTROY")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = pending entries of the group")
              .summary("Deletes a consumer group.")
              .arity(4)
              .flags(WRITE)
              .keys(at(2, RW, DELETE))
              .args(key("key"), string("group"))
              .replies(ReplyShape.integer()),
          StreamGroupCommands::xgroupDestroy);

  private static void xgroupDestroy(Call call) {
    StreamGroups groups = call.keyspace().streams().groups();
    long stream = requireStream(call);
    long group = groups.find(stream, call.arg(3));
    if (group != 0) {
      groups.remove(stream, group);
      call.changedBeside(call.arg(2), KeyEvent.XGROUP_DESTROY);
    }
    call.reply().integer(group != 0 ? 1 : 0);
  }

  /// XGROUP HELP — Lists the subcommands.
  static final Command XGROUP_HELP =
      command(
          declare("XGROUP|HELP")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Lists the subcommands.")
              .arity(2)
              .flags(LOADING, STALE)
              .replies(ReplyShape.array()),
          Help::help);

  /// XGROUP SETID — Sets the last entry that a group has been given.
  static final Command XGROUP_SETID =
      command(
          declare("XGROUP|SETID")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Sets the last entry that a group has been given.")
              .arity(-5)
              .flags(WRITE)
              .keys(at(2, RW, UPDATE))
              .args(
                  key("key"),
                  string("group"),
                  oneOf("id-selector", string("id"), pureToken("new-id", "$")),
                  integer("entriesread").token("ENTRIESREAD").displayed("entries-read").optional())
              .replies(ReplyShape.ok())
              .history("7.0.0", "Takes `entries_read`."),
          StreamGroupCommands::xgroupSetid);

  private static void xgroupSetid(Call call) {
    long entriesRead = StreamGroups.UNKNOWN_ENTRIES_READ;
    for (int i = 5; i < call.argc(); i += 2) {
      if (!call.is(i, "ENTRIESREAD") || i + 1 == call.argc()) {
        throw Help.hint(call);
      }
      entriesRead = entriesRead(call, i + 1);
    }
    long stream = requireStream(call);
    long group = requireGroup(call, stream);
    if (call.argc() > MOST_SETID_ARGUMENTS) {
      throw Help.hint(call);
    }
    Streams streams = call.keyspace().streams();
    StreamId last = new StreamId();
    if (call.arg(4).is("$")) {
      streams.lastId(stream, last);
    } else {
      StreamIds.lenient(call, 4, 0, last);
    }
    streams.groups().position(group, last, entriesRead);
    call.changedBeside(call.arg(2), KeyEvent.XGROUP_SETID);
    call.reply().ok();
  }

  /// XGROUP — Deals with consumer groups; see its subcommands.
  static final Command XGROUP =
      container(
          declare("XGROUP")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("Depends on subcommand")
              .summary("Deals with consumer groups; see its subcommands.")
              .arity(-2),
          List.of(
              XGROUP_CREATE,
              XGROUP_CREATECONSUMER,
              XGROUP_DELCONSUMER,
              XGROUP_DESTROY,
              XGROUP_HELP,
              XGROUP_SETID));

  /// XPENDING — Replies with entries that were given out but not acknowledged.
  static final Command XPENDING =
      command(
          declare("XPENDING")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries replied; O(M) with IDLE, M = entries scanned")
              .summary("Replies with entries that were given out but not acknowledged.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("group"),
                  block(
                          "filters",
                          integer("min-idle-time").token("IDLE").since("6.2.0").optional(),
                          string("start"),
                          string("end"),
                          integer("count"),
                          string("consumer").optional())
                      .optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("6.2.0", "Takes `IDLE` and exclusive ranges."),
          StreamGroupCommands::xpending);

  private static void xpending(Call call) {
    int argc = call.argc();
    if (argc != 3 && (argc < 6 || argc > 9)) {
      throw ReplyError.SYNTAX;
    }
    long minIdle = 0;
    int start = 3;
    StreamId from = new StreamId();
    StreamId to = new StreamId();
    long count = 0;
    if (argc > 3) {
      if (call.is(3, "IDLE")) {
        minIdle = call.integer(4);
        if (argc < 8) {
          throw ReplyError.SYNTAX;
        }
        start = 5;
      }
      count = Math.max(0, call.integer(start + 2));
      StreamIds.from(call, start, from);
      StreamIds.to(call, start + 1, to);
    }
    long stream = call.db().read(call.arg(1), Type.STREAM);
    long group = stream == 0 ? 0 : call.keyspace().streams().groups().find(stream, call.arg(2));
    if (group == 0) {
      throw noKeyOrGroup(call);
    }
    if (argc == 3) {
      pendingSummary(call, group);
    } else {
      int consumerAt = start + 3 < argc ? start + 3 : 0;
      pendingRange(call, group, consumerAt, new Range(from, to, count, minIdle));
    }
  }

  static ReplyError noKeyOrGroup(Call call) {
    return ReplyError.of(
        "NOGROUP No such key '" + call.arg(1) + "' or consumer group '" + call.arg(2) + "'");
  }

  private static void pendingSummary(Call call, long group) {
    StreamGroups groups = call.keyspace().streams().groups();
    long count = groups.pending(group);
    call.reply().array(4);
    call.reply().integer(count);
    if (count == 0) {
      call.reply().nil();
      call.reply().nil();
      call.reply().nilArray();
      return;
    }
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    groups.firstPending(group, id, each);
    StreamIds.reply(call, StreamGroups.id(each.reference(), id));
    StreamIds.reply(call, StreamGroups.id(groups.lastPending(group), id));
    int mark = call.reply().deferArray();
    int consumers = 0;
    boolean more = groups.firstConsumer(group, each);
    for (; more; more = each.next()) {
      long consumer = each.reference();
      if (groups.pendingWith(consumer) > 0) {
        call.reply().array(2);
        call.reply().bulk(StreamGroups.name(consumer, new Slice()));
        call.reply().bulkInteger(groups.pendingWith(consumer));
        consumers++;
      }
    }
    call.reply().closeArray(mark, consumers);
  }

  /// Which pending entries are asked for.
  private record Range(StreamId from, StreamId to, long count, long minIdle) {}

  private static void pendingRange(Call call, long group, int consumerAt, Range range) {
    StreamGroups groups = call.keyspace().streams().groups();
    long consumer = consumerAt == 0 ? 0 : groups.consumer(group, call.arg(consumerAt));
    if (consumerAt != 0 && consumer == 0) {
      call.reply().array(0);
      return;
    }
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    int mark = call.reply().deferArray();
    int replied = 0;
    boolean more =
        consumer == 0
            ? groups.firstPending(group, range.from(), each)
            : groups.firstPendingWith(consumer, range.from(), each);
    for (; more && replied < range.count(); more = each.next()) {
      long pending = each.reference();
      if (StreamGroups.id(pending, id).compare(range.to()) > 0) {
        break;
      }
      long idle = call.nowMillis() - StreamGroups.deliveryTime(pending);
      if (range.minIdle() != 0 && idle < range.minIdle()) {
        continue;
      }
      call.reply().array(4);
      StreamIds.reply(call, id);
      call.reply().bulk(StreamGroups.name(StreamGroups.consumerOf(pending), new Slice()));
      call.reply().integer(Math.max(0, idle));
      call.reply().integer(StreamGroups.deliveryCount(pending));
      replied++;
    }
    call.reply().closeArray(mark, replied);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "XACK XGROUP XPENDING";

  public static List<Command> all() {
    return List.of(XACK, XGROUP, XPENDING);
  }
}
