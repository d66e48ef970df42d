package carnelian.server;

import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.StreamMeta;
import carnelian.keyspace.StreamVisitor;
import carnelian.keyspace.ValueVisitor;
import carnelian.keyspace.ValueWalk;
import carnelian.structures.Element;

/// How long a value would be in an RDB file, not counting compression: `serializedlength` of DEBUG
/// OBJECT.
final class SavedLength implements ValueVisitor, StreamVisitor {
  private static final int SCORE_BYTES = 8;
  private static final int TIME_BYTES = 8;
  private static final int ID_BYTES = 16;
  private static final int SHORT_LENGTHS = 64;
  private static final int MIDDLE_LENGTHS = 16384;
  private static final int LONG_HEADER_BYTES = 5;
  private static final int WIDE_HEADER_BYTES = 9;

  private long bytes;
  private long nodes;
  private long compactBytes;
  private long earliest;
  private Encoding encoding = Encoding.STRING_RAW;

  private SavedLength() {}

  static SavedLength of(Keyspace keyspace, long entry) {
    SavedLength length = new SavedLength();
    keyspace.valueType(entry).walk(new ValueWalk(keyspace.heap().live()), entry, length);
    return length;
  }

  long bytes() {
    return bytes;
  }

  /// Listpacks, or large elements that stand alone, of a list.
  long nodes() {
    return nodes;
  }

  long compactBytes() {
    return compactBytes;
  }

  @Override
  public void begin(Encoding wholeEncoding, long parts) {
    encoding = wholeEncoding;
    boolean counted =
        switch (wholeEncoding) {
          case LIST_LISTPACK,
              LIST_QUICKLIST,
              SET_HASHTABLE,
              ZSET_SKIPLIST,
              HASH_HASHTABLE,
              HASH_HASHTABLE_EX,
              STREAM ->
              true;
          case STRING_INT,
              STRING_EMBSTR,
              STRING_RAW,
              STRING_BLOB,
              SET_INTSET,
              SET_LISTPACK,
              ZSET_LISTPACK,
              HASH_LISTPACK,
              HASH_LISTPACK_EX ->
              false;
        };
    if (counted) {
      bytes += header(parts);
    }
  }

  @Override
  public void earliestDeadline(long unixMillis) {
    earliest = unixMillis;
    bytes += TIME_BYTES;
  }

  @Override
  public void field(Element field, Element value, long deadline) {
    bytes += header(deadline == Database.NO_DEADLINE ? 0 : deadline - earliest + 1);
    field(field, value);
  }

  @Override
  public void compact(long at, int length) {
    node(length);
  }

  @Override
  public void element(Element element) {
    switch (encoding) {
      case LIST_LISTPACK, LIST_QUICKLIST -> node(element.length());
      case STRING_INT,
          STRING_EMBSTR,
          STRING_RAW,
          STRING_BLOB,
          SET_INTSET,
          SET_LISTPACK,
          SET_HASHTABLE,
          ZSET_LISTPACK,
          ZSET_SKIPLIST,
          HASH_LISTPACK,
          HASH_HASHTABLE,
          HASH_LISTPACK_EX,
          HASH_HASHTABLE_EX,
          STREAM ->
          add(element);
    }
  }

  @Override
  public void field(Element field, Element value) {
    add(field);
    add(value);
  }

  @Override
  public void member(Element member, double score) {
    add(member);
    bytes += SCORE_BYTES;
  }

  @Override
  public StreamVisitor stream() {
    return this;
  }

  @Override
  public void node(StreamId id, long listpack, int length) {
    bytes += 1 + ID_BYTES;
    node(length);
  }

  @Override
  public void meta(StreamMeta meta) {
    bytes += header(meta.length()) + header(meta.entriesAdded()) + header(meta.groups());
    id(meta.lastId());
    id(meta.firstId());
    id(meta.maxDeletedId());
  }

  private void id(StreamId id) {
    bytes += header(id.ms) + header(id.sequence);
  }

  @Override
  public void group(Element name, StreamId lastId, long entriesRead, long pending) {
    add(name);
    id(lastId);
    bytes += header(entriesRead) + header(pending);
  }

  @Override
  public void pending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
    bytes += ID_BYTES + TIME_BYTES + header(deliveryCount);
  }

  @Override
  public void consumers(long count) {
    bytes += header(count);
  }

  @Override
  public void consumer(Element name, long seenTimeMillis, long activeTimeMillis, long pending) {
    add(name);
    bytes += TIME_BYTES + header(pending);
  }

  @Override
  public void consumerPending(StreamId id, long deliveryTimeMillis, long deliveryCount) {
    bytes += ID_BYTES;
  }

  /// A node of a list says in one byte more what it is.
  private void node(int length) {
    boolean list = encoding == Encoding.LIST_LISTPACK || encoding == Encoding.LIST_QUICKLIST;
    bytes += (list ? 1 : 0) + header(length) + length;
    nodes++;
    compactBytes += length;
  }

  private void add(Element element) {
    if (element.isLong() && isSaveAsInteger(element.asLong())) {
      long value = element.asLong();
      bytes += value == (byte) value ? 2 : value == (short) value ? 3 : LONG_HEADER_BYTES;
    } else {
      bytes += header(element.length()) + element.length();
    }
  }

  private static boolean isSaveAsInteger(long value) {
    return value == (int) value;
  }

  private static int header(long length) {
    if (length >>> Integer.SIZE != 0) {
      return WIDE_HEADER_BYTES;
    }
    return length < SHORT_LENGTHS ? 1 : length < MIDDLE_LENGTHS ? 2 : LONG_HEADER_BYTES;
  }
}
