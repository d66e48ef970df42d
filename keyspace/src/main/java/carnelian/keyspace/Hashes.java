package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;
import java.util.HashSet;
import java.util.Set;

/// Hashes: a listpack of fields and values in turn while they are few and short, else a hash table
/// of entries whose value lies in place. Those of which some fields have a deadline are
/// [VolatileHashes]'s.
///
/// Methods take the entry of a key that holds a hash. A change may convert the encoding, never back
/// from a table to a listpack. They report nothing, except fields that expire: the command does. A
/// field whose deadline has passed is absent, unless [ExpiryMode] says otherwise. If the heap is
/// full ([HeapLimitException]), the hash holds what it held before.
///
/// Called on the engine's thread, except [#walk].
public final class Hashes implements ValueType {
  /// In place of a deadline, where there is no such field.
  public static final long NO_FIELD = -3;

  /// A sample of more than this part of a table is taken by reading all of it.
  private static final int DRAW_UP_TO_ONE_IN = 3;

  /// So is a sample of more than this: what has been drawn is remembered on the Java heap.
  private static final int MOST_DRAWN = 1 << 20;

  private static final int LISTPACK_HEADER_BYTES = 6;

  private final Keyspace keyspace;
  private final Heap heap;
  private final HashTables tables;
  private final Listpacks listpacks;
  private final VolatileHashes volatiles;

  private final HashCursor fields;
  private final Element field = new Element();
  private final Element value = new Element();
  private final EntryVisitor freeing;

  Hashes(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.tables = keyspace.tables();
    this.listpacks = keyspace.listpacks();
    this.volatiles = new VolatileHashes(keyspace);
    this.fields = new HashCursor(heap.live(), volatiles);
    this.freeing = keyspace.freeing();
  }

  @Override
  public Type type() {
    return Type.HASH;
  }

  @Override
  public long newValue(Encoding encoding) {
    return encoding == Encoding.HASH_LISTPACK ? listpacks.create() : tables.create();
  }

  /// Adds a key that is absent, with an empty hash that the caller fills at once.
  public long create(Database db, Slice key) {
    return db.addEmpty(key, Encoding.HASH_LISTPACK);
  }

  // ---- Fields ----------------------------------------------------------------------------------

  /// Fields that are not hidden.
  public long count(long entry) {
    if (isVolatile(entry)) {
      return volatiles.total(entry) - volatiles.hidden(entry);
    }
    long reference = Database.reference(entry);
    return isTable(entry) ? tables.count(reference) : Listpacks.count(reference) / 2;
  }

  /// Whether there is no field, not even one whose deadline has passed: then the key goes.
  public boolean isEmpty(long entry) {
    return total(entry) == 0;
  }

  /// Fields with those whose deadline has passed.
  public long total(long entry) {
    return isVolatile(entry) ? volatiles.total(entry) : count(entry);
  }

  public boolean contains(long entry, Slice name) {
    if (isVolatile(entry)) {
      return volatiles.deadline(entry, name) != NO_FIELD;
    }
    return isTable(entry)
        ? findSlot(Database.reference(entry), name) != 0
        : findInListpack(Database.reference(entry), name) != 0;
  }

  /// Reads a field's value; false if there is no such field.
  public boolean get(long entry, Slice name, Element into) {
    if (isVolatile(entry)) {
      return volatiles.get(entry, name, into);
    }
    long reference = Database.reference(entry);
    if (isTable(entry)) {
      long slot = findSlot(reference, name);
      if (slot != 0) {
        value(tables.entryAt(slot), into);
      }
      return slot != 0;
    }
    long found = findInListpack(reference, name);
    if (found != 0) {
      Listpacks.get(Listpacks.next(found), into);
    }
    return found != 0;
  }

  /// Sets a field, which has no deadline then; true if it is new. The value must not lie in this
  /// hash.
  public boolean set(Database db, long entry, Slice name, Slice newValue) {
    return set(db, entry, name, newValue, Database.NO_DEADLINE);
  }

