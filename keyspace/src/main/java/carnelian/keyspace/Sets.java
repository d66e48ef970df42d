package carnelian.keyspace;

import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.Decimals;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;
import java.util.HashSet;
import java.util.Set;

/// Sets: an intset while all members are integers, a listpack while they are few and short, else a
/// hash table of entries without a value.
///
/// Methods take the entry of a key that holds a set, or a detached set ([#detached]), which is
/// built before it gets its key. A change may convert the encoding, never back. They report
/// nothing: the command does. If the heap is full ([HeapLimitException]), the set holds what it
/// held before.
///
/// Called on the engine's thread, except [#walk].
public final class Sets implements ValueType {
  /// A sample of more than this part of a table is taken by reading all of it.
  private static final int DRAW_UP_TO_ONE_IN = 3;

  /// So is a sample of more than this: what has been drawn is remembered on the Java heap.
  private static final int MOST_DRAWN = 1 << 20;

  /// Enough of an intset or listpack to know its size.
  private static final int COMPACT_HEADER_BYTES = 8;

  private final Heap heap;
  private final HashTables tables;
  private final Intsets intsets;
  private final Listpacks listpacks;
  private final Keyspace keyspace;

  private final SetCursor members;
  private final Element element = new Element();
  private final EntryVisitor freeing;

  Sets(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.tables = keyspace.tables();
    this.intsets = keyspace.intsets();
    this.listpacks = keyspace.listpacks();
    this.members = new SetCursor(heap.live());
    this.freeing = keyspace.freeing();
  }

  @Override
  public Type type() {
    return Type.SET;
  }

  // ---- Creating --------------------------------------------------------------------------------

  /// Adds a key that is absent, with an empty set that the caller fills at once. `member` is what
  /// it adds first, `expected` how many members are about to come.
  public long create(Database db, Slice key, Slice member, int expected) {
    Encoding encoding = firstEncoding(Decimals.isCanonical(member.at, member.length), expected);
    return db.addEmpty(key, encoding);
  }

  /// A new empty set that no key holds. It ends by [#attach] or [#dispose].
  public long detached() {
    return keyspace.detach(Encoding.SET_INTSET);
  }

  /// Makes a detached set the value of a key, whatever that held.
  public void attach(Database db, Slice key, long detached) {
    keyspace.attach(db, key, detached);
  }

  /// Frees a detached set.
  public void dispose(long detached) {
    keyspace.dispose(detached);
  }

  private Encoding firstEncoding(boolean integer, int expected) {
    ValueLimits limits = keyspace.limits();
    if (integer && expected <= limits.setMaxIntsetEntries()) {
      return Encoding.SET_INTSET;
    }
    return expected <= limits.setMaxListpackEntries()
        ? Encoding.SET_LISTPACK
        : Encoding.SET_HASHTABLE;
  }

  @Override
  public long newValue(Encoding encoding) {
    if (encoding == Encoding.SET_INTSET) {
      return intsets.create();
    }
    return encoding == Encoding.SET_LISTPACK ? listpacks.create() : tables.create();
  }

  // ---- Members ---------------------------------------------------------------------------------

