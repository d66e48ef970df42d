package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.at;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Streams;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.TreeCursor;
import java.util.List;

/// XINFO: what streams, groups and consumers say of themselves.
public final class StreamInfoCommands {
  private static final long DEFAULT_COUNT = 10;

  private StreamInfoCommands() {}

  /// XINFO CONSUMERS — Describes the consumers of a group.
  static final Command XINFO_CONSUMERS =
      command(
          declare("XINFO|CONSUMERS")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Describes the consumers of a group.")
              .arity(4)
              .flags(READONLY)
              .keys(at(2, RO, ACCESS))
              .args(key("key"), string("group"))
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("7.2.0", "Replies with `inactive` too."),
          StreamInfoCommands::xinfoConsumers);

  private static void xinfoConsumers(Call call) {
    long stream = requireStream(call);
    StreamGroups groups = call.keyspace().streams().groups();
    long group = groups.find(stream, call.arg(3));
    if (group == 0) {
      throw StreamGroupCommands.noGroup(call.arg(3), call.arg(2));
    }
    Reply reply = call.reply();
    TreeCursor each = new TreeCursor();
    reply.array((int) groups.consumers(group));
    for (boolean more = groups.firstConsumer(group, each); more; more = each.next()) {
      long consumer = each.reference();
      long active = StreamGroups.activeTime(consumer);
      reply.map(4);
      name(reply, consumer);
      number(reply, "pending", groups.pendingWith(consumer));
      number(reply, "idle", Math.max(0, call.nowMillis() - StreamGroups.seenTime(consumer)));
      number(reply, "inactive", active == StreamGroups.NEVER ? active : call.nowMillis() - active);
    }
  }

