package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;

/// Strings: integers, short and raw byte strings.
///
/// | encoding | name   | value in the entry                                                  |
/// |----------|--------|---------------------------------------------------------------------|
/// | int      | int    | eight bytes                                                         |
/// | embstr   | embstr | up to 44 bytes                                                      |
/// | raw      | raw    | more bytes, up to [#MAX_INLINE_BYTES], or fewer that were changed   |
/// | blob     | raw    | a reference to the bytes; see [BlobLayout]                          |
///
/// Setting a value over another of about the same size writes in place and allocates nothing. What
/// changes a value returns the entry, which may have moved. Nothing here reports to anybody, except
/// that new keys are announced by the database: the report is the command's.
///
/// Values passed in must not lie in the entry that is changed.
public final class Strings implements ValueType, AutoCloseable {
  /// Redis's border between embstr and raw.
  public static final int MAX_EMBSTR_BYTES = 44;

  /// Larger values stand in an allocation of their own, so that a deadline or a new name does not
  /// copy them.
  public static final int MAX_INLINE_BYTES = 4096;

  private static final int INTEGER_BYTES = 8;
  private static final int TYPE = Type.STRING.code();
  private static final int INT = Encoding.STRING_INT.code();
  private static final int EMBSTR = Encoding.STRING_EMBSTR.code();
  private static final int RAW = Encoding.STRING_RAW.code();
  private static final int BLOB = Encoding.STRING_BLOB.code();

  /// Redis's `SDS_MAX_PREALLOC`: a string that grows doubles its room up to here.
  private static final int MAX_SPARE_BYTES = 1 << 20;

  private final Keyspace keyspace;
  private final Heap heap;

  /// For the digits of integers.
  private final NativeBuffer digits = new NativeBuffer(Decimals.MAX_LENGTH);

  private final Slice keyOfEntry = new Slice();
  private final Slice oldValue = new Slice();

  Strings(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
  }

  @Override
  public Type type() {
    return Type.STRING;
  }

  @Override
  public long newValue(Encoding encoding) {
    throw Invariant.broken("a string has no empty value apart from its entry");
  }

  // ---- Reading ---------------------------------------------------------------------------------

  /// The value where it lies; valid until the key changes.
  public Element get(long entry, Element into) {
    int encoding = EntryLayout.encoding(entry);
    long value = EntryLayout.value(entry);
    if (encoding == INT) {
      return into.setInteger(Memory.getLong(value));
    }
    if (encoding == BLOB) {
      long blob = Memory.getLong(value);
      return into.setBytes(BlobLayout.bytes(blob), BlobLayout.length(blob));
    }
    return into.setBytes(value, EntryLayout.valueLength(entry));
  }

  /// The value's bytes; valid until the key changes, or, if it is an integer, until the next call.
  public Slice get(long entry, Slice into) {
    int encoding = EntryLayout.encoding(entry);
    long value = EntryLayout.value(entry);
    if (encoding == INT) {
      return digitsOf(Memory.getLong(value), into);
    }
    if (encoding == BLOB) {
      long blob = Memory.getLong(value);
      return into.set(BlobLayout.bytes(blob), BlobLayout.length(blob));
    }
    return into.set(value, EntryLayout.valueLength(entry));
  }

  private Slice digitsOf(long integer, Slice into) {
    digits.clear();
    long at = digits.reserve(Decimals.MAX_LENGTH);
    return into.set(at, Decimals.write(integer, at));
  }

  /// What `STRLEN` replies.
  public int length(long entry) {
    int encoding = EntryLayout.encoding(entry);
    if (encoding == INT) {
      return Decimals.length(Memory.getLong(EntryLayout.value(entry)));
    }
    return encoding == BLOB
        ? BlobLayout.length(Memory.getLong(EntryLayout.value(entry)))
        : EntryLayout.valueLength(entry);
  }

  /// Whether the value is a 64-bit integer, however it is encoded.
  public boolean isLong(long entry) {
    return EntryLayout.encoding(entry) == INT || get(entry, oldValue).isLong();
  }