  /// Sets a field and its deadline, which may be [Database#NO_DEADLINE] or
  /// [Database#KEEP_DEADLINE]; true if it is new. The value must not lie in this hash.
  public boolean set(Database db, long entry, Slice name, Slice newValue, long deadline) {
    if (deadline < 0 && !isVolatile(entry)) {
      return setPlain(db, entry, name, newValue.at, newValue.length);
    }
    if (!isVolatile(entry)) {
      volatiles.begin(db, entry, deadline);
    }
    try {
      return volatiles.set(db, entry, name, newValue.at, newValue.length, deadline);
    } finally {
      volatiles.endIfPersistent(db, entry);
    }
  }

  /// Sets a field to the integer's digits; a deadline that it has stays.
  public boolean set(Database db, long entry, Slice name, long integer) {
    Slice digits = keyspace.scratch().copy(value.setInteger(integer));
    return set(db, entry, name, digits, Database.KEEP_DEADLINE);
  }

  private boolean setPlain(Database db, long entry, Slice name, long at, int length) {
    if (!isTable(entry)) {
      ValueLimits limits = keyspace.limits();
      if (name.length <= limits.hashMaxListpackValue()
          && length <= limits.hashMaxListpackValue()
          && Listpacks.isSafeToAdd(Database.reference(entry), (long) name.length + length)) {
        return setInListpack(db, entry, name, at, length);
      }
      convert(db, entry);
    }
    return setInTable(entry, name, at, length);
  }

  private boolean setInListpack(Database db, long entry, Slice name, long at, int length) {
    long listpack = Database.reference(entry);
    long found = findInListpack(listpack, name);
    if (found != 0) {
      db.reference(entry, listpacks.replace(listpack, Listpacks.next(found), at, length));
      if (count(entry) > keyspace.limits().hashMaxListpackEntries()) {
        convert(db, entry); // The limit has been lowered.
      }
      return false;
    }
    if (count(entry) >= keyspace.limits().hashMaxListpackEntries()) {
      convert(db, entry);
      return setInTable(entry, name, at, length);
    }
    listpack = listpacks.append(listpack, name);
    try {
      listpack = listpacks.append(listpack, at, length);
    } catch (HeapLimitException full) {
      db.reference(entry, listpacks.delete(listpack, Listpacks.last(listpack)));
      throw full;
    }
    db.reference(entry, listpack);
    return true;
  }

  private boolean setInTable(long entry, Slice name, long at, int length) {
    long table = Database.reference(entry);
    long hash = tables.hash(name.at, name.length);
    long slot = tables.findSlot(table, hash, name.at, name.length);
    if (slot == 0) {
      insert(table, hash, newField(name.at, name.length, at, length));
      keyspace.mutated();
      return true;
    }
    long old = tables.entryAt(slot);
    if (fits(heap, old, length)) {
      heap.touch(old, EntryLayout.bytes(old) + length);
      EntryLayout.valueLength(old, length);
      Memory.copy(at, EntryLayout.value(old), length);
    } else {
      tables.replace(table, slot, newField(name.at, name.length, at, length));
      heap.free(old);
    }
    keyspace.mutated();
    return false;
  }

  private void insert(long table, long hash, long created) {
    try {
      tables.insert(table, hash, created);
    } catch (HeapLimitException full) {
      heap.free(created);
      throw full;
    }
  }

  /// Whether the entry has room for a value of this length, and does not waste half of its own.
  static boolean fits(Heap heap, long old, int length) {
    long needed = EntryLayout.value(old) - old + length;
    long room = heap.usable(old);
    return EntryLayout.canHold(old, length) && needed <= room && needed >= room / 2;
  }

