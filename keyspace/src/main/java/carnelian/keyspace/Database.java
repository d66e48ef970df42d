package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.EntryLayout;
import carnelian.structures.HashTableStats;
import org.jspecify.annotations.Nullable;

/// One numbered database: keys to typed values, some with a deadline.
///
/// A key is found as the address of its entry, 0 if it is absent. An entry's address is good until
/// something is written to that key; methods that may move an entry return the new address. Where
/// the entries stand is the business of [EntryTable]; here is what becomes of keys and who hears of
/// it.
///
/// What needs memory may throw [HeapLimitException]; then the database is as it was before, and
/// what was allocated on the way has been given back.
///
/// Who reports a change: what concerns the key as a whole (deleted, renamed, moved, copied,
/// flushed, expired, evicted, come into being) is reported here, by the method that does it. A
/// change of a value or a deadline is reported by the command through [#changed], because only the
/// command knows its name. Methods that report nothing say so.
///
/// Called on the engine's thread.
public final class Database {
  /// Deadline of a key that has none.
  public static final long NO_DEADLINE = -1;

  /// In place of a deadline, where a value is replaced: the key keeps the one it has.
  public static final long KEEP_DEADLINE = -2;

  static final int REFERENCE_BYTES = 8;

  private final Keyspace keyspace;
  private final Heap heap;
  private final AccessClock clock;
  private final KeyspaceStatistics statistics;
  private final int index;

  private final EntryTable entries;
  private final Slice keyOfEntry = new Slice();

  /// Made when it is asked for: most databases never are.
  private @Nullable KeyTraversal traversal;

