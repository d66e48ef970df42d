package carnelian.persistence.log;

import carnelian.keyspace.StreamGroups;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamMeta;
import carnelian.keyspace.StreamNodeReader;
import carnelian.keyspace.StreamVisitor;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;

/// Writes streams as the commands that make them: each entry, what the stream says of itself, its
/// groups, their consumers and what is pending with them. One owner, one thread.
final class StreamCommandWriter implements StreamVisitor, AutoCloseable {
  private final Reply out;
  private final NativeBuffer key;
  private final Runnable flushing;
  private final NativeBuffer groupName = new NativeBuffer(64);
  private final NativeBuffer consumerName = new NativeBuffer(64);
  private final StreamNodeReader entries = new StreamNodeReader();
  private final Slice slice = new Slice();

  /// `key` holds the key of the stream that is written; `flushing` runs after each command.
  StreamCommandWriter(Reply out, NativeBuffer key, Runnable flushing) {
    this.out = out;
    this.key = key;
    this.flushing = flushing;
  }

  private void begin(int arguments, String command, String subcommand) {
    out.array(arguments);
    out.bulk(command);
    if (!subcommand.isEmpty()) {
      out.bulk(subcommand);
    }
    out.bulk(key.slice(slice));
  }

  private void put(Element element) {
    if (element.isInteger()) {
      out.bulkInteger(element.integer());
    } else {
      out.bulk(element.at(), element.length());
    }
  }

  @Override
  public void node(StreamId id, long listpack, int bytes) {
    entries.start(id, listpack);
    while (entries.next()) {
      begin(3 + 2 * entries.fields(), "XADD", "");
      out.bulk(entries.id().toString());
      while (entries.nextField()) {
        put(entries.field());
        put(entries.value());
      }
      flushing.run();
    }
  }

  @Override
  public void meta(StreamMeta meta) {
    if (meta.length() == 0) {
      // An entry that is trimmed at once makes the stream.
      begin(7, "XADD", "");
      out.bulk("MAXLEN");
      out.bulk("0");
      out.bulk(meta.lastId().isZero() ? "0-1" : meta.lastId().toString());
      out.bulk("x");
      out.bulk("y");
    }
    begin(7, "XSETID", "");
    out.bulk(meta.lastId().toString());
    out.bulk("ENTRIESADDED");
    out.bulkInteger(meta.entriesAdded());
    out.bulk("MAXDELETEDID");
    out.bulk(meta.maxDeletedId().toString());
    flushing.run();
  }

  @Override
  public void group(Element name, StreamId lastId, long entriesRead, long pending) {
    groupName.clear();
    name.appendTo(groupName);
    boolean known = entriesRead != StreamGroups.UNKNOWN_ENTRIES_READ;
    begin(known ? 7 : 5, "XGROUP", "CREATE");
    out.bulk(groupName.slice(slice));
    out.bulk(lastId.toString());
    if (known) {
      out.bulk("ENTRIESREAD");
      out.bulkInteger(entriesRead);
    }
  }

  /// Comes again with its consumer.
  @Override
  public void pending(StreamId id, long deliveryTimeMillis, long deliveryCount) {}

  @Override
  public void consumers(long count) {}

  @Override
  public void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending) {
    consumerName.clear();
    name.appendTo(consumerName);
    begin(5, "XGROUP", "CREATECONSUMER");
    out.bulk(groupName.slice(slice));
    out.bulk(consumerName.slice(slice));
    flushing.run();
  }

  @Override
  public void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
    begin(12, "XCLAIM", "");
    out.bulk(groupName.slice(slice));
    out.bulk(consumerName.slice(slice));
    out.bulk("0");
    out.bulk(id.toString());
    out.bulk("TIME");
    out.bulkInteger(deliveryTimeMillis);
    out.bulk("RETRYCOUNT");
    out.bulkInteger(deliveryCount);
    out.bulk("FORCE");
    out.bulk("JUSTID");
    flushing.run();
  }

  @Override
  public void close() {
    groupName.close();
    consumerName.close();
  }
}