  private long newField(long nameAt, int nameLength, long at, int length) {
    long created = heap.allocate(EntryLayout.bytesFor(nameLength, length, false));
    EntryLayout.write(created, Type.HASH.code(), 0, nameAt, nameLength, length);
    Memory.copy(at, EntryLayout.value(created), length);
    return created;
  }

  /// Takes a field out; false if it was not there. The hash may be empty afterwards.
  public boolean remove(Database db, long entry, Slice name) {
    if (isVolatile(entry)) {
      boolean there = volatiles.deadline(entry, name) != NO_FIELD;
      if (there) {
        there = volatiles.remove(db, entry, name);
        volatiles.endIfPersistent(db, entry);
      }
      return there;
    }
    long reference = Database.reference(entry);
    if (!isTable(entry)) {
      long found = findInListpack(reference, name);
      if (found != 0) {
        db.reference(entry, listpacks.delete(reference, found, 2));
      }
      return found != 0;
    }
    long hash = tables.hash(name.at, name.length);
    long slot = tables.findSlot(reference, hash, name.at, name.length);
    if (slot == 0) {
      return false;
    }
    heap.free(tables.remove(reference, hash, slot));
    keyspace.mutated();
    return true;
  }

  // ---- Deadlines of fields ---------------------------------------------------------------------

  /// Whether a field has a deadline. Of any entry, whatever it holds.
  public static boolean isVolatile(long entry) {
    return EntryLayout.encoding(entry) >= Encoding.HASH_LISTPACK_EX.code()
        && EntryLayout.type(entry) == Type.HASH.code();
  }

  /// The table of fields of a hash in [Encoding#HASH_HASHTABLE_EX].
  public static long table(long entry) {
    return VolatileHashes.fields(entry);
  }

  /// How many fields have a deadline, with those whose deadline has passed.
  public long volatileFields(long entry) {
    return isVolatile(entry) ? volatiles.volatileFields(entry) : 0;
  }

  /// The field's deadline in Unix ms, [Database#NO_DEADLINE] or [#NO_FIELD].
  public long deadline(long entry, Slice name) {
    if (isVolatile(entry)) {
      return volatiles.deadline(entry, name);
    }
    return contains(entry, name) ? Database.NO_DEADLINE : NO_FIELD;
  }

  /// Gives a field that is there a deadline.
  public void expireAt(Database db, long entry, Slice name, long unixMillis) {
    Invariant.check(unixMillis > 0, "deadline is not positive: ", unixMillis);
    if (!isVolatile(entry)) {
      volatiles.begin(db, entry, unixMillis);
    }
    try {
      volatiles.deadline(db, entry, name, unixMillis);
    } finally {
      volatiles.endIfPersistent(db, entry);
    }
  }

  /// Takes the deadline of a field that is there away.
  public void persist(Database db, long entry, Slice name) {
    if (isVolatile(entry)) {
      volatiles.deadline(db, entry, name, Database.NO_DEADLINE);
      volatiles.endIfPersistent(db, entry);
    }
  }

  /// To be called before a field is written in a way that depends on what it was: if its deadline
  /// has passed, it is removed, and that is reported. Returns the entry, or 0 if that was the last
  /// field, and the key is gone with it. `entry` may be 0.
  public long expireField(Database db, long entry, Slice name) {
    return entry != 0 && isVolatile(entry) ? volatiles.expireField(db, entry, name) : entry;
  }

  /// Removes up to `budget` fields that are due; see [VolatileHashes#expireDue].
  int expireDue(Database db, long entry, int budget) {
    return volatiles.expireDue(db, entry, budget);
  }

  void verify(Database db, long entry) {
    volatiles.verify(db, entry);
  }

  // ---- In a listpack or a table ----------------------------------------------------------------

  private static boolean isTable(long entry) {
    return Database.encoding(entry) == Encoding.HASH_HASHTABLE;
  }

  private static long findInListpack(long listpack, Slice name) {
    long first = Listpacks.first(listpack);
    return first == 0 ? 0 : Listpacks.find(first, name, 1);
  }