  private static long requireStream(Call call) {
    long stream = call.db().read(call.arg(2), Type.STREAM);
    if (stream == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    return stream;
  }

  private static void name(Reply reply, long groupOrConsumer) {
    reply.bulk("name");
    reply.bulk(StreamGroups.name(groupOrConsumer, new Slice()));
  }

  private static void number(Reply reply, String name, long number) {
    reply.bulk(name);
    reply.integer(number);
  }

  private static void id(Call call, String name, StreamId id) {
    call.reply().bulk(name);
    StreamIds.reply(call, id);
  }

  /// XINFO GROUPS — Describes the consumer groups of a stream.
  static final Command XINFO_GROUPS =
      command(
          declare("XINFO|GROUPS")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Describes the consumer groups of a stream.")
              .arity(3)
              .flags(READONLY)
              .keys(at(2, RO, ACCESS))
              .args(key("key"))
              .replies(ReplyShape.array())
              .history("7.0.0", "Replies with `entries-read` and `lag` too."),
          StreamInfoCommands::xinfoGroups);

  private static void xinfoGroups(Call call) {
    long stream = requireStream(call);
    StreamGroups groups = call.keyspace().streams().groups();
    Reply reply = call.reply();
    TreeCursor each = new TreeCursor();
    reply.array((int) groups.count(stream));
    for (boolean more = groups.first(stream, each); more; more = each.next()) {
      long group = each.reference();
      reply.map(6);
      name(reply, group);
      number(reply, "consumers", groups.consumers(group));
      number(reply, "pending", groups.pending(group));
      id(call, "last-delivered-id", groups.lastId(group, new StreamId()));
      progress(call, stream, group);
    }
  }

  /// How far the group has come, each number nil if it is not known.
  private static void progress(Call call, long stream, long group) {
    StreamGroups groups = call.keyspace().streams().groups();
    call.reply().bulk("entries-read");
    known(call.reply(), groups.entriesRead(group), StreamGroups.UNKNOWN_ENTRIES_READ);
    call.reply().bulk("lag");
    known(call.reply(), groups.lag(stream, group), StreamGroups.UNKNOWN_LAG);
  }

  private static void known(Reply reply, long number, long unknown) {
    if (number == unknown) {
      reply.nil();
    } else {
      reply.integer(number);
    }
  }

  /// XINFO HELP — Lists the subcommands.
  static final Command XINFO_HELP =
      command(
          declare("XINFO|HELP")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Lists the subcommands.")
              .arity(2)
              .flags(LOADING, STALE)
              .replies(ReplyShape.array()),
          Help::help);

  /// XINFO STREAM — Describes a stream.
  static final Command XINFO_STREAM =
      command(
          declare("XINFO|STREAM")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Describes a stream.")
              .arity(-3)
              .flags(READONLY)
              .keys(at(2, RO, ACCESS))
              .args(
                  key("key"),
                  block("full-block", pureToken("FULL"), integer("count").token("COUNT").optional())
                      .optional())
              .replies(ReplyShape.map())
              .history("6.0.0", "Takes `FULL`.")
              .history(
                  "7.0.0",
                  "Replies with `max-deleted-entry-id`, `entries-added`, "
                      + "`recorded-first-entry-id`, `entries-read` and `lag` too.")
              .history("7.2.0", "Replies with `active-time`; `seen-time` has another meaning."),
          StreamInfoCommands::xinfoStream);

  private static void xinfoStream(Call call) {
    long stream = requireStream(call);
    boolean full = call.argc() > 3;
    long count = DEFAULT_COUNT;
    if (full) {
      if ((call.argc() != 4 && call.argc() != 6)
          || !call.is(3, "FULL")
          || (call.argc() == 6 && !call.is(4, "COUNT"))) {
        throw Help.hint(call);
      }
      if (call.argc() == 6) {
        count = call.integer(5);
        count = count < 0 ? DEFAULT_COUNT : count;
      }
    }
    Streams streams = call.keyspace().streams();
    call.reply().map(full ? 9 : 10);
    stream(call, stream);
    if (full) {
      call.reply().bulk("entries");
      StreamReplies.entries(call, streams.entries().startAtFirst(stream), count);
      fullGroups(call, stream, count);
    } else {
      number(call.reply(), "groups", streams.groups().count(stream));
      call.reply().bulk("first-entry");
      StreamReplies.firstOrNil(call, streams.entries().startAtFirst(stream));
      call.reply().bulk("last-entry");
      StreamReplies.firstOrNil(call, streams.entries().startAtLast(stream));
    }
  }

  private static void stream(Call call, long stream) {
    Streams streams = call.keyspace().streams();
    StreamId id = new StreamId();
    number(call.reply(), "length", streams.length(stream));
    number(call.reply(), "radix-tree-keys", streams.nodes(stream));
    // There is no radix tree; one of so many keys has at least one node more.
    number(call.reply(), "radix-tree-nodes", streams.nodes(stream) + 1);
    id(call, "last-generated-id", streams.lastId(stream, id));
    id(call, "max-deleted-entry-id", streams.maxDeletedId(stream, id));
    number(call.reply(), "entries-added", streams.entriesAdded(stream));
    id(call, "recorded-first-entry-id", streams.firstId(stream, id));
  }

  private static void fullGroups(Call call, long stream, long count) {
    StreamGroups groups = call.keyspace().streams().groups();
    TreeCursor each = new TreeCursor();
    call.reply().bulk("groups");
    call.reply().array((int) groups.count(stream));
    for (boolean more = groups.first(stream, each); more; more = each.next()) {
      long group = each.reference();
      call.reply().map(7);
      name(call.reply(), group);
      id(call, "last-delivered-id", groups.lastId(group, new StreamId()));
      progress(call, stream, group);
      number(call.reply(), "pel-count", groups.pending(group));
      fullPending(call, group, count);
      fullConsumers(call, group, count);
    }
  }

  private static void fullPending(Call call, long group, long count) {
    Reply reply = call.reply();
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    reply.bulk("pending");
    int mark = reply.deferArray();
    int replied = 0;
    boolean more = call.keyspace().streams().groups().firstPending(group, id, each);
    for (; more && (count == 0 || replied < count); more = each.next()) {
      long pending = each.reference();
      reply.array(4);
      StreamIds.reply(call, StreamGroups.id(pending, id));
      reply.bulk(StreamGroups.name(StreamGroups.consumerOf(pending), new Slice()));
      reply.integer(StreamGroups.deliveryTime(pending));
      reply.integer(StreamGroups.deliveryCount(pending));
      replied++;
    }
    reply.closeArray(mark, replied);
  }

  private static void fullConsumers(Call call, long group, long count) {
    StreamGroups groups = call.keyspace().streams().groups();
    Reply reply = call.reply();
    TreeCursor each = new TreeCursor();
    reply.bulk("consumers");
    reply.array((int) groups.consumers(group));
    for (boolean more = groups.firstConsumer(group, each); more; more = each.next()) {
      long consumer = each.reference();
      reply.map(5);
      name(reply, consumer);
      number(reply, "seen-time", StreamGroups.seenTime(consumer));
      number(reply, "active-time", StreamGroups.activeTime(consumer));
      number(reply, "pel-count", groups.pendingWith(consumer));
      fullPendingWith(call, consumer, count);
    }
  }

  private static void fullPendingWith(Call call, long consumer, long count) {
    Reply reply = call.reply();
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    reply.bulk("pending");
    int mark = reply.deferArray();
    int replied = 0;
    boolean more = call.keyspace().streams().groups().firstPendingWith(consumer, id, each);
    for (; more && (count == 0 || replied < count); more = each.next()) {
      long pending = each.reference();
      reply.array(3);
      StreamIds.reply(call, StreamGroups.id(pending, id));
      reply.integer(StreamGroups.deliveryTime(pending));
      reply.integer(StreamGroups.deliveryCount(pending));
      replied++;
    }
    reply.closeArray(mark, replied);
  }

  /// XINFO — Describes streams; see its subcommands.
  static final Command XINFO =
      container(
          declare("XINFO")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("Depends on subcommand")
              .summary("Describes streams; see its subcommands.")
              .arity(-2),
          List.of(XINFO_CONSUMERS, XINFO_GROUPS, XINFO_HELP, XINFO_STREAM));

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "XINFO";

  public static List<Command> all() {
    return List.of(XINFO);
  }
}