  Database(Keyspace keyspace, int index) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.clock = keyspace.clock();
    this.statistics = keyspace.statistics();
    this.index = index;
    entries = new EntryTable(keyspace);
  }

  public int index() {
    return index;
  }

  public Keyspace keyspace() {
    return keyspace;
  }

  // ---- Lookup ----------------------------------------------------------------------------------

  /// Finds a key that a command reads. Counts the hit or miss, and marks the key as used.
  public long read(Slice key) {
    return counted(key, accessed(lookup(key)));
  }

  /// As [#read(Slice)]; throws [WrongTypeException] if the key holds another type.
  public long read(Slice key, Type type) {
    return checked(read(key), type);
  }

  /// As [#read(Slice)], but the key does not count as used: what a client looks at without using it
  /// (`TYPE`, `TTL`, `OBJECT`).
  public long readWithoutTouch(Slice key) {
    return counted(key, lookup(key));
  }

  /// Finds a key that a command is about to change. Marks the key as used.
  public long write(Slice key) {
    return accessed(lookup(key));
  }

  /// As [#write(Slice)]; throws [WrongTypeException] if the key holds another type.
  public long write(Slice key, Type type) {
    return checked(write(key), type);
  }

  /// Finds a key without leaving a trace, except that an expired one is removed.
  public long peek(Slice key) {
    return lookup(key);
  }

  private long lookup(Slice key) {
    return lookup(keyspace.hash(key), key);
  }

  private long lookup(long hash, Slice key) {
    long entry = entries.find(hash, key);
    return entry != 0 && EntryLayout.hasDeadline(entry) && vanishes(entry) ? 0 : entry;
  }

  private long counted(Slice key, long entry) {
    if (entry != 0) {
      statistics.hits++;
    } else {
      statistics.misses++;
      keyspace.listener().missed(this, key);
    }
    return entry;
  }

  private long accessed(long entry) {
    if (entry != 0 && keyspace.touches()) {
      touchClock(entry);
    }
    return entry;
  }

  /// An access is written only while no snapshot is active: it would make a reader's page a written
  /// one. A key that is used twice in a second costs nothing the second time.
  private void touchClock(long entry) {
    int bits = EntryLayout.accessClock(entry);
    int now = clock.accessed(bits);
    if (now != bits) {
      EntryLayout.accessClock(entry, now);
    }
  }

  /// The entry whatever its deadline says, without a trace; 0 if there is none.
  public long find(Slice key) {
    return entries.find(keyspace.hash(key), key);
  }

  /// The entry itself, 0 included; throws [WrongTypeException] if it holds another type.
  public static long checked(long entry, Type type) {
    if (entry != 0 && EntryLayout.type(entry) != type.code()) {
      throw WrongTypeException.INSTANCE;
    }
    return entry;
  }

  /// Whether the entry is gone for its finder, because its deadline has passed.
  private boolean vanishes(long entry) {
    if (!isExpired(entry)) {
      return false;
    }
    return switch (keyspace.expiryMode()) {
      case REMOVE -> {
        expire(entry);
        yield true;
      }
      case HIDE -> true;
      case IGNORE -> false;
    };
  }

  /// Whether the deadline has passed. Redis's border: at the deadline itself the key still lives.
  public boolean isExpired(long entry) {
    return EntryLayout.hasDeadline(entry) && keyspace.nowMillis() > EntryLayout.deadline(entry);
  }

  /// Whether a traversal that met the entry should pass over it.
  public boolean isHidden(long entry) {
    return isExpired(entry) && keyspace.expiryMode() != ExpiryMode.IGNORE;
  }

  // ---- What an entry says ----------------------------------------------------------------------

  public static Type type(long entry) {
    return Type.ofCode(EntryLayout.type(entry));
  }

  public static Encoding encoding(long entry) {
    return Encoding.of(EntryLayout.type(entry), EntryLayout.encoding(entry));
  }

  /// The key's bytes in the entry; valid as long as the entry.
  public static Slice key(long entry, Slice into) {
    return into.set(EntryLayout.key(entry), EntryLayout.keyLength(entry));
  }

  /// Reference to a collection's structure, which the entry holds in place of a value.
  public static long reference(long entry) {
    return Memory.getLong(EntryLayout.value(entry));
  }

  /// Sets a collection's reference. The report is the command's.
  public void reference(long entry, long reference) {
    long at = EntryLayout.value(entry);
    heap.touch(at, REFERENCE_BYTES);
    Memory.putLong(at, reference);
    keyspace.mutated();
  }

  /// Sets a collection's encoding and reference: its structure was converted.
  public void reference(long entry, Encoding encoding, long reference) {
    heap.touch(entry, EntryLayout.HEADER_BYTES);
    EntryLayout.kind(entry, encoding.type().code(), encoding.code());
    reference(entry, reference);
  }

  /// Unix time in ms, or [#NO_DEADLINE].
  public static long deadline(long entry) {
    return EntryLayout.hasDeadline(entry) ? EntryLayout.deadline(entry) : NO_DEADLINE;
  }

  /// What `MEMORY USAGE` replies: entry, value, and its share of the table and of the expiry index.
  public long bytes(long entry, int samples) {
    long own = heap.usable(entry) + keyspace.valueType(entry).bytes(entry, samples);
    return own + EntryTable.shareOf(entry);
  }

  // ---- Adding ----------------------------------------------------------------------------------

  /// Adds a key that is absent, with the reference to a value that stands outside the entry, which
  /// is the caller's as long as this has not returned. The command reports what it did; that the
  /// key is new is reported here.
  public long add(Slice key, Encoding encoding, long reference) {
    long entry = allocate(key, encoding, REFERENCE_BYTES, NO_DEADLINE);
    Memory.putLong(EntryLayout.value(entry), reference);
    linkOrFree(keyspace.hash(key), entry);
    reportAdded(key, encoding.type());
    return entry;
  }

  /// As [#add], with an empty value, which is made when there is a place for it.
  long addEmpty(Slice key, Encoding encoding) {
    long entry = allocate(key, encoding, REFERENCE_BYTES, NO_DEADLINE);
    try {
      Memory.putLong(EntryLayout.value(entry), keyspace.newValue(encoding));
    } catch (HeapLimitException full) {
      heap.free(entry);
      throw full;
    }
    linkOrRelease(keyspace.hash(key), entry);
    reportAdded(key, encoding.type());
    return entry;
  }

  /// As [#add], but whatever the key held before is gone, and its deadline with it: what commands
  /// with a destination do.
  public long put(Slice key, Encoding encoding, long reference) {
    long old = lookup(key);
    if (old == 0) {
      return add(key, encoding, reference);
    }
    long entry = allocate(key, encoding, REFERENCE_BYTES, NO_DEADLINE);
    Memory.putLong(EntryLayout.value(entry), reference);
    replaceWhole(old, entry);
    return entry;
  }

  /// A new entry, not yet linked, its value not yet written.
  long allocate(Slice key, Encoding encoding, int valueLength, long deadline) {
    boolean hasDeadline = deadline >= 0;
    long bytes = EntryLayout.bytesFor(key.length, valueLength, hasDeadline);
    return initialise(heap.allocate(bytes), key, encoding, valueLength, deadline);
  }

  long initialise(long entry, Slice key, Encoding encoding, int valueLength, long deadline) {
    int type = encoding.type().code();
    int code = encoding.code();
    if (deadline >= 0) {
      EntryLayout.writeVolatile(entry, type, code, deadline, key.at, key.length, valueLength);
    } else {
      EntryLayout.write(entry, type, code, key.at, key.length, valueLength);
    }
    EntryLayout.accessClock(entry, clock.initial());
    return entry;
  }

  /// Links a new entry in. Reports nothing.
  private void link(long hash, long entry) {
    entries.link(hash, entry);
    keyspace.mutated();
  }

  /// As [#link]; if that fails, the entry is freed, not what its value refers to.
  private void linkOrFree(long hash, long entry) {
    try {
      link(hash, entry);
    } catch (HeapLimitException full) {
      heap.free(entry);
      throw full;
    }
  }

  /// As [#link]; if that fails, the entry is freed with its value. Reports nothing.
  void linkOrRelease(long hash, long entry) {
    try {
      link(hash, entry);
    } catch (HeapLimitException full) {
      keyspace.release(entry, false);
      throw full;
    }
  }

  /// Puts a new entry with a value of its own in the place of another, which goes with its value.
  /// The key stays as used as it was. Reports nothing.
  void replaceWhole(long old, long entry) {
    if (clock.isLfu()) {
      EntryLayout.accessClock(entry, EntryLayout.accessClock(old));
    }
    displaceOrRelease(old, entry);
  }

  /// As [#displace]; if that fails, the new entry is freed with its value.
  private void displaceOrRelease(long old, long entry) {
    try {
      displace(old, entry);
    } catch (HeapLimitException full) {
      keyspace.release(entry, false);
      throw full;
    }
  }

  /// Puts a new entry in the place of another, which goes with its value.
  private void displace(long old, long entry) {
    entries.replace(old, entry);
    keyspace.release(old, keyspace.lazyFreeing().serverDel());
    keyspace.mutated();
  }

  // ---- For value services ----------------------------------------------------------------------

  long hash(Slice key) {
    return keyspace.hash(key);
  }

  /// As [#write(Slice)] with the hash at hand, for a key that is then replaced.
  long write(long hash, Slice key) {
    return accessed(lookup(hash, key));
  }

  /// The entry was copied to `moved`, header, key and all, because it needed another size: links
  /// the copy in its place and frees the entry itself, not what its value refers to. If that fails,
  /// both stay.
  void moved(long entry, long moved) {
    entries.replace(entry, moved);
    heap.free(entry);
    keyspace.mutated();
  }

  // ---- Removing --------------------------------------------------------------------------------

  /// Deletes a key and reports `del`; false if there was none. Large values go at once, unless
  /// `lazyfree-lazy-user-del` is set.
  public boolean delete(Slice key) {
    return delete(lookup(key), key, keyspace.lazyFreeing().userDel());
  }

  /// Deletes a key and reports `del`; a large value is given back later, in slices.
  public boolean unlink(Slice key) {
    return delete(lookup(key), key, true);
  }

  /// Deletes what an empty result replaces, whether it has expired or not, and reports `del`.
  public void deleteTarget(Slice key) {
    boolean _ = delete(find(key), key, keyspace.lazyFreeing().serverDel());
  }

  private boolean delete(long entry, Slice key, boolean lazily) {
    if (entry == 0) {
      return false;
    }
    remove(entry, lazily);
    changed(key, KeyEvent.DEL, 1);
    return true;
  }

  /// Deletes a key whose last element has just been taken and reports `del`, which counts nothing:
  /// the command's own event did.
  public void deleteEmptied(Slice key, long entry) {
    remove(entry, keyspace.lazyFreeing().serverDel());
    changed(key, KeyEvent.DEL, 0);
  }

  /// Deletes a key whose last field has just expired and reports `del`.
  void deleteEmptied(long entry) {
    entries.unlink(entry);
    keyspace.mutated();
    changed(key(entry, keyOfEntry), KeyEvent.DEL, 0);
    keyspace.release(entry, false);
  }

  /// Deletes a key without any report: the command reports what it did.
  public void discard(long entry) {
    remove(entry, keyspace.lazyFreeing().serverDel());
  }

  private void remove(long entry, boolean lazily) {
    entries.unlink(entry);
    keyspace.release(entry, lazily);
    keyspace.mutated();
  }

  /// Removes a key because its deadline has passed, and reports it.
  void expire(long entry) {
    entries.unlink(entry);
    statistics.countExpired(keyspace.nowMillis() - EntryLayout.deadline(entry));
    keyspace.mutated();
    keyspace.reported();
    keyspace.listener().expired(this, key(entry, keyOfEntry));
    // Whatever the directive says: only how it is propagated depends on it.
    keyspace.release(entry, true);
  }

  /// Removes a key to make room, and reports it.
  void evict(long entry) {
    entries.unlink(entry);
    statistics.evicted++;
    keyspace.mutated();
    keyspace.reported();
    keyspace.listener().evicted(this, key(entry, keyOfEntry));
    keyspace.release(entry, keyspace.lazyFreeing().eviction());
  }

  // ---- Deadlines -------------------------------------------------------------------------------

  /// Sets the key's deadline and returns the entry, which may have moved. The report is the
  /// command's.
  public long expireAt(long entry, long unixMillis) {
    Invariant.check(unixMillis >= 0, "deadline is negative: ", unixMillis);
    if (!EntryLayout.hasDeadline(entry)) {
      return withDeadline(entry, unixMillis);
    }
    if (EntryLayout.deadline(entry) != unixMillis) {
      indexes().moveKey(EntryLayout.deadline(entry), entry, unixMillis);
      heap.touch(entry, EntryLayout.key(entry) - entry);
      EntryLayout.deadline(entry, unixMillis);
    }
    keyspace.mutated();
    return entry;
  }

  /// Takes the key's deadline away and returns the entry, which may have moved. The report is the
  /// command's.
  public long persist(long entry) {
    if (!EntryLayout.hasDeadline(entry)) {
      return entry;
    }
    return withDeadline(entry, NO_DEADLINE);
  }

  private long withDeadline(long entry, long deadline) {
    int valueLength = EntryLayout.valueLength(entry);
    long copy = allocate(key(entry, keyOfEntry), encoding(entry), valueLength, deadline);
    Memory.copy(EntryLayout.value(entry), EntryLayout.value(copy), valueLength);
    EntryLayout.accessClock(copy, EntryLayout.accessClock(entry));
    try {
      moved(entry, copy);
    } catch (HeapLimitException full) {
      heap.free(copy);
      throw full;
    }
    return copy;
  }

  // ---- Whole keys between places ---------------------------------------------------------------

  /// Gives a key another name; what that name held before is gone. Reports `rename_from` and
  /// `rename_to`. The names differ.
  public void rename(Slice from, long entry, Slice to) {
    long old = lookup(to);
    int valueLength = EntryLayout.valueLength(entry);
    long renamed = allocate(to, encoding(entry), valueLength, deadline(entry));
    Memory.copy(EntryLayout.value(entry), EntryLayout.value(renamed), valueLength);
    EntryLayout.accessClock(renamed, EntryLayout.accessClock(entry));
    try {
      if (old == 0) {
        link(hash(to), renamed);
      } else {
        displace(old, renamed);
      }
    } catch (HeapLimitException full) {
      heap.free(renamed); // The value is the other entry's still.
      throw full;
    }
    entries.unlink(entry);
    Type type = type(entry);
    heap.free(entry);
    keyspace.mutated();
    reportAdded(to, type);
    changed(from, KeyEvent.RENAME_FROM, 1);
    changed(to, KeyEvent.RENAME_TO, 0);
  }

  /// Moves a key to another database, which must not hold it, and reports `move_from` and
  /// `move_to`.
  public void move(Slice key, long entry, Database target) {
    target.link(hash(key), entry);
    entries.unlink(entry);
    target.reportAdded(key, type(entry));
    changed(key, KeyEvent.MOVE_FROM, 1);
    target.changed(key, KeyEvent.MOVE_TO, 0);
  }

  /// Copies a key under another name, maybe in another database; what that name held before is
  /// gone. Reports `copy_to`. The places differ.
  public void copy(long entry, Database target, Slice to) {
    long old = target.lookup(to);
    int valueLength = EntryLayout.valueLength(entry);
    long copy = allocate(to, encoding(entry), valueLength, deadline(entry));
    Memory.copy(EntryLayout.value(entry), EntryLayout.value(copy), valueLength);
    try {
      keyspace.valueType(entry).copy(entry, copy);
    } catch (HeapLimitException full) {
      heap.free(copy);
      throw full;
    }
    if (old == 0) {
      target.linkOrRelease(hash(to), copy);
    } else {
      target.displaceOrRelease(old, copy);
    }
    target.reportAdded(to, type(entry));
    target.changed(to, KeyEvent.COPY_TO, 1);
  }

  /// Takes over an entry whose key is absent here, and reports that the key is new.
  void adopt(Database from, long entry, Slice key) {
    from.entries.unlink(entry);
    link(hash(key), entry);
    reportAdded(key, type(entry));
  }

  // ---- All keys --------------------------------------------------------------------------------

  /// Keys, with those whose deadline has passed but that are still there.
  public long size() {
    return entries.count();
  }

  /// Keys that have a deadline.
  public long volatileKeys() {
    return indexes().keyCount();
  }

  /// Hashes of which some fields have a deadline.
  public long volatileHashes() {
    return indexes().hashCount();
  }

  /// Mean time to live of the keys that have a deadline, estimated from evenly spaced ones; 0 if
  /// there are none.
  public long averageTtlMillis() {
    return keyspace.expiry().averageTtlMillis(indexes().keys());
  }

  /// The way through its keys: `SCAN`, `RANDOMKEY`.
  public KeyTraversal traversal() {
    KeyTraversal made = traversal;
    if (made == null) {
      made = new KeyTraversal(this);
      traversal = made;
    }
    return made;
  }

  /// Removes a key that a traversal has met after its deadline, unless expired keys stay for now.
  public void expireIfDue(long entry) {
    boolean _ = vanishes(entry);
  }

  /// Makes room for so many keys at once. The caller has bounded the number.
  public void reserve(long keys) {
    entries.reserve(keys);
  }

  /// Form and fill of the table, for `DEBUG HTSTATS`. Reads all of it.
  public HashTableStats tableStats() {
    return entries.stats();
  }

  /// Bytes of the table and of the expiry index.
  public long overheadBytes() {
    return tableBytes() + deadlineBytes();
  }

  public long tableBytes() {
    return entries.bytes();
  }

  public long deadlineBytes() {
    return indexes().bytes();
  }

  /// Checks the structures, and that every key with a deadline stands in the index. For tests and
  /// DEBUG.
  public void verify() {
    DatabaseCheck.verify(this);
  }

  /// Before the first key, to read them all with their values; nothing may change meanwhile.
  public KeyCursor cursor() {
    return new KeyCursor(heap.live(), keyspace.valueTypes(), entries.table());
  }

  // ---- For the keyspace ------------------------------------------------------------------------

  EntryTable entries() {
    return entries;
  }

  DeadlineIndexes indexes() {
    return entries.indexes();
  }

  /// Frees all keys at once, and the structures.
  void dropStructures() {
    while (size() > 0) {
      discard(entries.random(keyspace.random()));
    }
    entries.destroy();
  }

  // ---- Reports ---------------------------------------------------------------------------------

  private boolean isStaged() {
    return index == Staging.INDEX;
  }

  /// A command changed the key's value or deadline. `dirty` is what it counts.
  public void changed(Slice key, KeyEvent event, long dirty) {
    if (isStaged()) {
      return;
    }
    keyspace.reported();
    keyspace.listener().changed(this, key, event, dirty);
  }

  /// As [#changed], where Redis has no event for it.
  public void changedUnheard(Slice key, long dirty) {
    keyspace.reported();
    keyspace.listener().changedUnheard(this, key, dirty);
  }

  /// As [#changed], of what hangs off a key.
  public void changedBeside(long dirty) {
    keyspace.reported();
    keyspace.listener().changedBeside(dirty);
  }

  /// As [#changedBeside(long)], where an event tells of it.
  public void changedBeside(Slice key, KeyEvent event, long dirty) {
    keyspace.reported();
    keyspace.listener().changedBeside(this, key, event, dirty);
  }

  void reportAdded(Slice key, Type type) {
    if (isStaged()) {
      return;
    }
    keyspace.reported();
    keyspace.listener().added(this, key, type);
  }
}
