package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.ListEnd;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/// Makes values of what an RDB file or a DUMP payload holds, whichever server wrote it. Nothing is
/// trusted: compact values are checked element by element before they are taken over, numbers of
/// elements become memory only as the elements arrive, and a field or member that comes twice is an
/// error.
///
/// A compact value that is within the present limits is taken over as it is; one beyond them, and
/// what comes element by element, goes through the services, so that it gets the encoding that it
/// would have got by commands.
///
/// On the engine's thread. If a value turns out to be broken, what was made of it stays under the
/// key; the caller removes it.
final class RdbValueReader implements AutoCloseable {
  /// What a claimed number of elements may reserve at once.
  private static final long MAX_RESERVED = 1 << 16;

  /// Up to here, looking for each element among those behind it costs less than a set of them.
  private static final int QUADRATIC_ELEMENTS = 256;

  private static final int CONTAINER_PLAIN = 1;
  private static final int CONTAINER_PACKED = 2;

  private final RdbInput in;
  private final Keyspace keyspace;
  private final Listpacks listpacks;
  private final Intsets intsets;
  private final RdbStreamReader streams;
  private final RdbVolatileHashReader hashes;
  private final NativeBuffer kept = new NativeBuffer(64);
  private final NativeBuffer digits = new NativeBuffer(64);
  private final NativeBuffer otherDigits = new NativeBuffer(64);
  private final Slice string = new Slice();
  private final Slice name = new Slice();
  private final Slice value = new Slice();
  private final Element element = new Element();

  RdbValueReader(RdbInput in, Keyspace keyspace) {
    this.in = in;
    this.keyspace = keyspace;
    listpacks = new Listpacks(keyspace.heap());
    intsets = new Intsets(keyspace.heap());
    hashes = new RdbVolatileHashReader(in, keyspace.hashes());
    streams = new RdbStreamReader(in, keyspace.streams(), listpacks);
  }

  /// Whether [#read] and [#skip] know the type.
  static boolean isSupported(RdbType type) {
    return switch (type) {
      case STRING,
          LIST,
          SET,
          ZSET,
          HASH,
          ZSET_2,
          HASH_ZIPMAP,
          LIST_ZIPLIST,
          SET_INTSET,
          ZSET_ZIPLIST,
          HASH_ZIPLIST,
          LIST_QUICKLIST,
          HASH_LISTPACK,
          ZSET_LISTPACK,
          LIST_QUICKLIST_2,
          SET_LISTPACK,
          STREAM_LISTPACKS,
          STREAM_LISTPACKS_2,
          STREAM_LISTPACKS_3,
          HASH_LISTPACK_EX_PRE_GA,
          HASH_METADATA,
          HASH_LISTPACK_EX,
          VALKEY_HASH_2 ->
          true;
      case MODULE_PRE_GA, MODULE_2, HASH_METADATA_PRE_GA -> false;
    };
  }

  /// An error about a type byte that was read last.
  static RdbFormatException unsupported(RdbInput in, String found) {
    return in.broken(1, "a type that is supported: 0 to 5, 9 to 21, 23 to 25", found);
  }

  /// Reads a value and adds it to the database under a key that is absent; its bytes stay where
  /// they are meanwhile. Returns the entry, or 0 if the value has no elements.
  long read(RdbType type, Database db, Slice key, long deadline) throws IOException {
    if (type == RdbType.STRING) {
      return keyspace.strings().add(db, key, in.readString(string), deadline);
    }
    long entry =
        switch (type) {
          case LIST -> readList(db, key);
          case SET -> readSet(db, key);
          case ZSET, ZSET_2 -> readSortedSet(type, db, key);
          case HASH -> readHash(db, key);
          case LIST_QUICKLIST, LIST_QUICKLIST_2 -> readNodes(type, db, key);
          case SET_INTSET -> readIntset(db, key);
          case LIST_ZIPLIST -> list(db, key, readZiplist());
          case HASH_ZIPMAP -> hash(db, key, readZipmap());
          case HASH_ZIPLIST -> hash(db, key, readZiplist());
          case HASH_LISTPACK -> hash(db, key, readListpack());
          case ZSET_ZIPLIST -> sortedSet(db, key, readZiplist());
          case ZSET_LISTPACK -> sortedSet(db, key, readListpack());
          case SET_LISTPACK -> set(db, key, readListpack());
          case STREAM_LISTPACKS, STREAM_LISTPACKS_2, STREAM_LISTPACKS_3 ->
              streams.read(type, db, key);
          case HASH_METADATA, HASH_LISTPACK_EX, HASH_LISTPACK_EX_PRE_GA, VALKEY_HASH_2 ->
              hashes.read(type, db, key);
          case STRING, MODULE_PRE_GA, MODULE_2, HASH_METADATA_PRE_GA ->
              throw new IllegalArgumentException(type + " (expected: a supported type)");
        };
    return entry != 0 && deadline >= 0 ? db.expireAt(entry, deadline) : entry;
  }