  /// The value as a 64-bit integer; [#isLong] has said yes.
  public long asLong(long entry) {
    if (EntryLayout.encoding(entry) == INT) {
      return Memory.getLong(EntryLayout.value(entry));
    }
    Slice value = get(entry, oldValue);
    return Decimals.parse(value.at, value.length);
  }

  // ---- Setting ---------------------------------------------------------------------------------

  /// Sets the key to a value, whatever it held; its deadline goes. Returns the entry.
  public long set(Database database, Slice key, Slice value) {
    return set(database, key, value, Database.NO_DEADLINE);
  }

  /// As [#set(Database, Slice, Slice)], with a deadline in Unix ms, [Database#NO_DEADLINE] or
  /// [Database#KEEP_DEADLINE].
  public long set(Database database, Slice key, Slice value, long deadline) {
    return set(database, key, value, encodingFor(value), deadline);
  }

  /// As [#set(Database, Slice, Slice, long)], but digits stay text: Redis keeps the sum of an
  /// `INCRBYFLOAT` so, even if it is a whole number.
  public long setText(Database database, Slice key, Slice value, long deadline) {
    return set(database, key, value, textEncodingFor(value), deadline);
  }

  private long set(Database database, Slice key, Slice value, int encoding, long deadline) {
    long hash = database.hash(key);
    long entry = database.write(hash, key);
    return entry == 0
        ? insert(database, hash, key, value, encoding, deadline)
        : overwrite(database, entry, value, encoding, deadline);
  }

  /// Adds a key that is known to be absent. Returns the entry.
  public long add(Database database, Slice key, Slice value, long deadline) {
    return insert(database, database.hash(key), key, value, encodingFor(value), deadline);
  }

  private long insert(
      Database database, long hash, Slice key, Slice value, int encoding, long deadline) {
    long entry = create(database, key, value, encoding, deadline);
    database.linkOrRelease(hash, entry);
    database.reportAdded(key, Type.STRING);
    return entry;
  }

  /// Sets a key that was found to another value, whatever it held. Returns the entry.
  public long overwrite(Database database, long entry, Slice value, long deadline) {
    return overwrite(database, entry, value, encodingFor(value), deadline);
  }

  private long overwrite(Database database, long entry, Slice value, int encoding, long deadline) {
    if (encoding == BLOB
        ? overwriteBlob(database, entry, value, deadline)
        : overwriteInline(database, entry, encoding, value, deadline)) {
      return entry;
    }
    long kept = deadline == Database.KEEP_DEADLINE ? Database.deadline(entry) : deadline;
    long replacement = create(database, Database.key(entry, keyOfEntry), value, encoding, kept);
    database.replaceWhole(entry, replacement);
    return replacement;
  }

  private boolean overwriteInline(
      Database database, long entry, int encoding, Slice value, long deadline) {
    if (!isInlineString(entry) || !keepsForm(entry, deadline)) {
      return false;
    }
    int length = encoding == INT ? INTEGER_BYTES : value.length;
    if (!fits(entry, length)) {
      return false;
    }
    setDeadline(database, entry, deadline);
    heap.touch(entry, EntryLayout.value(entry) - entry + length);
    if (EntryLayout.encoding(entry) != encoding) {
      EntryLayout.kind(entry, TYPE, encoding);
    }
    if (EntryLayout.valueLength(entry) != length) {
      EntryLayout.valueLength(entry, length);
    }
    long at = EntryLayout.value(entry);
    if (encoding == INT) {
      Memory.putLong(at, value.asLong());
    } else {
      Memory.copy(value.at, at, length);
    }
    return true;
  }

  private boolean overwriteBlob(Database database, long entry, Slice value, long deadline) {
    if (EntryLayout.type(entry) != TYPE
        || EntryLayout.encoding(entry) != BLOB
        || !keepsForm(entry, deadline)) {
      return false;
    }
    long blob = Memory.getLong(EntryLayout.value(entry));
    long needed = BlobLayout.HEADER_BYTES + (long) value.length;
    if (heap.sizeFor(needed) != heap.size(blob) || !hasRoom(blob, needed)) {
      return false;
    }
    setDeadline(database, entry, deadline);
    heap.touch(blob, needed);
    BlobLayout.length(blob, value.length);
    Memory.copy(value.at, BlobLayout.bytes(blob), value.length);
    return true;
  }

