package carnelian.keyspace;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.structures.CountedTrees;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import carnelian.structures.TieOrder;
import java.util.List;

/// All data of one store: its databases, and the services for what the keys hold.
///
/// The heap holds the keyspace and nothing else: flushing everything gives the heap back as a
/// whole. The time is what [#advance] said last; the engine says it once per batch, so that a
/// command sees one time. Everything is called on the engine's thread, except a [KeyspaceCut].
public final class Keyspace implements AutoCloseable {
  private static final int MAX_TYPES = EntryLayout.MAX_TYPE + 1;

  /// As Redis: below, putting the freeing off costs more than freeing.
  private static final int LAZY_EFFORT = 64;

  private final Heap heap;
  private final HashTables tables;
  private final CountedTrees trees;
  private final AccessClock clock;
  private final KeyUsage usage;
  private final KeyspaceStatistics statistics = new KeyspaceStatistics();
  private final ValueType[] valueTypes = new ValueType[MAX_TYPES];
  private final LazyFreeQueue lazyFreeQueue;
  private final Expiry expiry;
  private final Evictor evictor;
  private final Listpacks listpacks;
  private final Intsets intsets;
  private final EntryVisitor freeing;
  private final RandomSource random;
  private final RandomSource estimating;
  private final Scratch scratch = new Scratch();
  private final Strings strings;
  private final Lists lists;
  private final Sets sets;
  private final SortedSets sortedSets;
  private final Hashes hashes;
  private final Streams streams;

  /// What [#detach] has made, 0 if there is nothing.
  private long detached;

  private long mutationsBefore;
  private final Database[] databases;

  private ChangeListener listener = ChangeListener.NONE;
  private ValueLimits limits = ValueLimits.DEFAULT;
  private LazyFreeing lazyFreeing = LazyFreeing.DEFAULT;
  private ExpiryMode expiryMode = ExpiryMode.REMOVE;
  private boolean clientTouches = true;
  private long nowMillis;
  private long expectedAt;
  private int expectedLength;
  private long expectedHash;
  private long mutations;
  private long reports;

  public Keyspace(Heap heap, KeyspaceOptions options, Clock time, RandomSource random) {
    this.heap = heap;
    tables = new HashTables(heap, options.hashKey0(), options.hashKey1());
    trees = CountedTrees.sorted(heap, TieOrder.REFERENCES);
    clock = new AccessClock(random);
    usage = new KeyUsage(heap, clock);
    lazyFreeQueue = new LazyFreeQueue(this);
    expiry = new Expiry(this);
    evictor = new Evictor(this, time, random);
    listpacks = new Listpacks(heap);
    intsets = new Intsets(heap);
    freeing = heap::free;
    this.random = random;
    estimating = RandomSource.seeded(random.nextLong());
    strings = new Strings(this);
    lists = new Lists(this);
    sets = new Sets(this);
    sortedSets = new SortedSets(this);
    hashes = new Hashes(this);
    streams = new Streams(this);
    for (ValueType type : List.of(strings, lists, sets, sortedSets, hashes, streams)) {
      register(type);
    }
    databases = new Database[options.databases()];
    for (int i = 0; i < databases.length; i++) {
      databases[i] = new Database(this, i);
    }
    advance(time.wallMillis());
  }

  private void register(ValueType type) {
    valueTypes[type.type().code()] = type;
  }

  // ---- Parts -----------------------------------------------------------------------------------

  public Database database(int index) {
    return databases[index];
  }

  public int databases() {
    return databases.length;
  }

  public Strings strings() {
    return strings;
  }

  public Lists lists() {
    return lists;
  }

  public Sets sets() {
    return sets;
  }

  public SortedSets sortedSets() {
    return sortedSets;
  }

  public Hashes hashes() {
    return hashes;
  }

  public Streams streams() {
    return streams;
  }

  /// Where commands put bytes for a moment.
  public Scratch scratch() {
    return scratch;
  }

  public Expiry expiry() {
    return expiry;
  }

  public Evictor evictor() {
    return evictor;
  }

  public KeyUsage usage() {
    return usage;
  }

  public KeyspaceStatistics statistics() {
    return statistics;
  }

  public Heap heap() {
    return heap;
  }

  /// The tables of the keyspace, and of every large collection.
  public HashTables tables() {
    return tables;
  }

  Listpacks listpacks() {
    return listpacks;
  }

  /// Frees each entry of a collection's table.
  EntryVisitor freeing() {
    return freeing;
  }

  Intsets intsets() {
    return intsets;
  }