  /// Reads over a value.
  void skip(RdbType type) throws IOException {
    switch (type) {
      case LIST, SET, LIST_QUICKLIST -> skipStrings(in.readLength(), 1);
      case HASH -> skipStrings(in.readLength(), 2);
      case ZSET, ZSET_2 -> {
        for (long left = in.readLength(); left != 0; left--) {
          in.skipString();
          double _ = type == RdbType.ZSET ? in.readTextDouble() : in.readDouble();
        }
      }
      case LIST_QUICKLIST_2 -> {
        for (long left = in.readLength(); left != 0; left--) {
          long _ = in.readLength();
          in.skipString();
        }
      }
      case STRING,
          HASH_ZIPMAP,
          LIST_ZIPLIST,
          SET_INTSET,
          ZSET_ZIPLIST,
          HASH_ZIPLIST,
          HASH_LISTPACK,
          ZSET_LISTPACK,
          SET_LISTPACK ->
          in.skipString();
      case STREAM_LISTPACKS, STREAM_LISTPACKS_2, STREAM_LISTPACKS_3 ->
          RdbStreamReader.skip(in, type);
      case HASH_METADATA, HASH_LISTPACK_EX, HASH_LISTPACK_EX_PRE_GA, VALKEY_HASH_2 ->
          hashes.skip(type);
      case MODULE_PRE_GA, MODULE_2, HASH_METADATA_PRE_GA ->
          throw new IllegalArgumentException(type + " (expected: a supported type)");
    }
  }

  private void skipStrings(long elements, int strings) throws IOException {
    for (long left = elements; left != 0; left--) {
      for (int i = 0; i < strings; i++) {
        in.skipString();
      }
    }
  }

  // ---- Element by element ----------------------------------------------------------------------

  private long readCount() throws IOException {
    return in.readLength(Long.MAX_VALUE, "a number of elements");
  }

  private Slice readKept(Slice into) throws IOException {
    in.readString(string);
    return keep(into);
  }

  private Slice keep(Slice into) {
    kept.clear();
    kept.put(string);
    return kept.slice(into);
  }

  private long readList(Database db, Slice key) throws IOException {
    long count = readCount();
    if (count == 0) {
      return 0;
    }
    long entry = keyspace.lists().create(db, key);
    for (long i = 0; i < count; i++) {
      in.readString(string);
      push(db, entry, string);
    }
    return entry;
  }

  private void push(Database db, long entry, Slice pushed) throws RdbFormatException {
    if (pushed.length > Listpacks.MAX_BYTES - 64) {
      throw in.broken(0, "an element below 1 GiB", pushed.length + " bytes");
    }
    keyspace.lists().push(db, entry, pushed, ListEnd.TAIL);
  }

  private long readSet(Database db, Slice key) throws IOException {
    long count = readCount();
    long entry = 0;
    for (long i = 0; i < count; i++) {
      in.readString(string);
      if (i == 0) {
        int expected = (int) Math.min(count, Integer.MAX_VALUE);
        entry = keyspace.sets().create(db, key, string, expected);
        if (Database.encoding(entry) == Encoding.SET_HASHTABLE) {
          keyspace.tables().reserve(Database.reference(entry), Math.min(count, MAX_RESERVED));
        }
      }
      if (!keyspace.sets().add(db, entry, string)) {
        throw twice("member");
      }
    }
    return entry;
  }

  private long readSortedSet(RdbType type, Database db, Slice key) throws IOException {
    long count = readCount();
    long entry = 0;
    for (long i = 0; i < count; i++) {
      Slice member = readKept(name);
      double score = type == RdbType.ZSET ? in.readTextDouble() : in.readDouble();
      if (Double.isNaN(score)) {
        throw in.broken(0, "a score that is a number", "NaN");
      }
      if (i == 0) {
        entry = keyspace.sortedSets().create(db, key, member.length);
      }
      if (!keyspace.sortedSets().add(db, entry, member, score)) {
        throw twice("member");
      }
    }
    return entry;
  }

