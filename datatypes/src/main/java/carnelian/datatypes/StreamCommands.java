package carnelian.datatypes;

import static carnelian.command.Arg.block;
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
import static carnelian.command.KeyFlag.RO;
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
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.StreamCursor;
import carnelian.keyspace.StreamFields;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamTrimming;
import carnelian.keyspace.Streams;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Streams: entries in, out and deleted. Reading several streams and waiting for entries is in
/// [StreamReadCommands], consumer groups are in [StreamGroupCommands].
public final class StreamCommands {
  private static final ReplyError ZERO_ID =
      ReplyError.err("The ID specified in XADD must be greater than 0-0");
  private static final ReplyError EXHAUSTED =
      ReplyError.err("The stream has exhausted the last possible ID, unable to add more items");
  private static final ReplyError NOT_GREATER =
      ReplyError.err(
          "The ID specified in XADD is equal or smaller than the target stream top item");
  private static final ReplyError TOO_LARGE = ReplyError.err("Elements are too large to be stored");
  private static final ReplyError NEGATIVE_ENTRIES =
      ReplyError.err("entries_added must be positive");
  private static final ReplyError BELOW_GIVEN_DELETED =
      ReplyError.err(
          "The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
  private static final ReplyError BELOW_DELETED =
      ReplyError.err("The ID specified in XSETID is smaller than current max_deleted_entry_id");
  private static final ReplyError BELOW_TOP =
      ReplyError.err("The ID specified in XSETID is smaller than the target stream top item");
  private static final ReplyError FEWER_THAN_LENGTH =
      ReplyError.err(
          "The entries_added specified in XSETID is smaller than the target stream length");

  private StreamCommands() {}

  /// Fields and values as they stand in the arguments.
  private record Arguments(Call call, int first) implements StreamFields {
    @Override
    public int count() {
      return (call.argc() - first) / 2;
    }

    @Override
    public Slice field(int index) {
      return call.arg(first + 2 * index);
    }

    @Override
    public Slice value(int index) {
      return call.arg(first + 2 * index + 1);
    }
  }

  /// XADD — Appends an entry to a stream.
  static final Command XADD =
      command(
          declare("XADD")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1); O(N) when trimming, N = entries removed")
              .summary("Appends an entry to a stream.")
              .arity(-5)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE).notes("It may trim as well as append."))
              .args(
                  key("key"),
                  pureToken("NOMKSTREAM").since("6.2.0").optional(),
                  block(
                          "trim",
                          oneOf("strategy", pureToken("MAXLEN"), pureToken("MINID").since("6.2.0")),
                          oneOf(
                                  "operator",
                                  pureToken("equal", "="),
                                  pureToken("approximately", "~"))
                              .optional(),
                          string("threshold"),
                          integer("count").token("LIMIT").since("6.2.0").optional())
                      .optional(),
                  oneOf("id-selector", pureToken("auto-id", "*"), string("id")),
                  block("data", string("field"), string("value")).multiple())
              .replies(ReplyShape.bulk(), ReplyShape.nil())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("6.2.0", "Takes `NOMKSTREAM`, `MINID` and `LIMIT`.")
              .history("7.0.0", "Takes IDs of the form `<ms>-*`."),
          StreamCommands::xadd);

  private static void xadd(Call call) {
    StreamTrimArguments arguments = StreamTrimArguments.of(call, true);
    Arguments fields = new Arguments(call, arguments.idAt + 1);
    int words = call.argc() - arguments.idAt - 1;
    if (arguments.idAt < 0 || words < 2 || words % 2 != 0) {
      throw ReplyError.wrongNumberOfArguments(call.name());
    }
    if (arguments.idGiven && arguments.sequenceGiven && arguments.id.isZero()) {
      throw ZERO_ID;
    }
    Slice key = call.arg(1);
    Streams streams = call.keyspace().streams();
    long stream = call.db().write(key, Type.STREAM);
    if (stream == 0 && arguments.noMakeStream) {
      call.reply().nil();
      return;
    }
    StreamId last = stream == 0 ? new StreamId() : streams.lastId(stream, new StreamId());
    StreamId id = newId(call, arguments, last);
    if (Streams.isTooLarge(fields)) {
      throw TOO_LARGE;
    }
    if (stream == 0) {
      stream = streams.create(call.db(), key);
    }
    streams.append(stream, id, fields);
    call.changed(key, KeyEvent.XADD);
    StreamIds.reply(call, id);
    StreamTrimming trimming = arguments.trimming();
    if (trimming != null && streams.trim(stream, trimming) > 0) {
      call.changed(key, KeyEvent.XTRIM, 0);
    }
    if (arguments.isRewritten()) {
      arguments.replicate("XADD", stream, id);
    }
  }

  /// The ID for the new entry, greater than the stream's last.
  private static StreamId newId(Call call, StreamTrimArguments arguments, StreamId last) {
    if (last.isMax()) {
      throw EXHAUSTED;
    }
    StreamId id = arguments.id;
    if (!arguments.idGiven) {
      id.set(call.nowMillis(), 0);
      if (Long.compareUnsigned(id.ms, last.ms) <= 0) {
        id.set(last);
        id.increment();
      }
    } else if (!arguments.sequenceGiven && id.ms == last.ms) {
      if (last.sequence == StreamId.MAX) {
        throw NOT_GREATER;
      }
      id.sequence = last.sequence + 1;
    }
    if (id.compare(last) <= 0) {
      throw NOT_GREATER;
    }
    return id;
  }

  /// XDEL — Deletes entries from a stream.
  static final Command XDEL =
      command(
          declare("XDEL")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1) for each entry")
              .summary("Deletes entries from a stream.")
              .arity(-3)
              .flags(WRITE, FAST)
              .keys(first(RW, DELETE))
              .args(key("key"), string("id").multiple())
              .replies(ReplyShape.integer()),
          StreamCommands::xdel);

  private static void xdel(Call call) {
    Slice key = call.arg(1);
    Streams streams = call.keyspace().streams();
    StreamId id = new StreamId();
    long stream = call.db().write(key, Type.STREAM);
    if (stream == 0) {
      call.reply().integer(0);
      return;
    }
    // All IDs are read before anything changes: the command happens whole or not at all.
    for (int i = 2; i < call.argc(); i++) {
      StreamIds.strict(call, i, 0, id);
    }
    int deleted = 0;
    for (int i = 2; i < call.argc(); i++) {
      deleted += streams.delete(stream, StreamIds.strict(call, i, 0, id)) ? 1 : 0;
    }
    if (deleted > 0) {
      call.changed(key, KeyEvent.XDEL, deleted);
    }
    call.reply().integer(deleted);
  }

  /// XLEN — Replies with the number of entries.
  static final Command XLEN =
      command(
          declare("XLEN")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Replies with the number of entries.")
              .arity(2)
              .flags(READONLY, FAST)
              .keys(first(RO))
              .args(key("key"))
              .replies(ReplyShape.integer()),
          StreamCommands::xlen);

  private static void xlen(Call call) {
    long stream = call.db().read(call.arg(1), Type.STREAM);
    call.reply().integer(stream == 0 ? 0 : call.keyspace().streams().length(stream));
  }

  /// XRANGE — Replies with the entries between two IDs.
  static final Command XRANGE =
      command(
          declare("XRANGE")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries replied")
              .summary("Replies with the entries between two IDs.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("start"),
                  string("end"),
                  integer("count").token("COUNT").optional())
              .replies(ReplyShape.array())
              .history("6.2.0", "Takes exclusive ranges."),
          StreamCommands::xrange);

  private static void xrange(Call call) {
    range(call, 2, 3);
  }

  private static void range(Call call, int firstAt, int lastAt) {
    StreamId first = StreamIds.from(call, firstAt, new StreamId());
    StreamId last = StreamIds.to(call, lastAt, new StreamId());
    boolean counted = false;
    long count = 0;
    for (int i = 4; i < call.argc(); i += 2) {
      if (!call.is(i, "COUNT") || i + 1 == call.argc()) {
        throw ReplyError.SYNTAX;
      }
      count = Math.max(0, call.integer(i + 1));
      counted = true;
    }
    long stream = call.db().read(call.arg(1), Type.STREAM);
    if (stream == 0) {
      call.reply().array(0);
    } else if (counted && count == 0) {
      call.reply().nilArray();
    } else {
      StreamCursor entries = call.keyspace().streams().entries();
      boolean reverse = firstAt > lastAt;
      StreamReplies.entries(
          call,
          reverse
              ? entries.startBackward(stream, first, last)
              : entries.startForward(stream, first, last),
          count);
    }
  }

  /// XREVRANGE — Replies with the entries between two IDs, newest first.
  static final Command XREVRANGE =
      command(
          declare("XREVRANGE")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries replied")
              .summary("Replies with the entries between two IDs, newest first.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("end"),
                  string("start"),
                  integer("count").token("COUNT").optional())
              .replies(ReplyShape.array())
              .history("6.2.0", "Takes exclusive ranges."),
          StreamCommands::xrevrange);

  private static void xrevrange(Call call) {
    range(call, 3, 2);
  }

  /// XSETID — Sets a stream's last ID, for replication.
  static final Command XSETID =
      command(
          declare("XSETID")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(1)")
              .summary("Sets a stream's last ID, for replication.")
              .arity(-3)
              .flags(WRITE, DENYOOM, FAST)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  string("last-id"),
                  integer("entries-added").token("ENTRIESADDED").since("7.0.0").optional(),
                  string("max-deleted-id").token("MAXDELETEDID").since("7.0.0").optional())
              .replies(ReplyShape.ok())
              .history("7.0.0", "Takes `entries_added` and `max_deleted_entry_id`."),
          StreamCommands::xsetid);

  private static void xsetid(Call call) {
    StreamId id = StreamIds.strict(call, 2, 0, new StreamId());
    StreamId maxDeleted = new StreamId();
    long added = -1;
    for (int i = 3; i < call.argc(); i += 2) {
      if (call.is(i, "ENTRIESADDED") && i + 1 < call.argc()) {
        added = call.integer(i + 1);
        if (added < 0) {
          throw NEGATIVE_ENTRIES;
        }
      } else if (call.is(i, "MAXDELETEDID") && i + 1 < call.argc()) {
        StreamIds.strict(call, i + 1, 0, maxDeleted);
        if (id.compare(maxDeleted) < 0) {
          throw BELOW_GIVEN_DELETED;
        }
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    Slice key = call.arg(1);
    Streams streams = call.keyspace().streams();
    long stream = call.db().write(key, Type.STREAM);
    if (stream == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    checkLast(streams, stream, id, added);
    streams.setLastId(stream, id);
    if (added >= 0) {
      streams.entriesAdded(stream, added);
    }
    if (!maxDeleted.isZero()) {
      streams.setMaxDeletedId(stream, maxDeleted);
    }
    call.changedBeside(key, KeyEvent.XSETID);
    call.reply().ok();
  }

  private static void checkLast(Streams streams, long stream, StreamId id, long added) {
    StreamId present = new StreamId();
    if (id.compare(streams.maxDeletedId(stream, present)) < 0) {
      throw BELOW_DELETED;
    }
    if (streams.lastPresentId(stream, present)) {
      if (id.compare(present) < 0) {
        throw BELOW_TOP;
      }
      if (added >= 0 && streams.length(stream) > added) {
        throw FEWER_THAN_LENGTH;
      }
    }
  }

  /// XTRIM — Removes the oldest entries of a stream.
  static final Command XTRIM =
      command(
          declare("XTRIM")
              .group(Group.STREAM)
              .since("5.0.0")
              .complexity("O(N), N = entries removed")
              .summary("Removes the oldest entries of a stream.")
              .arity(-4)
              .flags(WRITE)
              .keys(first(RW, DELETE))
              .args(
                  key("key"),
                  block(
                      "trim",
                      oneOf("strategy", pureToken("MAXLEN"), pureToken("MINID").since("6.2.0")),
                      oneOf("operator", pureToken("equal", "="), pureToken("approximately", "~"))
                          .optional(),
                      string("threshold"),
                      integer("count").token("LIMIT").since("6.2.0").optional()))
              .replies(ReplyShape.integer())
              .tips(NONDETERMINISTIC_OUTPUT)
              .history("6.2.0", "Takes `MINID` and `LIMIT`."),
          StreamCommands::xtrim);

  private static void xtrim(Call call) {
    StreamTrimArguments arguments = StreamTrimArguments.of(call, false);
    Slice key = call.arg(1);
    StreamTrimming trimming = arguments.trimming();
    long stream = call.db().write(key, Type.STREAM);
    long removed = 0;
    if (stream != 0 && trimming != null) {
      removed = call.keyspace().streams().trim(stream, trimming);
    }
    if (removed > 0) {
      call.changed(key, KeyEvent.XTRIM, removed);
      if (arguments.isRewritten()) {
        arguments.replicate("XTRIM", stream, new StreamId());
      }
    }
    call.reply().integer(removed);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "XADD XDEL XLEN XRANGE XREVRANGE XSETID XTRIM";

  public static List<Command> all() {
    return List.of(XADD, XDEL, XLEN, XRANGE, XREVRANGE, XSETID, XTRIM);
  }
}