  private long findSlot(long table, Slice name) {
    return tables.findSlot(table, tables.hash(name.at, name.length), name.at, name.length);
  }

  static Element field(long member, Element into) {
    return into.setBytes(EntryLayout.key(member), EntryLayout.keyLength(member));
  }

  static Element value(long member, Element into) {
    return into.setBytes(EntryLayout.value(member), EntryLayout.valueLength(member));
  }

  // ---- Going through ---------------------------------------------------------------------------

  /// All fields, with the service's own cursor: it is taken over by the next call of this method.
  public HashCursor fields(long entry) {
    return fields.start(entry);
  }

  /// One field, each as likely as the other. The hash is not empty.
  public void random(long entry, RandomSource random, Element intoField, Element intoValue) {
    if (isVolatile(entry)) {
      randomOfVolatile(entry, random, intoField, intoValue);
      return;
    }
    long reference = Database.reference(entry);
    if (isTable(entry)) {
      long member = tables.random(reference, random);
      field(member, intoField);
      value(member, intoValue);
      return;
    }
    int pair = random.nextInt(Listpacks.count(reference) / 2);
    long found = Listpacks.seek(reference, 2L * pair);
    Listpacks.get(found, intoField);
    Listpacks.get(Listpacks.next(found), intoValue);
  }

  /// Goes through the fields if some are hidden: that is seldom, and does not last.
  private void randomOfVolatile(
      long entry, RandomSource random, Element intoField, Element intoValue) {
    boolean table = Database.encoding(entry) == Encoding.HASH_HASHTABLE_EX;
    if (table && volatiles.hidden(entry) == 0) {
      long member = tables.random(VolatileHashes.fields(entry), random);
      field(member, intoField);
      value(member, intoValue);
      return;
    }
    long before = random.nextLong(count(entry));
    HashCursor each = fields(entry);
    while (each.next() && before > 0) {
      before--;
    }
    intoField.set(each.field());
    intoValue.set(each.value());
  }

  /// Visits `wanted` different fields (at most all), each subset as likely as the other.
  public void sample(long entry, long wanted, RandomSource random, FieldVisitor visitor) {
    long count = count(entry);
    if (!isTable(entry)) {
      sampleInTurn(entry, wanted, random, visitor);
    } else if (wanted > Math.min(count / DRAW_UP_TO_ONE_IN, MOST_DRAWN)) {
      tables.sample(
          Database.reference(entry),
          wanted,
          random,
          member -> visitor.visit(field(member, field), value(member, value)));
    } else {
      draw(Database.reference(entry), wanted, random, visitor);
    }
  }

  private void sampleInTurn(long entry, long wanted, RandomSource random, FieldVisitor visitor) {
    long needed = wanted;
    long open = count(entry);
    for (HashCursor each = fields(entry); needed > 0 && each.next(); open--) {
      if (random.nextLong(open) < needed) {
        visitor.visit(each.field(), each.value());
        needed--;
      }
    }
  }

  /// Draws until enough different fields have come up.
  private void draw(long table, long wanted, RandomSource random, FieldVisitor visitor) {
    Set<Long> drawn = new HashSet<>();
    while (drawn.size() < wanted) {
      long member = tables.random(table, random);
      if (drawn.add(member)) {
        visitor.visit(field(member, field), value(member, value));
      }
    }
  }

  /// SCAN within the hash: visits some fields and returns the next cursor, 0 at the end. A listpack
  /// is visited whole.
  public long scan(long entry, long cursor, FieldVisitor visitor) {
    if (isTable(entry)) {
      return tables.scan(
          Database.reference(entry),
          cursor,
          member -> visitor.visit(field(member, field), value(member, value)));
    }
    if (Database.encoding(entry) == Encoding.HASH_HASHTABLE_EX) {
      return tables.scan(
          VolatileHashes.fields(entry),
          cursor,
          member -> {
            if (!volatiles.isHidden(Database.deadline(member))) {
              visitor.visit(field(member, field), value(member, value));
            }
          });
    }
    for (HashCursor each = fields(entry); each.next(); ) {
      visitor.visit(each.field(), each.value());
    }
    return 0;
  }