  private long readHash(Database db, Slice key) throws IOException {
    long count = readCount();
    if (count == 0) {
      return 0;
    }
    long entry =
        count > keyspace.limits().hashMaxListpackEntries()
            ? largeHash(db, key, count)
            : keyspace.hashes().create(db, key);
    for (long i = 0; i < count; i++) {
      Slice field = readKept(name);
      if (!keyspace.hashes().set(db, entry, field, in.readString(value))) {
        throw twice("field");
      }
    }
    return entry;
  }

  private long largeHash(Database db, Slice key, long count) {
    long table = keyspace.tables().create();
    keyspace.tables().reserve(table, Math.min(count, MAX_RESERVED));
    return db.add(key, Encoding.HASH_HASHTABLE, table);
  }

  private RdbFormatException twice(String what) {
    return in.broken(0, "each " + what + " once", "a " + what + " that came before");
  }

  // ---- Compact values --------------------------------------------------------------------------

  private long readNodes(RdbType type, Database db, Slice key) throws IOException {
    long nodes = readCount();
    long entry = 0;
    for (long i = 0; i < nodes; i++) {
      long container = type == RdbType.LIST_QUICKLIST ? CONTAINER_PACKED : in.readLength();
      if (container == CONTAINER_PLAIN) {
        in.readString(string);
        entry = entry == 0 ? keyspace.lists().create(db, key) : entry;
        push(db, entry, string);
      } else if (container == CONTAINER_PACKED) {
        long node = type == RdbType.LIST_QUICKLIST ? readZiplist() : readListpack();
        entry = appendNode(db, key, entry, node);
      } else {
        throw in.broken(
            1, "a container: 1 (plain) or 2 (packed)", Long.toUnsignedString(container));
      }
    }
    return entry;
  }

  private long list(Database db, Slice key, long listpack) {
    return appendNode(db, key, 0, listpack);
  }

  private long appendNode(Database db, Slice key, long entry, long listpack) {
    if (Listpacks.isEmpty(listpack)) {
      listpacks.destroy(listpack);
      return entry;
    }
    long list = entry == 0 ? keyspace.lists().create(db, key) : entry;
    keyspace.lists().appendNode(db, list, listpack);
    return list;
  }

  private long readIntset(Database db, Slice key) throws IOException {
    long start = in.offset();
    in.readString(string);
    if (!Intsets.validate(string.at, string.length, true)) {
      throw broken(start, "an intset: ascending integers of one width");
    }
    int count = Intsets.count(string.at);
    if (count <= keyspace.limits().setMaxIntsetEntries()) {
      return db.add(key, Encoding.SET_INTSET, intsets.copyOf(string.at));
    }
    long entry = largeSet(db, key, count);
    for (int i = 0; i < count; i++) {
      keyspace.sets().add(db, entry, sliceOf(element.setInteger(Intsets.get(string.at, i)), name));
    }
    return entry;
  }

  private long largeSet(Database db, Slice key, long count) {
    long table = keyspace.tables().create();
    keyspace.tables().reserve(table, count);
    return db.add(key, Encoding.SET_HASHTABLE, table);
  }

  /// A listpack of the heap, checked to the last byte.
  private long readListpack() throws IOException {
    long start = in.offset();
    in.readString(string);
    if (!Listpacks.validate(string.at, string.length, true)) {
      throw broken(start, "a listpack");
    }
    return listpacks.copyOf(string.at);
  }

  private long readZiplist() throws IOException {
    long start = in.offset();
    in.readString(string);
    if (!Ziplists.validate(string.at, string.length)) {
      throw broken(start, "a ziplist");
    }
    return Ziplists.toListpack(listpacks, string.at);
  }

  private long readZipmap() throws IOException {
    long start = in.offset();
    in.readString(string);
    if (!Zipmaps.validate(string.at, string.length)) {
      throw broken(start, "a zipmap");
    }
    return Zipmaps.toListpack(listpacks, string.at);
  }

  private RdbFormatException broken(long start, String expected) {
    return in.broken(
        (int) (in.offset() - start),
        expected,
        string.length + " bytes whose integrity check failed");
  }

  private Slice sliceOf(Element from, Slice into) {
    NativeBuffer room = into == value ? otherDigits : digits;
    room.clear();
    return from.slice(into, room.reserve(64));
  }

  /// Takes the listpack over, or frees it. So do the others. As in Redis, it stays compact for its
  /// number of fields alone: what is long in it was short enough where it was saved.
  private long hash(Database db, Slice key, long listpack) throws RdbFormatException {
    checkElements(listpack, 2, "field");
    int fields = Listpacks.count(listpack) / 2;
    if (fields == 0) {
      listpacks.destroy(listpack);
      return 0;
    }
    if (fields <= keyspace.limits().hashMaxListpackEntries()) {
      return db.add(key, Encoding.HASH_LISTPACK, listpack);
    }
    long entry = largeHash(db, key, fields);
    long each = Listpacks.first(listpack);
    while (each != 0) {
      Slice field = sliceOf(Listpacks.get(each, element), name);
      long second = Listpacks.next(each);
      keyspace.hashes().set(db, entry, field, sliceOf(Listpacks.get(second, element), value));
      each = Listpacks.next(second);
    }
    listpacks.destroy(listpack);
    return entry;
  }