  /// For estimates of size, which a timer asks for, too: what commands draw does not depend on it.
  RandomSource estimating() {
    return estimating;
  }

  RandomSource random() {
    return random;
  }

  CountedTrees trees() {
    return trees;
  }

  AccessClock clock() {
    return clock;
  }

  /// The service for what the entry holds.
  public ValueType valueType(long entry) {
    return valueTypes[EntryLayout.type(entry)];
  }

  /// An empty value: see [ValueType#newValue].
  long newValue(Encoding encoding) {
    return valueTypes[encoding.type().code()].newValue(encoding);
  }

  // ---- Values without a key --------------------------------------------------------------------

  /// An entry without a key, which holds a collection while it is built, until it is stored or
  /// thrown away. One at a time.
  long detach(Encoding encoding) {
    long entry = heap.allocate(EntryLayout.bytesFor(0, Database.REFERENCE_BYTES, false));
    int type = encoding.type().code();
    EntryLayout.write(entry, type, encoding.code(), entry, 0, Database.REFERENCE_BYTES);
    try {
      Memory.putLong(EntryLayout.value(entry), newValue(encoding));
    } catch (HeapLimitException full) {
      heap.free(entry);
      throw full;
    }
    detached = entry;
    mutationsBefore = mutations;
    return entry;
  }

  boolean isDetached(long entry) {
    return entry == detached;
  }

  /// Makes a detached collection the value of a key, whatever that held.
  void attach(Database database, Slice key, long entry) {
    database.put(key, Database.encoding(entry), Database.reference(entry));
    heap.free(entry);
    detached = 0;
  }

  /// Frees a detached collection.
  void dispose(long entry) {
    detached = 0;
    mutationsUndone(mutationsBefore); // Nobody could see it.
    release(entry, false);
  }

  /// A command has failed for want of memory: gives back what it was building.
  public void abandon() {
    if (detached != 0) {
      dispose(detached);
    }
  }

  /// Removes a key that has come to hold nothing, because its first element found no room. Reports
  /// nothing.
  public void discardIfEmpty(Database database, Slice key) {
    long entry = database.find(key);
    if (entry != 0 && isEmpty(entry)) {
      database.discard(entry);
    }
  }

  private boolean isEmpty(long entry) {
    return switch (Database.type(entry)) {
      case LIST -> lists.count(entry) == 0;
      case SET -> sets.count(entry) == 0;
      case ZSET -> sortedSets.count(entry) == 0;
      case HASH -> hashes.isEmpty(entry);
      case STRING, STREAM -> false;
    };
  }

  // ---- Settings and time -----------------------------------------------------------------------

  /// The one that hears of changes.
  public void listener(ChangeListener newListener) {
    listener = newListener;
  }

  ChangeListener listener() {
    return listener;
  }

  public ValueLimits limits() {
    return limits;
  }

  /// Values that exist keep their encoding until they are changed.
  public void limits(ValueLimits newLimits) {
    limits = newLimits;
  }

  public LazyFreeing lazyFreeing() {
    return lazyFreeing;
  }

  public void lazyFreeing(LazyFreeing newLazyFreeing) {
    lazyFreeing = newLazyFreeing;
  }

  public ExpiryMode expiryMode() {
    return expiryMode;
  }

  /// What keys are whose deadline has passed; see [ExpiryMode].
  public void expiryMode(ExpiryMode mode) {
    expiryMode = mode;
  }

  /// Whether lookups mark keys as used: not for a client that said `CLIENT NO-TOUCH`.
  public void clientTouches(boolean touches) {
    clientTouches = touches;
  }

  boolean touches() {
    return clientTouches && !heap.snapshotActive();
  }

  /// Unix time in ms, as of the last [#advance].
  public long nowMillis() {
    return nowMillis;
  }

  /// Sets the time at which everything happens until it is set again.
  public void advance(long unixMillis) {
    nowMillis = unixMillis;
    clock.advance(unixMillis);
  }

  // ---- Hashes computed ahead -------------------------------------------------------------------

  /// Says the hash of a key that is about to be looked up from just these bytes. Holds until the
  /// next call of this or of [#expectNothing], and so long the bytes must not change.
  public void expect(Slice key, long hash) {
    expectedAt = key.at;
    expectedLength = key.length;
    expectedHash = hash;
  }

  public void expectNothing() {
    expectedAt = 0;
  }

  /// The hash of a key. That of the expected one is not computed again.
  long hash(Slice key) {
    return key.at == expectedAt && key.length == expectedLength
        ? expectedHash
        : tables.hash(key.at, key.length);
  }