  private static boolean isInlineString(long entry) {
    return EntryLayout.type(entry) == TYPE && EntryLayout.encoding(entry) != BLOB;
  }

  /// Whether the entry has room for a deadline if and only if there will be one.
  private static boolean keepsForm(long entry, long deadline) {
    return deadline == Database.KEEP_DEADLINE || EntryLayout.hasDeadline(entry) == (deadline >= 0);
  }

  /// Whether a value of `length` bytes needs an allocation of the same size class. The one there is
  /// at least as large as its present contents need, so its own size is not looked up.
  private boolean fits(long entry, int length) {
    int present = EntryLayout.valueLength(entry);
    if (length == present) {
      return true;
    }
    if (!EntryLayout.canHold(entry, length)) {
      return false;
    }
    long bytes = EntryLayout.bytes(entry);
    long needed = bytes + length - present;
    return heap.sizeFor(bytes) == heap.sizeFor(needed) && hasRoom(entry, needed);
  }

  /// Checked memory keeps a red zone at the end of a block, and wants to know that the rest is
  /// used.
  private boolean hasRoom(long block, long bytes) {
    return !Memory.isChecked() || bytes <= heap.usable(block);
  }

  /// Before the value is written, for only this may fail.
  private void setDeadline(Database database, long entry, long deadline) {
    if (deadline >= 0) {
      // In place: the entry has a deadline already.
      var _ = database.expireAt(entry, deadline);
    }
    keyspace.mutated();
  }

  private static int encodingFor(Slice value) {
    return value.length <= Decimals.MAX_LENGTH && value.isLong() ? INT : textEncodingFor(value);
  }

  private static int textEncodingFor(Slice value) {
    int length = value.length;
    if (length <= MAX_EMBSTR_BYTES) {
      return EMBSTR;
    }
    return length <= MAX_INLINE_BYTES ? RAW : BLOB;
  }

  /// A new entry, not yet linked.
  private long create(Database database, Slice key, Slice value, int encoding, long deadline) {
    if (encoding == INT) {
      return createInteger(database, key, value.asLong(), deadline);
    }
    if (encoding == BLOB) {
      long blob = BlobLayout.create(heap, value.at, value.length, value.length);
      return createReference(database, key, blob, deadline);
    }
    Encoding inline = encoding == EMBSTR ? Encoding.STRING_EMBSTR : Encoding.STRING_RAW;
    long entry = database.allocate(key, inline, value.length, deadline);
    Memory.copy(value.at, EntryLayout.value(entry), value.length);
    return entry;
  }

  private static long createInteger(Database database, Slice key, long integer, long deadline) {
    long entry = database.allocate(key, Encoding.STRING_INT, INTEGER_BYTES, deadline);
    Memory.putLong(EntryLayout.value(entry), integer);
    return entry;
  }

  /// If there is no room for the entry, the blob is freed.
  private long createReference(Database database, Slice key, long blob, long deadline) {
    long entry;
    try {
      entry = database.allocate(key, Encoding.STRING_BLOB, Database.REFERENCE_BYTES, deadline);
    } catch (HeapLimitException full) {
      heap.free(blob);
      throw full;
    }
    Memory.putLong(EntryLayout.value(entry), blob);
    return entry;
  }

  // ---- Integers --------------------------------------------------------------------------------

