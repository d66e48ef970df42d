package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.keyspace.StreamCursor;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Streams;

/// Writes entries of streams into replies: each an array of its ID and of its fields and values.
final class StreamReplies {
  private StreamReplies() {}

  /// The entry that the cursor is on.
  static void entry(Call call, StreamCursor cursor) {
    call.reply().array(2);
    StreamIds.reply(call, cursor.id());
    call.reply().array(2 * cursor.fields());
    while (cursor.nextField()) {
      Elements.bulk(call.reply(), cursor.field());
      Elements.bulk(call.reply(), cursor.value());
    }
  }

  /// The entries on the cursor's way, `limit` at most, all if that is 0.
  static void entries(Call call, StreamCursor cursor, long limit) {
    int mark = call.reply().deferArray();
    int count = 0;
    while ((limit == 0 || count < limit) && cursor.next()) {
      entry(call, cursor);
      count++;
    }
    call.reply().closeArray(mark, count);
  }

  /// The entry with this ID; false, and nothing is written, if it is not there.
  static boolean entry(Call call, long stream, StreamId id) {
    Streams streams = call.keyspace().streams();
    StreamCursor cursor = streams.entries().startForward(stream, id, id);
    if (!cursor.next()) {
      return false;
    }
    entry(call, cursor);
    return true;
  }

  /// The first entry on the cursor's way, or nil.
  static void firstOrNil(Call call, StreamCursor cursor) {
    if (cursor.next()) {
      entry(call, cursor);
    } else {
      call.reply().nil();
    }
  }
}
