package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import java.io.IOException;

/// Makes hashes of which some fields have a deadline of what an RDB file or a DUMP payload holds;
/// part of [RdbValueReader], and as distrustful. All go field by field through the service, so that
/// they get the encoding that commands would have given them.
///
/// Fields whose deadline has passed are made as well: who owns the data removes them like those
/// that come due later, and tells of it.
final class RdbVolatileHashReader implements AutoCloseable {
  /// Redis's own limit: 48 bits.
  private static final long MAX_DEADLINE = (1L << 48) - 1;

  private static final int TRIPLE = 3;

  private final RdbInput in;
  private final Hashes hashes;
  private final NativeBuffer keptName = new NativeBuffer(64);
  private final NativeBuffer keptValue = new NativeBuffer(64);
  private final Slice string = new Slice();
  private final Slice name = new Slice();
  private final Slice value = new Slice();
  private final Element element = new Element();

  RdbVolatileHashReader(RdbInput in, Hashes hashes) {
    this.in = in;
    this.hashes = hashes;
  }

  /// Adds the hash under a key that is absent. Returns the entry, or 0 if the hash has no fields.
  long read(RdbType type, Database db, Slice key) throws IOException {
    if (isListpack(type)) {
      return readListpack(type, db, key);
    }
    return isValkeys(type) ? readWithTimes(db, key) : readWithDistances(db, key);
  }

  void skip(RdbType type) throws IOException {
    if (type == RdbType.HASH_METADATA || type == RdbType.HASH_LISTPACK_EX) {
      long _ = in.readLong();
    }
    if (isListpack(type)) {
      in.skipString();
      return;
    }
    boolean valkeys = isValkeys(type);
    for (long left = in.readLength(); left != 0; left--) {
      if (!valkeys) {
        long _ = in.readLength();
      }
      in.skipString();
      in.skipString();
      if (valkeys) {
        long _ = in.readLong();
      }
    }
  }

  private static boolean isListpack(RdbType type) {
    return type == RdbType.HASH_LISTPACK_EX || type == RdbType.HASH_LISTPACK_EX_PRE_GA;
  }

  private static boolean isValkeys(RdbType type) {
    return type == RdbType.VALKEY_HASH_2;
  }

  /// Redis's form: the earliest deadline, and each field's as the distance from it and one.
  private long readWithDistances(Database db, Slice key) throws IOException {
    long earliest = in.readLong();
    long count = readCount();
    long entry = 0;
    for (long i = 0; i < count; i++) {
      long distance = in.readLength();
      long deadline = Database.NO_DEADLINE;
      if (distance != 0) {
        deadline = checked(distance > 0 && distance <= MAX_DEADLINE ? earliest + distance - 1 : -1);
      }
      readField();
      entry = entry == 0 ? hashes.create(db, key) : entry;
      add(db, entry, deadline);
    }
    return entry;
  }

  /// Valkey's form: each field's deadline after it.
  private long readWithTimes(Database db, Slice key) throws IOException {
    long count = readCount();
    long entry = 0;
    for (long i = 0; i < count; i++) {
      readField();
      long deadline = in.readLong();
      entry = entry == 0 ? hashes.create(db, key) : entry;
      add(db, entry, deadline == Database.NO_DEADLINE ? deadline : checked(deadline));
    }
    return entry;
  }

  private long readListpack(RdbType type, Database db, Slice key) throws IOException {
    if (type == RdbType.HASH_LISTPACK_EX) {
      long _ = in.readLong(); // The earliest deadline, which the listpack says as well.
    }
    long start = in.offset();
    in.readString(string);
    int bytes = (int) (in.offset() - start);
    if (!Listpacks.validate(string.at, string.length, true)) {
      throw in.broken(bytes, "a listpack", string.length + " bytes whose integrity check failed");
    }
    int elements = Listpacks.count(string.at);
    if (elements % TRIPLE != 0) {
      throw in.broken(bytes, "elements in threes", Integer.toString(elements));
    }
    long entry = 0;
    long each = Listpacks.first(string.at);
    while (each != 0) {
      keep(Listpacks.get(each, element), keptName, name);
      long second = Listpacks.next(each);
      keep(Listpacks.get(second, element), keptValue, value);
      long third = Listpacks.next(second);
      if (!Listpacks.get(third, element).isLong()) {
        throw in.broken(bytes, "a deadline", element.toString());
      }
      long deadline = element.asLong();
      entry = entry == 0 ? hashes.create(db, key) : entry;
      add(db, entry, deadline == 0 ? Database.NO_DEADLINE : checked(deadline));
      each = Listpacks.next(third);
    }
    return entry;
  }

  private long readCount() throws IOException {
    return in.readLength(Long.MAX_VALUE, "a number of elements");
  }

  private void readField() throws IOException {
    in.readString(string);
    keptName.clear();
    keptName.put(string);
    keptName.slice(name);
    in.readString(value);
  }

  private static void keep(Element from, NativeBuffer room, Slice into) {
    room.clear();
    from.appendTo(room);
    room.slice(into);
  }

  private long checked(long deadline) throws RdbFormatException {
    if (deadline <= 0 || deadline > MAX_DEADLINE) {
      throw in.broken(0, "a deadline from 1 to 2^48 - 1", Long.toString(deadline));
    }
    return deadline;
  }

  private void add(Database db, long entry, long deadline) throws RdbFormatException {
    long before = hashes.total(entry);
    boolean _ = hashes.set(db, entry, name, value, deadline);
    if (hashes.total(entry) == before) {
      throw in.broken(0, "each field once", "a field that came before");
    }
  }

  @Override
  public void close() {
    keptName.close();
    keptValue.close();
  }
}