  /// Sets a string to an integer and keeps its deadline; `entry` is 0 if the key is absent. Returns
  /// the entry. In place if the value was an integer before.
  public long setInteger(Database database, Slice key, long entry, long integer) {
    if (entry == 0) {
      long added = createInteger(database, key, integer, Database.NO_DEADLINE);
      database.linkOrRelease(database.hash(key), added);
      database.reportAdded(key, Type.STRING);
      return added;
    }
    if (isInlineString(entry) && fits(entry, INTEGER_BYTES)) {
      heap.touch(entry, EntryLayout.value(entry) - entry + INTEGER_BYTES);
      EntryLayout.kind(entry, TYPE, INT);
      EntryLayout.valueLength(entry, INTEGER_BYTES);
      Memory.putLong(EntryLayout.value(entry), integer);
      keyspace.mutated();
      return entry;
    }
    long replacement =
        createInteger(database, Database.key(entry, keyOfEntry), integer, Database.deadline(entry));
    database.replaceWhole(entry, replacement);
    return replacement;
  }

  // ---- Changing --------------------------------------------------------------------------------

  /// Appends to a string; the command has checked that the length stays within the limit. Returns
  /// the entry.
  public long append(Database database, long entry, Slice tail) {
    int length = length(entry);
    long changed = resized(database, entry, length + tail.length, true);
    Memory.copy(tail.at, bytesAt(changed) + length, tail.length);
    return changed;
  }

  /// Writes `part` at `offset`, with zero bytes before it if the string is shorter; the command has
  /// checked that the length stays within the limit. Returns the entry.
  public long setRange(Database database, long entry, int offset, Slice part) {
    long changed = writable(database, entry, offset + part.length);
    Memory.copy(part.at, bytesAt(changed) + offset, part.length);
    return changed;
  }

  /// Makes a string raw, at least `length` bytes long with zero bytes at its end, and ready to be
  /// written by the command ([#bytesAt]). Returns the entry.
  public long writable(Database database, long entry, int length) {
    int present = length(entry);
    long changed = resized(database, entry, Math.max(present, length), length > present);
    if (length > present) {
      Memory.fill(bytesAt(changed) + present, length - present, (byte) 0);
    }
    return changed;
  }

  /// Makes a string raw and ready to be written by the command ([#bytesAt]), which says so if it
  /// does: the value is still the same. Returns the entry.
  public long raw(Database database, long entry) {
    int length = length(entry);
    if (EntryLayout.encoding(entry) == BLOB) {
      resizeBlob(entry, length);
      return entry;
    }
    return EntryLayout.encoding(entry) != INT && growsInPlace(entry, length)
        ? entry
        : reallocated(database, entry, length, length);
  }

  /// Makes a string raw and exactly `length` bytes long; bytes that are new are undefined. Returns
  /// the entry, the same one if the string was raw and does not grow.
  public long resize(Database database, long entry, int length) {
    return resized(database, entry, length, length > length(entry));
  }

  // ---- Built whole -----------------------------------------------------------------------------

  /// A raw string of `length` undefined bytes for this key, which nobody can find yet: the command
  /// writes them ([#bytesAt]) and then hands the entry to [#put]. Nothing may fail in between.
  public long make(Database database, Slice key, int length) {
    if (length > MAX_INLINE_BYTES) {
      long blob = heap.allocate(BlobLayout.HEADER_BYTES + (long) length);
      Memory.putLong(blob, length);
      return createReference(database, key, blob, Database.NO_DEADLINE);
    }
    return database.allocate(key, Encoding.STRING_RAW, length, Database.NO_DEADLINE);
  }

  /// Gives the key a string that [#make] has made for it; what it held before is gone, and its
  /// deadline with it.
  public void put(Database database, Slice key, long made) {
    long hash = database.hash(key);
    long old = database.write(hash, key);
    if (old == 0) {
      database.linkOrRelease(hash, made);
      database.reportAdded(key, Type.STRING);
    } else {
      database.replaceWhole(old, made);
    }
  }

  /// Where the bytes of a raw string are; valid until the key changes.
  public long bytesAt(long entry) {
    long value = EntryLayout.value(entry);
    return EntryLayout.encoding(entry) == BLOB ? BlobLayout.bytes(Memory.getLong(value)) : value;
  }