  private long set(Database db, Slice key, long listpack) throws RdbFormatException {
    checkElements(listpack, 1, "member");
    int count = Listpacks.count(listpack);
    if (count == 0) {
      listpacks.destroy(listpack);
      return 0;
    }
    if (count <= keyspace.limits().setMaxListpackEntries()) {
      return db.add(key, Encoding.SET_LISTPACK, listpack);
    }
    long entry = largeSet(db, key, count);
    for (long each = Listpacks.first(listpack); each != 0; each = Listpacks.next(each)) {
      keyspace.sets().add(db, entry, sliceOf(Listpacks.get(each, element), name));
    }
    listpacks.destroy(listpack);
    return entry;
  }

  /// A listpack that is not in order, which Redis does not look at, is put in order.
  private long sortedSet(Database db, Slice key, long listpack) throws RdbFormatException {
    checkElements(listpack, 2, "member");
    int members = Listpacks.count(listpack) / 2;
    if (members == 0) {
      listpacks.destroy(listpack);
      return 0;
    }
    boolean ordered = checkScores(listpack);
    if (ordered && members <= keyspace.limits().zsetMaxListpackEntries()) {
      return db.add(key, Encoding.ZSET_LISTPACK, listpack);
    }
    long each = Listpacks.first(listpack);
    long entry = 0;
    while (each != 0) {
      Slice member = sliceOf(Listpacks.get(each, element), name);
      long second = Listpacks.next(each);
      double score = RdbValueWriter.scoreOf(Listpacks.get(second, element));
      entry = entry == 0 ? keyspace.sortedSets().create(db, key, member.length) : entry;
      keyspace.sortedSets().add(db, entry, member, score);
      each = Listpacks.next(second);
    }
    listpacks.destroy(listpack);
    return entry;
  }

  /// Whether the members are in order; an error if a score is no number.
  private boolean checkScores(long listpack) throws RdbFormatException {
    boolean ordered = true;
    double before = Double.NEGATIVE_INFINITY;
    long last = 0;
    long each = Listpacks.first(listpack);
    while (each != 0) {
      long second = Listpacks.next(each);
      double score = RdbValueWriter.scoreOf(Listpacks.get(second, element));
      if (Double.isNaN(score)) {
        String found = element.toString();
        listpacks.destroy(listpack);
        throw in.broken(0, "a score that is a number", found);
      }
      if (last != 0 && (score < before || (score == before && !inOrder(last, each)))) {
        ordered = false;
      }
      before = score;
      last = each;
      each = Listpacks.next(second);
    }
    return ordered;
  }

  private boolean inOrder(long lower, long higher) {
    Slice first = sliceOf(Listpacks.get(lower, element), name);
    Slice second = sliceOf(Listpacks.get(higher, element), value);
    return first.compareContent(second) < 0;
  }

  /// Frees the listpack and throws if its elements do not come in groups of `step`, or if one that
  /// begins a group comes twice.
  private void checkElements(long listpack, int step, String what) throws RdbFormatException {
    int count = Listpacks.count(listpack);
    if (count % step != 0) {
      listpacks.destroy(listpack);
      throw in.broken(0, "an even number of elements", Integer.toString(count));
    }
    if (hasDuplicates(listpack, count / step, step)) {
      listpacks.destroy(listpack);
      throw twice(what);
    }
  }

  private boolean hasDuplicates(long listpack, int groups, int step) {
    Set<String> seen = new HashSet<>();
    long each = Listpacks.first(listpack);
    while (each != 0) {
      long next = Listpacks.next(each);
      for (int i = 1; i < step; i++) {
        next = Listpacks.next(next);
      }
      if (groups <= QUADRATIC_ELEMENTS) {
        Slice looked = sliceOf(Listpacks.get(each, element), name);
        if (next != 0 && Listpacks.find(next, looked, step - 1) != 0) {
          return true;
        }
      } else if (!seen.add(Listpacks.get(each, element).toString())) {
        return true;
      }
      each = next;
    }
    return false;
  }

  @Override
  public void close() {
    hashes.close();
    kept.close();
    digits.close();
    otherDigits.close();
  }
}