  private void convert(Database db, long entry) {
    long listpack = Database.reference(entry);
    long table = tables.create();
    try {
      tables.reserve(table, count(entry) + 1);
      for (HashCursor each = fields(entry); each.next(); ) {
        Slice name = keyspace.scratch().first(each.field());
        Slice content = keyspace.scratch().second(each.value());
        long created = newField(name.at, name.length, content.at, content.length);
        insert(table, tables.hash(name.at, name.length), created);
      }
    } catch (HeapLimitException full) {
      TableFreeing.destroyAll(tables, table, freeing);
      throw full;
    }
    listpacks.destroy(listpack);
    db.reference(entry, Encoding.HASH_HASHTABLE, table);
  }

  // ---- As a value ------------------------------------------------------------------------------

  @Override
  public int destroy(long entry, int budget) {
    if (isVolatile(entry)) {
      return volatiles.destroy(entry, freeing, budget);
    }
    long reference = Database.reference(entry);
    if (isTable(entry)) {
      return TableFreeing.destroy(tables, reference, freeing, budget);
    }
    listpacks.destroy(reference);
    return budget - 1;
  }

  @Override
  public long effort(long entry) {
    if (isVolatile(entry)) {
      return volatiles.effort(entry);
    }
    return isTable(entry) ? count(entry) : 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    if (isVolatile(entry)) {
      return volatiles.bytes(entry, samples);
    }
    long reference = Database.reference(entry);
    return isTable(entry)
        ? tables.bytes(reference)
            + TableFreeing.entryBytes(heap, tables, reference, samples, keyspace.estimating())
        : heap.usable(reference);
  }

  @Override
  public void copy(long entry, long copy) {
    if (isVolatile(entry)) {
      volatiles.copy(entry, copy);
      return;
    }
    long reference = Database.reference(entry);
    if (!isTable(entry)) {
      Memory.putLong(EntryLayout.value(copy), listpacks.copyOf(reference));
      return;
    }
    long copied = tables.create();
    try {
      tables.reserve(copied, tables.count(reference));
      TableCursor each = new TableCursor();
      for (each.start(heap.live(), reference); each.next(); ) {
        long from = each.entry();
        long at = EntryLayout.key(from);
        int length = EntryLayout.keyLength(from);
        long clone = newField(at, length, EntryLayout.value(from), EntryLayout.valueLength(from));
        insert(copied, tables.hash(at, length), clone);
      }
    } catch (HeapLimitException full) {
      TableFreeing.destroyAll(tables, copied, freeing);
      throw full;
    }
    Memory.putLong(EntryLayout.value(copy), copied);
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    if (isVolatile(entry)) {
      VolatileHashes.walk(walk, entry, visitor);
      return;
    }
    long reference = Database.reference(entry);
    if (isTable(entry)) {
      walkTable(walk, reference, visitor);
      return;
    }
    visitor.begin(Encoding.HASH_LISTPACK, 1);
    View view = walk.view();
    int bytes = Listpacks.bytes(view.pin(reference, LISTPACK_HEADER_BYTES));
    visitor.compact(view.pin(reference, bytes), bytes);
  }

  private static void walkTable(ValueWalk walk, long table, ValueVisitor visitor) {
    TableCursor each = walk.table();
    Element name = walk.first();
    Element content = walk.second();
    each.start(walk.view(), table);
    visitor.begin(Encoding.HASH_HASHTABLE, each.count());
    while (each.next()) {
      long pinned = EntryLayout.pin(walk.view(), each.entry());
      visitor.field(field(pinned, name), value(pinned, content));
    }
  }
}