  // ---- Freeing ---------------------------------------------------------------------------------

  /// Gives an entry back that nobody can find any more, with its value: at once, or, if it is large
  /// and may wait, in slices.
  void release(long entry, boolean lazily) {
    ValueType type = valueTypes[EntryLayout.type(entry)];
    if (lazily && type.effort(entry) > LAZY_EFFORT) {
      lazyFreeQueue.addEntry(entry);
      return;
    }
    while (type.destroy(entry, Integer.MAX_VALUE) == 0) {
      // Comes again until budget is left.
    }
    heap.free(entry);
  }

  /// Gives memory of what was removed back, in about `budget` allocations; returns whether there is
  /// more. For the engine's timer, whenever [#lazyFreePending] says that there is something.
  public boolean freeLazily(int budget) {
    return lazyFreeQueue.step(budget);
  }

  /// Objects that are removed but not given back: `lazyfree_pending_objects`.
  public long lazyFreePending() {
    return lazyFreeQueue.pending();
  }

  /// Empties a database at once.
  public void flush(Database database) {
    reportFlush(database);
    if (keysOutside(database) == 0) {
      giveHeapBack();
      return;
    }
    LazyFreeQueue queue = new LazyFreeQueue(this);
    detach(database, queue);
    while (queue.step(Integer.MAX_VALUE)) {
      // Until nothing is left.
    }
  }

  /// Empties a database; its memory is given back in slices.
  public void flushLazily(Database database) {
    reportFlush(database);
    detach(database, lazyFreeQueue);
  }

  /// Empties all databases at once, and gives the heap back as a whole.
  public void flushAll() {
    for (Database database : databases) {
      reportFlush(database);
    }
    giveHeapBack();
  }

  private void giveHeapBack() {
    lazyFreeQueue.clear();
    heap.freeAll();
    for (Database database : databases) {
      database.entries().create();
    }
    expiry.forgetAll();
  }

  /// Empties all databases; their memory is given back in slices.
  public void flushAllLazily() {
    for (Database database : databases) {
      flushLazily(database);
    }
  }

  private void reportFlush(Database database) {
    reported();
    listener.flushed(database, database.size());
  }

  private void detach(Database database, LazyFreeQueue queue) {
    if (database.size() > 0) {
      EntryTable entries = database.entries();
      queue.addTable(entries.table());
      queue.addTree(entries.indexes().keys());
      queue.addTree(entries.indexes().hashes());
      entries.create();
    }
  }

  /// Keys that are not in the database, or wait in the queue.
  private long keysOutside(Database database) {
    long keys = lazyFreeQueue.pending();
    for (Database other : databases) {
      keys += other == database ? 0 : other.size();
    }
    return keys;
  }

  // ---- Databases as a whole --------------------------------------------------------------------

  /// A place to make a value that may turn out to be broken.
  public Staging stage() {
    return new Staging(this);
  }

  public long size() {
    long keys = 0;
    for (Database database : databases) {
      keys += database.size();
    }
    return keys;
  }

  /// Hashes of which some fields have a deadline.
  public long volatileHashes() {
    long hashes = 0;
    for (Database database : databases) {
      hashes += database.volatileHashes();
    }
    return hashes;
  }

  /// Exchanges what the two databases hold. If they are one, nothing has changed for anybody.
  public void swap(Database first, Database second) {
    if (first != second) {
      first.entries().swapWith(second.entries());
      mutated();
      reported();
      listener.swapped(first, second);
    }
  }

  /// Cuts a snapshot of all databases, for another thread to read while this one goes on.
  public KeyspaceCut cut() {
    return new KeyspaceCut(this, databases);
  }

  ValueType[] valueTypes() {
    return valueTypes;
  }

  // ---- Check -----------------------------------------------------------------------------------

  /// A value or a key was changed: value services say so wherever they write. With checked memory,
  /// the engine's tests find commands that change something and report nothing.
  public void mutated() {
    if (Memory.isChecked()) {
      mutations++;
    }
  }

  void reported() {
    reports++;
  }

  /// What was changed since [#mutations] was so is as it was.
  void mutationsUndone(long before) {
    mutations = before;
  }

  /// Grows with every mutation; stays 0 unless memory is checked.
  public long mutations() {
    return mutations;
  }

  /// Grows with every report of a change.
  public long reports() {
    return reports;
  }

  /// Frees what the keyspace itself needs outside the heap; the heap is its maker's to close.
  @Override
  public void close() {
    strings.close();
    streams.close();
    scratch.close();
    evictor.close();
  }
}
