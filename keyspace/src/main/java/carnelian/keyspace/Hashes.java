package carnelian.keyspace;

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
import java.util.function.LongSupplier;

/// Hashes: a listpack of fields and values in turn while they are few and short, else a hash table
/// of entries whose value lies in place.
///
/// Methods take the entry of a key that holds a hash. A change may convert the encoding, never
/// back. They report nothing: the command does. If the heap is full ([HeapLimitException]), the
/// hash holds what it held before.
///
/// Called on the engine's thread, except [#walk].
public final class Hashes implements ValueType {
  /// A sample of more than this part of a table is taken by reading all of it.
  private static final int DRAW_UP_TO_ONE_IN = 3;

  private static final int LISTPACK_HEADER_BYTES = 6;

  private final Keyspace keyspace;
  private final Heap heap;
  private final HashTables tables;
  private final Listpacks listpacks;

  private final HashCursor fields;
  private final Element field = new Element();
  private final Element value = new Element();
  private final EntryVisitor freeing;
  private final LongSupplier emptyListpack;

  Hashes(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.tables = keyspace.tables();
    this.listpacks = keyspace.listpacks();
    this.fields = new HashCursor(heap.live());
    this.freeing = heap::free;
    this.emptyListpack = listpacks::create;
  }

  @Override
  public Type type() {
    return Type.HASH;
  }

  /// Adds a key that is absent, with an empty hash that the caller fills at once.
  public long create(Database db, Slice key) {
    return db.add(key, Encoding.HASH_LISTPACK, emptyListpack);
  }

  // ---- Fields ----------------------------------------------------------------------------------

  public long count(long entry) {
    long reference = Database.reference(entry);
    return isTable(entry) ? tables.count(reference) : Listpacks.count(reference) / 2;
  }

  public boolean contains(long entry, Slice name) {
    return isTable(entry)
        ? findSlot(Database.reference(entry), name) != 0
        : findInListpack(Database.reference(entry), name) != 0;
  }

  /// Reads a field's value; false if there is no such field.
  public boolean get(long entry, Slice name, Element into) {
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

  /// Sets a field; true if it is new. The value must not lie in this hash.
  public boolean set(Database db, long entry, Slice name, Slice newValue) {
    return set(db, entry, name, newValue.at, newValue.length);
  }

  /// As [#set(Database, long, Slice, Slice)] with the integer's digits.
  public boolean set(Database db, long entry, Slice name, long integer) {
    return set(db, entry, name, keyspace.scratch().copy(value.setInteger(integer)));
  }

  /// As [#set(Database, long, Slice, Slice)] with the value's bytes at `at`.
  public boolean set(Database db, long entry, Slice name, long at, int length) {
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
    if (fits(old, length)) {
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
  private boolean fits(long old, int length) {
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

  /// Visits `wanted` different fields (at most all), each subset as likely as the other.
  public void sample(long entry, long wanted, RandomSource random, FieldVisitor visitor) {
    long count = count(entry);
    if (!isTable(entry)) {
      sampleListpack(entry, wanted, random, visitor);
    } else if (wanted > count / DRAW_UP_TO_ONE_IN) {
      tables.sample(
          Database.reference(entry),
          wanted,
          random,
          member -> visitor.visit(field(member, field), value(member, value)));
    } else {
      draw(Database.reference(entry), wanted, random, visitor);
    }
  }

  private void sampleListpack(long entry, long wanted, RandomSource random, FieldVisitor visitor) {
    long needed = wanted;
    int open = (int) count(entry);
    for (HashCursor each = fields(entry); needed > 0 && each.next(); open--) {
      if (random.nextInt(open) < needed) {
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
    long reference = Database.reference(entry);
    if (isTable(entry)) {
      return TableFreeing.destroy(tables, reference, freeing, budget);
    }
    listpacks.destroy(reference);
    return budget - 1;
  }

  @Override
  public long effort(long entry) {
    return isTable(entry) ? count(entry) : 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    long reference = Database.reference(entry);
    return isTable(entry)
        ? tables.bytes(reference)
            + TableFreeing.entryBytes(heap, tables, reference, samples, keyspace.random())
        : heap.usable(reference);
  }

  @Override
  public void copy(long entry, long copy) {
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
