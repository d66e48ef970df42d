package carnelian.server;

import carnelian.keyspace.Encoding;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.ValueVisitor;
import carnelian.keyspace.ValueWalk;
import carnelian.structures.Element;

/// How long a value would be in an RDB file, not counting compression: `serializedlength` of DEBUG
/// OBJECT.
final class SavedLength implements ValueVisitor {
  private static final int SCORE_BYTES = 8;
  private static final int SHORT_LENGTHS = 64;
  private static final int MIDDLE_LENGTHS = 16384;
  private static final int LONG_HEADER_BYTES = 5;

  private long bytes;
  private long nodes;
  private long compactBytes;
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
          case LIST_LISTPACK, LIST_QUICKLIST, SET_HASHTABLE, ZSET_SKIPLIST, HASH_HASHTABLE -> true;
          case STRING_INT,
              STRING_EMBSTR,
              STRING_RAW,
              STRING_BLOB,
              SET_INTSET,
              SET_LISTPACK,
              ZSET_LISTPACK,
              HASH_LISTPACK,
              STREAM ->
              false;
        };
    if (counted) {
      bytes += header(parts);
    }
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
    return length < SHORT_LENGTHS ? 1 : length < MIDDLE_LENGTHS ? 2 : LONG_HEADER_BYTES;
  }
}