  public long count(long entry) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      return Intsets.count(reference);
    }
    return encoding == Encoding.SET_LISTPACK ? Listpacks.count(reference) : tables.count(reference);
  }

  public boolean contains(long entry, Slice member) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      return Decimals.isCanonical(member.at, member.length)
          && Intsets.contains(reference, Decimals.parse(member.at, member.length));
    }
    return encoding == Encoding.SET_LISTPACK
        ? findInListpack(reference, member) != 0
        : tables.find(reference, hash(member), member.at, member.length) != 0;
  }

  public boolean contains(long entry, Element member) {
    return Database.encoding(entry) == Encoding.SET_INTSET
        ? member.isLong() && Intsets.contains(Database.reference(entry), member.asLong())
        : contains(entry, keyspace.scratch().first(member));
  }

  /// Adds a member; false if it was there.
  public boolean add(Database db, long entry, Slice member) {
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      if (Decimals.isCanonical(member.at, member.length)) {
        return addInteger(db, entry, member);
      }
      convertIntset(db, entry, member.length);
      encoding = Database.encoding(entry);
    }
    return encoding == Encoding.SET_LISTPACK
        ? addToListpack(db, entry, member)
        : addToTable(entry, member);
  }

  public boolean add(Database db, long entry, Element member) {
    return add(db, entry, keyspace.scratch().first(member));
  }

  private boolean addInteger(Database db, long entry, Slice member) {
    long value = Decimals.parse(member.at, member.length);
    long intset = Database.reference(entry);
    if (Intsets.count(intset) >= keyspace.limits().setMaxIntsetEntries()) {
      if (Intsets.contains(intset, value)) {
        return false;
      }
      convertToTable(db, entry);
      return addToTable(entry, member);
    }
    long grown = intsets.add(intset, value);
    boolean added = intsets.isChanged();
    if (added) {
      db.reference(entry, grown);
    }
    return added;
  }

  private boolean addToListpack(Database db, long entry, Slice member) {
    long listpack = Database.reference(entry);
    if (findInListpack(listpack, member) != 0) {
      return false;
    }
    ValueLimits limits = keyspace.limits();
    if (Listpacks.count(listpack) < limits.setMaxListpackEntries()
        && member.length <= limits.setMaxListpackValue()
        && Listpacks.isSafeToAdd(listpack, member.length)) {
      db.reference(entry, listpacks.append(listpack, member));
      return true;
    }
    convertToTable(db, entry);
    return addToTable(entry, member);
  }

  private boolean addToTable(long entry, Slice member) {
    long table = Database.reference(entry);
    long hash = hash(member);
    if (tables.findSlot(table, hash, member.at, member.length) != 0) {
      return false;
    }
    insert(table, hash, newMember(member.at, member.length));
    keyspace.mutated();
    return true;
  }

  private void insert(long table, long hash, long created) {
    try {
      tables.insert(table, hash, created);
    } catch (HeapLimitException full) {
      heap.free(created);
      throw full;
    }
  }

  private long newMember(long at, int length) {
    long member = heap.allocate(EntryLayout.bytesFor(length, 0, false));
    EntryLayout.write(member, Type.SET.code(), 0, at, length, 0);
    return member;
  }

  /// Takes a member out; false if it was not there. The set may be empty afterwards.
  public boolean remove(Database db, long entry, Slice member) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      return Decimals.isCanonical(member.at, member.length)
          && removeInteger(db, entry, Decimals.parse(member.at, member.length));
    }
    if (encoding == Encoding.SET_LISTPACK) {
      long found = findInListpack(reference, member);
      if (found != 0) {
        db.reference(entry, listpacks.delete(reference, found));
      }
      return found != 0;
    }
    long hash = hash(member);
    long slot = tables.findSlot(reference, hash, member.at, member.length);
    if (slot == 0) {
      return false;
    }
    heap.free(tables.remove(reference, hash, slot));
    keyspace.mutated();
    return true;
  }

  /// As [#remove(Database, long, Slice)] for a member that was read from a set.
  public boolean remove(Database db, long entry, Element member) {
    return remove(db, entry, keyspace.scratch().first(member));
  }

  private boolean removeInteger(Database db, long entry, long value) {
    long left = intsets.remove(Database.reference(entry), value);
    if (!intsets.isChanged()) {
      return false;
    }
    db.reference(entry, left);
    return true;
  }

  private static long findInListpack(long listpack, Slice member) {
    long first = Listpacks.first(listpack);
    return first == 0 ? 0 : Listpacks.find(first, member, 0);
  }

  private long hash(Slice member) {
    return tables.hash(member.at, member.length);
  }

  // ---- Going through ---------------------------------------------------------------------------

  /// All members, with the service's own cursor: it is taken over by the next call of this method.
  public SetCursor members(long entry) {
    return members.start(entry);
  }

  /// A cursor of the caller's own, for one set inside another's loop.
  public SetCursor newCursor() {
    return new SetCursor(heap.live());
  }

  /// One member, each as likely as the other. The set is not empty.
  public Element random(long entry, RandomSource random, Element into) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      return into.setInteger(Intsets.random(reference, random));
    }
    if (encoding == Encoding.SET_LISTPACK) {
      int index = random.nextInt(Listpacks.count(reference));
      return Listpacks.get(Listpacks.seek(reference, index), into);
    }
    long member = tables.random(reference, random);
    return into.setBytes(EntryLayout.key(member), EntryLayout.keyLength(member));
  }

  /// Visits `wanted` different members (at most all), each subset as likely as the other.
  public void sample(long entry, long wanted, RandomSource random, ElementVisitor visitor) {
    long count = count(entry);
    if (Database.encoding(entry) == Encoding.SET_HASHTABLE) {
      long table = Database.reference(entry);
      if (wanted > Math.min(count / DRAW_UP_TO_ONE_IN, MOST_DRAWN)) {
        tables.sample(table, wanted, random, member -> visitor.visit(elementOf(member)));
      } else {
        draw(table, wanted, random, visitor);
      }
      return;
    }
    long open = count;
    long needed = wanted;
    for (SetCursor each = members(entry); needed > 0 && each.next(); open--) {
      if (random.nextInt((int) open) < needed) {
        visitor.visit(each.member());
        needed--;
      }
    }
  }

  /// Draws until enough different members have come up.
  private void draw(long table, long wanted, RandomSource random, ElementVisitor visitor) {
    Set<Long> drawn = new HashSet<>();
    while (drawn.size() < wanted) {
      long member = tables.random(table, random);
      if (drawn.add(member)) {
        visitor.visit(elementOf(member));
      }
    }
  }

  private Element elementOf(long member) {
    return element.setBytes(EntryLayout.key(member), EntryLayout.keyLength(member));
  }

  /// SCAN within the set: visits some members and returns the next cursor, 0 at the end. A compact
  /// encoding is visited whole.
  public long scan(long entry, long cursor, ElementVisitor visitor) {
    if (Database.encoding(entry) == Encoding.SET_HASHTABLE) {
      return tables.scan(
          Database.reference(entry), cursor, member -> visitor.visit(elementOf(member)));
    }
    for (SetCursor each = members(entry); each.next(); ) {
      visitor.visit(each.member());
    }
    return 0;
  }

  // ---- Conversions -----------------------------------------------------------------------------

  /// A member that is no integer comes into an intset.
  private void convertIntset(Database db, long entry, int newLength) {
    long intset = Database.reference(entry);
    int count = Intsets.count(intset);
    ValueLimits limits = keyspace.limits();
    if (count < limits.setMaxListpackEntries() && newLength <= limits.setMaxListpackValue()) {
      long listpack = listpacks.create();
      try {
        for (int i = 0; i < count; i++) {
          listpack = listpacks.appendInteger(listpack, Intsets.get(intset, i));
        }
      } catch (HeapLimitException full) {
        listpacks.destroy(listpack);
        throw full;
      }
      intsets.destroy(intset);
      db.reference(entry, Encoding.SET_LISTPACK, listpack);
    } else {
      convertToTable(db, entry);
    }
  }

  private void convertToTable(Database db, long entry) {
    long old = Database.reference(entry);
    boolean intset = Database.encoding(entry) == Encoding.SET_INTSET;
    long table = tables.create();
    try {
      tables.reserve(table, count(entry) + 1);
      for (SetCursor each = members(entry); each.next(); ) {
        Slice member = keyspace.scratch().second(each.member());
        insert(table, hash(member), newMember(member.at, member.length));
      }
    } catch (HeapLimitException full) {
      TableFreeing.destroyAll(tables, table, freeing);
      throw full;
    }
    if (intset) {
      intsets.destroy(old);
    } else {
      listpacks.destroy(old);
    }
    db.reference(entry, Encoding.SET_HASHTABLE, table);
  }

  // ---- As a value ------------------------------------------------------------------------------

  @Override
  public int destroy(long entry, int budget) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    if (encoding == Encoding.SET_INTSET) {
      intsets.destroy(reference);
      return budget - 1;
    }
    if (encoding == Encoding.SET_LISTPACK) {
      listpacks.destroy(reference);
      return budget - 1;
    }
    return TableFreeing.destroy(tables, reference, freeing, budget);
  }

  @Override
  public long effort(long entry) {
    return Database.encoding(entry) == Encoding.SET_HASHTABLE ? count(entry) : 1;
  }

  @Override
  public long bytes(long entry, int samples) {
    long reference = Database.reference(entry);
    if (Database.encoding(entry) != Encoding.SET_HASHTABLE) {
      return heap.usable(reference);
    }
    return tables.bytes(reference)
        + TableFreeing.entryBytes(heap, tables, reference, samples, keyspace.estimating());
  }

  @Override
  public void copy(long entry, long copy) {
    long reference = Database.reference(entry);
    Encoding encoding = Database.encoding(entry);
    long copied;
    if (encoding == Encoding.SET_INTSET) {
      copied = intsets.copyOf(reference);
    } else if (encoding == Encoding.SET_LISTPACK) {
      copied = listpacks.copyOf(reference);
    } else {
      copied = copyTable(reference);
    }
    Memory.putLong(EntryLayout.value(copy), copied);
  }

  private long copyTable(long table) {
    long copied = tables.create();
    try {
      tables.reserve(copied, tables.count(table));
      TableCursor each = new TableCursor();
      for (each.start(heap.live(), table); each.next(); ) {
        long at = EntryLayout.key(each.entry());
        int length = EntryLayout.keyLength(each.entry());
        insert(copied, tables.hash(at, length), newMember(at, length));
      }
    } catch (HeapLimitException full) {
      TableFreeing.destroyAll(tables, copied, freeing);
      throw full;
    }
    return copied;
  }

  @Override
  public void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    Encoding encoding = Database.encoding(entry);
    long reference = Database.reference(entry);
    if (encoding == Encoding.SET_HASHTABLE) {
      walkTable(walk, reference, visitor);
      return;
    }
    visitor.begin(encoding, 1);
    View view = walk.view();
    long header = view.pin(reference, COMPACT_HEADER_BYTES);
    long bytes = encoding == Encoding.SET_INTSET ? Intsets.bytes(header) : Listpacks.bytes(header);
    visitor.compact(view.pin(reference, (int) bytes), (int) bytes);
  }

  private static void walkTable(ValueWalk walk, long table, ValueVisitor visitor) {
    TableCursor each = walk.table();
    Element member = walk.first();
    each.start(walk.view(), table);
    visitor.begin(Encoding.SET_HASHTABLE, each.count());
    while (each.next()) {
      long pinned = EntryLayout.pin(walk.view(), each.entry());
      visitor.element(member.setBytes(EntryLayout.key(pinned), EntryLayout.keyLength(pinned)));
    }
  }
}