  /// Makes a string raw and `length` bytes long, touched; bytes that are new are undefined. What
  /// grows gets room to grow on.
  private long resized(Database database, long entry, int length, boolean grows) {
    if (EntryLayout.encoding(entry) == BLOB) {
      resizeBlob(entry, length);
      keyspace.mutated();
      return entry;
    }
    if (EntryLayout.encoding(entry) != INT
        && length <= MAX_INLINE_BYTES
        && growsInPlace(entry, length)) {
      keyspace.mutated();
      return entry;
    }
    // As in Redis, the first bytes of a string get no more room than they need.
    boolean growsOn = grows && length(entry) > 0;
    return reallocated(database, entry, length, growsOn ? withRoom(length) : length);
  }

  private void resizeBlob(long entry, int length) {
    long at = EntryLayout.value(entry);
    long blob = Memory.getLong(at);
    if (BlobLayout.HEADER_BYTES + (long) length > heap.usable(blob)) {
      blob = heap.resize(blob, BlobLayout.HEADER_BYTES + withRoom(length));
      heap.touch(at, Database.REFERENCE_BYTES);
      Memory.putLong(at, blob);
    }
    heap.touch(blob, BlobLayout.HEADER_BYTES + (long) length);
    BlobLayout.length(blob, length);
  }

  private boolean growsInPlace(long entry, int length) {
    long bytes = EntryLayout.bytes(entry) + length - EntryLayout.valueLength(entry);
    if (!EntryLayout.canHold(entry, length) || bytes > heap.usable(entry)) {
      return false;
    }
    heap.touch(entry, bytes);
    EntryLayout.kind(entry, TYPE, RAW);
    EntryLayout.valueLength(entry, length);
    return true;
  }

  private long reallocated(Database database, long entry, int length, long capacity) {
    Slice key = Database.key(entry, keyOfEntry);
    Slice old = get(entry, oldValue);
    long deadline = Database.deadline(entry);
    long changed;
    if (length > MAX_INLINE_BYTES) {
      long blob = BlobLayout.create(heap, old.at, old.length, capacity);
      BlobLayout.length(blob, length);
      changed = createReference(database, key, blob, deadline);
    } else {
      int room = (int) Math.min(capacity, MAX_INLINE_BYTES);
      long block = heap.allocate(EntryLayout.bytesFor(key.length, room, deadline >= 0));
      changed = database.initialise(block, key, Encoding.STRING_RAW, length, deadline);
      Memory.copy(old.at, EntryLayout.value(changed), old.length);
    }
    EntryLayout.accessClock(changed, EntryLayout.accessClock(entry));
    try {
      database.moved(entry, changed);
    } catch (HeapLimitException full) {
      keyspace.release(changed, false);
      throw full;
    }
    return changed;
  }

  private static long withRoom(int length) {
    return (long) length + Math.min(length, MAX_SPARE_BYTES);
  }

  // ---- As the keyspace sees it -----------------------------------------------------------------

  @Override
  public int destroy(long entry, int budget) {
    if (EntryLayout.encoding(entry) == BLOB) {
      heap.free(Memory.getLong(EntryLayout.value(entry)));
      return Math.max(1, budget - 1);
    }
    return budget;
  }

  @Override
  public long effort(long entry) {
    return 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    return EntryLayout.encoding(entry) == BLOB
        ? heap.size(Memory.getLong(EntryLayout.value(entry)))
        : 0;
  }

  @Override
  public void copy(long entry, long copy) {
    if (EntryLayout.encoding(entry) == BLOB) {
      long blob = Memory.getLong(EntryLayout.value(entry));
      int length = BlobLayout.length(blob);
      long copied = BlobLayout.create(heap, BlobLayout.bytes(blob), length, length);
      Memory.putLong(EntryLayout.value(copy), copied);
    }
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    visitor.begin(Encoding.of(TYPE, EntryLayout.encoding(entry)), 1);
    if (EntryLayout.encoding(entry) == BLOB) {
      long blob = BlobLayout.pin(walk.view(), Memory.getLong(EntryLayout.value(entry)));
      visitor.element(walk.first().setBytes(BlobLayout.bytes(blob), BlobLayout.length(blob)));
    } else {
      visitor.element(get(entry, walk.first()));
    }
  }

  @Override
  public void close() {
    digits.close();
  }
}
