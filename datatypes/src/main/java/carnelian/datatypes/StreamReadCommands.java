package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.BLOCKING;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.keyword;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.StreamCursor;
import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Streams;
import carnelian.keyspace.Type;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.TreeCursor;
import java.util.List;

/// XREAD and XREADGROUP: entries of several streams after given IDs, waiting for some if need be.
public final class StreamReadCommands {
  private static final int NONE = 0;
  private static final long NO_BLOCK = -1;
  private static final String LAST = "$";

  private static final ReplyError GROUP_OF_XREAD =
      ReplyError.err("The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
  private static final ReplyError NOACK_OF_XREAD =
      ReplyError.err("The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
  private static final ReplyError NO_GROUP_OPTION =
      ReplyError.err("Missing GROUP option for XREADGROUP");
  private static final ReplyError LAST_OF_GROUP =
      ReplyError.err(
          "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of"
              + " this consumer by specifying a proper ID, or use the > ID to get new messages."
              + " The $ ID would just return an empty result set.");
  private static final ReplyError NEW_OF_XREAD =
      ReplyError.err(
          "The > ID can be specified only when calling XREADGROUP using the GROUP <group>"
              + " <consumer> option.");
  private static final ReplyError STREAM_GONE =
      ReplyError.of("UNBLOCKED the stream key no longer exists");
  private static final ReplyError GROUP_GONE =
      ReplyError.of("NOGROUP the consumer group this client was blocked on no longer exists");

  private StreamReadCommands() {}

  /// What the arguments ask for.
  private static final class Query {
    final boolean ofGroup;
    long timeoutMillis = NO_BLOCK;
    long count;
    boolean noAck;
    int groupAt = NONE;
    int firstKey = NONE;
    int streams;
    StreamId[] after = {};

    Query(boolean ofGroup) {
      this.ofGroup = ofGroup;
    }

    int keyAt(int stream) {
      return firstKey + stream;
    }

    int idAt(int stream) {
      return firstKey + streams + stream;
    }
  }

  /// XREAD — Replies with the entries after given IDs, waiting for some if asked to.
  static final Command XREAD =
      command(
          declare("XREAD")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries replied")
              .summary("Replies with the entries after given IDs, waiting for some if asked to.")
              .arity(-4)
              .flags(READONLY, BLOCKING, BLOCKING)
              .keys(keyword("STREAMS", 1, RO, ACCESS).limit(2))
              .args(
                  integer("count").token("COUNT").optional(),
                  integer("milliseconds").token("BLOCK").optional(),
                  block("streams", key("key").multiple(), string("id").multiple()).token("STREAMS"))
              .replies(ReplyShape.map(), ReplyShape.nil()),
          StreamReadCommands::xread);

  private static void xread(Call call) {
    read(call, parse(call, false));
  }

  /// XREADGROUP — Gives entries to a consumer of a group, waiting for some if asked to.
  static final Command XREADGROUP =
      command(
          declare("XREADGROUP")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries replied")
              .summary("Gives entries to a consumer of a group, waiting for some if asked to.")
              .arity(-7)
              .flags(WRITE, BLOCKING)
              .keys(keyword("STREAMS", 4, RO, ACCESS).limit(2))
              .args(
                  block("group-block", string("group"), string("consumer")).token("GROUP"),
                  integer("count").token("COUNT").optional(),
                  integer("milliseconds").token("BLOCK").optional(),
                  pureToken("NOACK").optional(),
                  block("streams", key("key").multiple(), string("id").multiple()).token("STREAMS"))
              .replies(ReplyShape.nil(), ReplyShape.map()),
          StreamReadCommands::xreadgroup);

  private static void xreadgroup(Call call) {
    // What a copy of the data has to know is said while entries are delivered.
    call.replicateNothing();
    read(call, parse(call, true));
  }

  // ---- Arguments -------------------------------------------------------------------------------

  private static Query parse(Call call, boolean ofGroup) {
    Query query = new Query(ofGroup);
    int i = 1;
    while (i < call.argc() && query.firstKey == NONE) {
      i += option(call, query, i);
    }
    if (query.firstKey == NONE) {
      throw ReplyError.SYNTAX;
    }
    if (ofGroup && query.groupAt == NONE) {
      throw NO_GROUP_OPTION;
    }
    query.after = new StreamId[query.streams];
    for (int stream = 0; stream < query.streams; stream++) {
      query.after[stream] = after(call, query, stream);
    }
    return query;
  }

  /// Reads the option at `i` and returns how many arguments it takes.
  private static int option(Call call, Query query, int i) {
    int behind = call.argc() - i - 1;
    if (call.is(i, "BLOCK") && behind >= 1) {
      query.timeoutMillis = timeout(call, i + 1);
      return 2;
    }
    if (call.is(i, "COUNT") && behind >= 1) {
      query.count = Math.max(0, call.integer(i + 1));
      return 2;
    }
    if (call.is(i, "STREAMS") && behind >= 1) {
      if (behind % 2 != 0) {
        throw ReplyError.err(
            "Unbalanced '"
                + call.name()
                + "' list of streams: for each stream key an ID or '"
                + (query.ofGroup ? '>' : '$')
                + "' must be specified.");
      }
      query.firstKey = i + 1;
      query.streams = behind / 2;
      return 1;
    }
    if (call.is(i, "GROUP") && behind >= 2) {
      if (!query.ofGroup) {
        throw GROUP_OF_XREAD;
      }
      query.groupAt = i + 1;
      return 3;
    }
    if (call.is(i, "NOACK")) {
      if (!query.ofGroup) {
        throw NOACK_OF_XREAD;
      }
      query.noAck = true;
      return 1;
    }
    throw ReplyError.SYNTAX;
  }

  private static long timeout(Call call, int index) {
    long millis = call.integer(index, ReplyError.TIMEOUT_NOT_AN_INTEGER);
    if (millis < 0) {
      throw ReplyError.TIMEOUT_NEGATIVE;
    }
    if (millis > Long.MAX_VALUE - call.nowMillis()) {
      throw ReplyError.TIMEOUT_OUT_OF_RANGE;
    }
    return millis;
  }

  /// The ID after which a stream is read; the greatest ID stands for what the group was not given.
  private static StreamId after(Call call, Query query, int index) {
    Slice key = call.arg(query.keyAt(index));
    long stream = stream(call, query, key);
    if (query.ofGroup && group(call, query, stream) == 0) {
      throw noGroup(call, query, key);
    }
    Slice id = call.arg(query.idAt(index));
    StreamId after = new StreamId();
    if (id.is(LAST)) {
      if (query.ofGroup) {
        throw LAST_OF_GROUP;
      }
      return stream == 0 ? after : call.keyspace().streams().lastId(stream, after);
    }
    if (id.is(">")) {
      if (!query.ofGroup) {
        throw NEW_OF_XREAD;
      }
      return after.setMax();
    }
    return StreamIds.strict(call, query.idAt(index), 0, after);
  }

  private static long stream(Call call, Query query, Slice key) {
    if (!query.ofGroup || !call.isRepeated()) {
      return call.db().read(key, Type.STREAM);
    }
    long stream = call.db().read(key);
    if (stream == 0 || Database.type(stream) != Type.STREAM) {
      throw STREAM_GONE;
    }
    return stream;
  }

  private static long group(Call call, Query query, long stream) {
    return stream == 0
        ? 0
        : call.keyspace().streams().groups().find(stream, call.arg(query.groupAt));
  }

  private static ReplyError noGroup(Call call, Query query, Slice key) {
    if (call.isRepeated()) {
      return GROUP_GONE;
    }
    return ReplyError.of(
        "NOGROUP No such key '"
            + key
            + "' or consumer group '"
            + call.arg(query.groupAt)
            + "' in XREADGROUP with GROUP option");
  }

  // ---- Reading ---------------------------------------------------------------------------------

  private static void read(Call call, Query query) {
    int mark = call.reply().mark();
    int array = call.reply().deferArray();
    int served = 0;
    for (int i = 0; i < query.streams; i++) {
      long stream = call.db().read(call.arg(query.keyAt(i)), Type.STREAM);
      if (stream != 0) {
        boolean any =
            query.ofGroup ? readForGroup(call, query, i, stream) : readAll(call, query, i, stream);
        served += any ? 1 : 0;
      }
    }
    if (served == 0) {
      call.reply().rollback(mark);
      blockOrNothing(call, query);
    } else if (call.reply().isResp3()) {
      call.reply().closeMap(array, served);
    } else {
      call.reply().closeArray(array, served);
    }
  }

  private static void beginStream(Call call, Query query, int index) {
    if (!call.reply().isResp3()) {
      call.reply().array(2);
    }
    call.reply().bulk(call.arg(query.keyAt(index)));
  }

  private static boolean readAll(Call call, Query query, int index, long stream) {
    Streams streams = call.keyspace().streams();
    StreamId after = query.after[index];
    StreamId last = new StreamId();
    if (!streams.lastPresentId(stream, last) || last.compare(after) <= 0) {
      return false;
    }
    after.increment();
    beginStream(call, query, index);
    StreamCursor entries = streams.entries().startForward(stream, after, new StreamId().setMax());
    StreamReplies.entries(call, entries, query.count);
    return true;
  }

  private static boolean readForGroup(Call call, Query query, int index, long stream) {
    Streams streams = call.keyspace().streams();
    StreamGroups groups = streams.groups();
    Slice key = call.arg(query.keyAt(index));
    long group = group(call, query, stream);
    StreamId after = query.after[index];
    boolean history = !after.isMax();
    boolean serves = history;
    if (!history) {
      StreamId last = new StreamId();
      groups.lastId(group, after);
      serves = streams.lastPresentId(stream, last) && last.compare(after) > 0;
    }
    Slice name = call.arg(query.groupAt + 1);
    long consumer = groups.consumer(group, name);
    if (consumer == 0) {
      consumer = groups.createConsumer(group, name, call.nowMillis());
      call.changedBeside(key, KeyEvent.XGROUP_CREATECONSUMER);
      if (query.noAck || history || !serves) {
        // Nothing else will be propagated that makes it.
        replicateConsumer(call, key, call.arg(query.groupAt), name);
      }
    }
    groups.seen(consumer, call.nowMillis());
    if (!serves) {
      after.setMax();
      return false;
    }
    boolean behind = after.increment();
    beginStream(call, query, index);
    if (history) {
      readHistory(call, stream, consumer, after, behind ? query.count : -1);
    } else {
      deliver(call, query, key, new Delivery(stream, group, consumer, after));
    }
    return true;
  }

  /// What is pending with the consumer, delivered once more; `count` 0: all, -1: nothing. That is
  /// not propagated, as in Redis: times and counts of deliveries are not worth it.
  private static void readHistory(
      Call call, long stream, long consumer, StreamId from, long count) {
    StreamGroups groups = call.keyspace().streams().groups();
    TreeCursor each = new TreeCursor();
    StreamId id = new StreamId();
    int mark = call.reply().deferArray();
    int entries = 0;
    boolean more = count >= 0 && groups.firstPendingWith(consumer, from, each);
    while (more && (count == 0 || entries < count)) {
      long pending = each.reference();
      if (StreamReplies.entry(call, stream, StreamGroups.id(pending, id))) {
        long deliveries = StreamGroups.deliveryCount(pending) + 1;
        groups.delivered(pending, call.nowMillis(), deliveries);
      } else {
        call.reply().array(2);
        StreamIds.reply(call, id);
        call.reply().nilArray();
      }
      entries++;
      more = each.next();
    }
    call.reply().closeArray(mark, entries);
  }

  /// From where on which group's consumer gets entries of which stream.
  private record Delivery(long stream, long group, long consumer, StreamId from) {}

  private static void deliver(Call call, Query query, Slice key, Delivery to) {
    Streams streams = call.keyspace().streams();
    StreamGroups groups = streams.groups();
    StreamCursor each =
        streams.entries().startForward(to.stream(), to.from(), new StreamId().setMax());
    int mark = call.reply().deferArray();
    int delivered = 0;
    while ((query.count == 0 || delivered < query.count) && each.next()) {
      groups.advance(to.stream(), to.group(), each.id());
      StreamReplies.entry(call, each);
      if (!query.noAck) {
        long pending = pendingWith(call, to, each.id());
        replicateClaim(call, key, call.arg(query.groupAt), to.group(), pending);
      }
      delivered++;
    }
    call.reply().closeArray(mark, delivered);
    if (delivered > 0) {
      replicatePosition(call, key, call.arg(query.groupAt), to.group());
      call.changedBeside(1);
    }
  }

  /// Makes the entry pending with the consumer, whoever had it before.
  private static long pendingWith(Call call, Delivery to, StreamId id) {
    StreamGroups groups = call.keyspace().streams().groups();
    long pending = groups.pendingEntry(to.group(), id);
    if (pending == 0) {
      pending = groups.createPending(to.group(), id, call.nowMillis(), 1);
    } else {
      groups.delivered(pending, call.nowMillis(), 1);
    }
    groups.assign(pending, to.consumer());
    groups.active(to.consumer(), call.nowMillis());
    return pending;
  }

  // ---- Propagation -----------------------------------------------------------------------------

  /// A pending entry as it now is, whatever made it so.
  static void replicateClaim(Call call, Slice key, Slice groupName, long group, long pending) {
    Effect effect = call.replicateAs("XCLAIM");
    if (!effect.isWanted()) {
      return;
    }
    StreamId id = new StreamId();
    effect.arg(key).arg(groupName);
    effect.arg(StreamGroups.name(StreamGroups.consumerOf(pending), new Slice())).arg("0");
    StreamIds.arg(call, effect, StreamGroups.id(pending, id));
    effect.arg("TIME").arg(StreamGroups.deliveryTime(pending));
    effect.arg("RETRYCOUNT").arg(StreamGroups.deliveryCount(pending));
    effect.arg("FORCE").arg("JUSTID").arg("LASTID");
    StreamIds.arg(call, effect, call.keyspace().streams().groups().lastId(group, id));
  }

  /// A consumer that has come into being.
  static void replicateConsumer(Call call, Slice key, Slice groupName, Slice name) {
    call.replicateAs("XGROUP").arg("CREATECONSUMER").arg(key).arg(groupName).arg(name);
  }

  /// How far the group has read.
  static void replicatePosition(Call call, Slice key, Slice groupName, long group) {
    StreamGroups groups = call.keyspace().streams().groups();
    Effect effect = call.replicateAs("XGROUP").arg("SETID").arg(key).arg(groupName);
    StreamIds.arg(call, effect, groups.lastId(group, new StreamId()));
    effect.arg("ENTRIESREAD").arg(groups.entriesRead(group));
  }

  // ---- Waiting ---------------------------------------------------------------------------------

  private static void blockOrNothing(Call call, Query query) {
    if (query.timeoutMillis == NO_BLOCK) {
      call.reply().nilArray();
      return;
    }
    int lastKey = query.keyAt(query.streams - 1);
    if (query.ofGroup) {
      call.blockOnKeysUntilGone(query.firstKey, lastKey, Type.STREAM, query.timeoutMillis);
      return;
    }
    // The command is kept with what `$` means now, so that it finds what is added from here on;
    // MONITOR and the slow log see the client's words when it is done.
    long[] last = new long[query.streams];
    try (NativeBuffer ids = new NativeBuffer(query.streams * StreamId.MAX_LENGTH)) {
      for (int i = 0; i < query.streams; i++) {
        Slice id = call.arg(query.idAt(i));
        if (id.is(LAST)) {
          int start = ids.length();
          query.after[i].appendTo(ids);
          last[i] = id.at;
          id.set(ids.address() + start, ids.length() - start);
        }
      }
      call.blockOnKeys(query.firstKey, lastKey, Type.STREAM, query.timeoutMillis);
    } finally {
      for (int i = 0; i < query.streams; i++) {
        if (last[i] != 0) {
          call.arg(query.idAt(i)).set(last[i], LAST.length());
        }
      }
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "XREAD XREADGROUP";

  public static List<Command> all() {
    return List.of(XREAD, XREADGROUP);
  }
}
