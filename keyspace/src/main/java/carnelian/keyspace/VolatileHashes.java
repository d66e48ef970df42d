package carnelian.keyspace;

import carnelian.base.Invariant;
import carnelian.memory.Heap;
import carnelian.memory.HeapLimitException;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.memory.View;
import carnelian.structures.CountedTrees;
import carnelian.structures.Element;
import carnelian.structures.EntryLayout;
import carnelian.structures.EntryVisitor;
import carnelian.structures.HashTables;
import carnelian.structures.Listpacks;
import carnelian.structures.TableCursor;
import carnelian.structures.TreeCursor;

/// Hashes of which at least one field has a deadline: [Hashes] hands its work on to this for them,
/// and for no others.
///
/// See docs/expiry-and-eviction.md. Called on the engine's thread, except [#walk].
final class VolatileHashes {
  /*
   * A hash has one of the two encodings here if, and only if, one of its fields has a deadline:
   * (1) the first deadline makes a root (VolatileHashLayout) beside what the hash had, and puts the
   *     hash into its database's index of field deadlines;
   * (2) when the last goes, the root goes, the hash leaves the index and is what it was;
   * (3) it stands in the index by the root's `due`, which is never after any of its deadlines.
   * So other hashes pay nothing, and the index names each hash once, whatever it holds. `due` is
   * lowered at once, and raised only by the timer that comes for nothing: a field whose deadline is
   * put off again and again costs the index nothing.
   *
   * What may fail for want of memory comes first in each change; what follows cannot fail. Taking
   * something away never fails.
   *
   * A field whose deadline has passed is absent to everything that asks through this class, unless
   * the keyspace's ExpiryMode says otherwise; it is removed by the timer, or by a command that is
   * about to write that field.
   */

  /// In a listpack, of a field without deadline.
  private static final long NONE = 0;

  private static final int TRIPLE = 3;

  private final Keyspace keyspace;
  private final Heap heap;
  private final HashTables tables;
  private final Listpacks listpacks;
  private final CountedTrees trees;
  private final TreeCursor place = new TreeCursor();
  private final Element element = new Element();
  private final Slice own = new Slice();

  VolatileHashes(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.heap = keyspace.heap();
    this.tables = keyspace.tables();
    this.listpacks = keyspace.listpacks();
    this.trees = keyspace.trees();
  }

  private static boolean isTable(long entry) {
    return Database.encoding(entry) == Encoding.HASH_HASHTABLE_EX;
  }

  static long fields(long entry) {
    return VolatileHashLayout.fields(Database.reference(entry));
  }

  private static long tree(long entry) {
    return VolatileHashLayout.tree(Database.reference(entry));
  }

  // ---- Asking ----------------------------------------------------------------------------------

  /// Whether a field with this deadline is absent. As with keys, it still lives at its deadline.
  boolean isHidden(long deadline) {
    return deadline >= 0
        && deadline < keyspace.nowMillis()
        && keyspace.expiryMode() != ExpiryMode.IGNORE;
  }

  private long deadlineOf(long triple) {
    return deadlineAt(Listpacks.next(Listpacks.next(triple)), element);
  }

  /// The deadline that the third element of a triple says.
  static long deadlineAt(long third, Element into) {
    long millis = Listpacks.get(third, into).asLong();
    return millis == NONE ? Database.NO_DEADLINE : millis;
  }

  private static long nextTriple(long triple) {
    return Listpacks.next(Listpacks.next(Listpacks.next(triple)));
  }

  /// Fields with those that are hidden.
  long total(long entry) {
    long fields = fields(entry);
    return isTable(entry) ? tables.count(fields) : Listpacks.count(fields) / TRIPLE;
  }

  /// Fields that are hidden.
  long hidden(long entry) {
    if (keyspace.expiryMode() == ExpiryMode.IGNORE) {
      return 0;
    }
    if (isTable(entry)) {
      trees.atLeast(tree(entry), keyspace.nowMillis(), place);
      return place.weightBefore();
    }
    return overdue(fields(entry), Integer.MAX_VALUE);
  }

  /// How many of the listpack's first fields are due, at most `limit`.
  private int overdue(long listpack, int limit) {
    int count = 0;
    long triple = Listpacks.first(listpack);
    while (count < limit && triple != 0) {
      long deadline = deadlineOf(triple);
      if (deadline == Database.NO_DEADLINE || deadline >= keyspace.nowMillis()) {
        break;
      }
      count++;
      triple = nextTriple(triple);
    }
    return count;
  }

  /// Fields that have a deadline.
  long volatileFields(long entry) {
    if (isTable(entry)) {
      return trees.count(tree(entry));
    }
    long count = 0;
    long triple = Listpacks.first(fields(entry));
    while (triple != 0 && deadlineOf(triple) != Database.NO_DEADLINE) {
      count++;
      triple = nextTriple(triple);
    }
    return count;
  }

  /// The first deadline of a field, or [Database#NO_DEADLINE].
  private long earliest(long entry) {
    if (isTable(entry)) {
      return trees.first(tree(entry), place) ? place.word() : Database.NO_DEADLINE;
    }
    long first = Listpacks.first(fields(entry));
    return first == 0 ? Database.NO_DEADLINE : deadlineOf(first);
  }

  private long findTriple(long entry, Slice name) {
    long first = Listpacks.first(fields(entry));
    return first == 0 ? 0 : Listpacks.find(first, name, TRIPLE - 1);
  }

  private long findSlot(long entry, Slice name) {
    return tables.findSlot(fields(entry), tables.hash(name.at, name.length), name.at, name.length);
  }

  /// The field's deadline, [Database#NO_DEADLINE], or [Hashes#NO_FIELD] if it is absent.
  long deadline(long entry, Slice name) {
    long deadline = storedDeadline(entry, name);
    return isHidden(deadline) ? Hashes.NO_FIELD : deadline;
  }

  /// As [#deadline], but hidden fields are seen.
  private long storedDeadline(long entry, Slice name) {
    if (isTable(entry)) {
      long slot = findSlot(entry, name);
      return slot == 0 ? Hashes.NO_FIELD : Database.deadline(tables.entryAt(slot));
    }
    long triple = findTriple(entry, name);
    return triple == 0 ? Hashes.NO_FIELD : deadlineOf(triple);
  }

  boolean get(long entry, Slice name, Element into) {
    if (isTable(entry)) {
      long slot = findSlot(entry, name);
      if (slot == 0 || isHidden(Database.deadline(tables.entryAt(slot)))) {
        return false;
      }
      Hashes.value(tables.entryAt(slot), into);
      return true;
    }
    long triple = findTriple(entry, name);
    if (triple == 0 || isHidden(deadlineOf(triple))) {
      return false;
    }
    Listpacks.get(Listpacks.next(triple), into);
    return true;
  }

  // ---- Beginning and ending --------------------------------------------------------------------

  /// Makes a hash without deadlines one that is about to get `first`: see (1).
  void begin(Database db, long entry, long first) {
    boolean wasTable = Database.encoding(entry) == Encoding.HASH_HASHTABLE;
    long reference = Database.reference(entry);
    long root = heap.allocate(VolatileHashLayout.BYTES);
    long made = 0;
    try {
      made = wasTable ? trees.create() : triples(reference);
      VolatileHashLayout.write(root, wasTable ? reference : made, wasTable ? made : 0, first);
      db.indexes().addHash(first, entry);
    } catch (HeapLimitException full) {
      if (made != 0 && wasTable) {
        trees.destroy(made);
      } else if (made != 0) {
        listpacks.destroy(made);
      }
      heap.free(root);
      throw full;
    }
    if (wasTable) {
      db.reference(entry, Encoding.HASH_HASHTABLE_EX, root);
    } else {
      db.reference(entry, Encoding.HASH_LISTPACK_EX, root);
      listpacks.destroy(reference);
    }
  }

  /// A listpack of the same fields and values, none with a deadline.
  private long triples(long listpack) {
    long made = listpacks.create(Listpacks.bytes(listpack) + Listpacks.count(listpack));
    try {
      for (long each = Listpacks.first(listpack); each != 0; each = Listpacks.next(each)) {
        made = listpacks.append(made, Listpacks.get(each, element));
        each = Listpacks.next(each);
        made = listpacks.append(made, Listpacks.get(each, element));
        made = listpacks.appendInteger(made, NONE);
      }
    } catch (HeapLimitException full) {
      listpacks.destroy(made);
      throw full;
    }
    return made;
  }

  /// If no field has a deadline any more, the hash is one as any other: see (2).
  void endIfPersistent(Database db, long entry) {
    if (earliest(entry) != Database.NO_DEADLINE) {
      return;
    }
    long root = Database.reference(entry);
    long fields = VolatileHashLayout.fields(root);
    db.indexes().removeHash(VolatileHashLayout.due(root), entry);
    if (isTable(entry)) {
      trees.destroy(VolatileHashLayout.tree(root));
      db.reference(entry, Encoding.HASH_HASHTABLE, fields);
    } else {
      db.reference(entry, Encoding.HASH_LISTPACK, pairs(fields));
    }
    heap.free(root);
  }

  /// The listpack without its third elements.
  private long pairs(long triples) {
    long listpack = triples;
    long at = Listpacks.first(listpack);
    while (at != 0) {
      long third = Listpacks.next(Listpacks.next(at));
      listpack = listpacks.delete(listpack, third);
      at = listpacks.position();
    }
    return listpack;
  }

  /// No deadline of the hash will be before `deadline`.
  private void dueBy(Database db, long entry, long deadline) {
    long root = Database.reference(entry);
    long due = VolatileHashLayout.due(root);
    if (deadline < due) {
      db.indexes().moveHash(due, entry, deadline);
      heap.touch(root, VolatileHashLayout.BYTES);
      VolatileHashLayout.due(root, deadline);
    }
  }

  // ---- Changing --------------------------------------------------------------------------------

  /// Sets a field and its deadline, which may be [Database#NO_DEADLINE] or
  /// [Database#KEEP_DEADLINE]; true if the field is new.
  boolean set(Database db, long entry, Slice name, long at, int length, long deadline) {
    if (deadline >= 0) {
      dueBy(db, entry, deadline);
    }
    long stored = storedDeadline(entry, name);
    boolean isNew = stored == Hashes.NO_FIELD || isHidden(stored);
    long wanted = deadline;
    if (deadline == Database.KEEP_DEADLINE) {
      wanted = isNew ? Database.NO_DEADLINE : stored;
    }
    if (!isTable(entry) && !fitsListpack(entry, name, length, stored == Hashes.NO_FIELD)) {
      toTable(db, entry);
    }
    if (isTable(entry)) {
      setInTable(entry, name, at, length, wanted);
      keyspace.mutated();
    } else {
      setInListpack(db, entry, name, at, length, wanted);
    }
    return isNew;
  }

  private boolean fitsListpack(long entry, Slice name, int length, boolean adds) {
    ValueLimits limits = keyspace.limits();
    return name.length <= limits.hashMaxListpackValue()
        && length <= limits.hashMaxListpackValue()
        && (!adds || total(entry) < limits.hashMaxListpackEntries())
        && Listpacks.isSafeToAdd(fields(entry), (long) name.length + length);
  }

  private void setInListpack(
      Database db, long entry, Slice name, long at, int length, long deadline) {
    long triple = findTriple(entry, name);
    if (triple != 0 && deadlineOf(triple) == deadline) {
      listpack(db, entry, listpacks.replace(fields(entry), Listpacks.next(triple), at, length));
      return;
    }
    long oldOffset = triple - fields(entry);
    int bytesBefore = Listpacks.bytes(fields(entry));
    long newOffset = insertTriple(db, entry, name, at, length, deadline);
    if (triple != 0) {
      long grown = fields(entry);
      long shift = newOffset <= oldOffset ? Listpacks.bytes(grown) - bytesBefore : 0;
      listpack(db, entry, listpacks.delete(grown, grown + oldOffset + shift, TRIPLE));
    }
  }

  /// Puts a triple where its deadline belongs, and returns how far from its start the listpack
  /// holds it. Room for all of it is made first, so that the rest cannot fail.
  private long insertTriple(
      Database db, long entry, Slice name, long at, int length, long deadline) {
    long stored = deadline == Database.NO_DEADLINE ? NONE : deadline;
    long bytes =
        Listpacks.entryBytes(name.at, name.length)
            + Listpacks.entryBytes(at, length)
            + Listpacks.integerBytes(stored);
    listpack(db, entry, listpacks.reserve(fields(entry), bytes));
    long listpack = fields(entry);
    long before = Listpacks.first(listpack);
    while (before != 0 && isBefore(deadlineOf(before), deadline)) {
      before = nextTriple(before);
    }
    if (before == 0) {
      long offset = Listpacks.bytes(listpack) - 1L;
      listpack = listpacks.append(listpack, name);
      listpack = listpacks.append(listpack, at, length);
      listpack(db, entry, listpacks.appendInteger(listpack, stored));
      return offset;
    }
    long offset = before - listpack;
    listpack = listpacks.insertIntegerBefore(listpack, before, stored);
    listpack = listpacks.insertBefore(listpack, listpack + offset, at, length);
    listpack(db, entry, listpacks.insertBefore(listpack, listpack + offset, name));
    return offset;
  }

  /// Whether a field with one deadline stands before one with the other.
  private static boolean isBefore(long one, long other) {
    return one != Database.NO_DEADLINE && (other == Database.NO_DEADLINE || one <= other);
  }

  private void listpack(Database db, long entry, long listpack) {
    long root = Database.reference(entry);
    if (VolatileHashLayout.fields(root) != listpack) {
      heap.touch(root, VolatileHashLayout.BYTES);
      VolatileHashLayout.fields(root, listpack);
    }
    db.keyspace().mutated();
  }

  private void setInTable(long entry, Slice name, long at, int length, long deadline) {
    long table = fields(entry);
    long hash = tables.hash(name.at, name.length);
    long slot = tables.findSlot(table, hash, name.at, name.length);
    if (slot == 0) {
      long created = newMember(entry, name.at, name.length, at, length, deadline);
      try {
        tables.insert(table, hash, created);
      } catch (HeapLimitException full) {
        dropMember(entry, created);
        throw full;
      }
      return;
    }
    long old = tables.entryAt(slot);
    if (Database.deadline(old) == deadline && Hashes.fits(heap, old, length)) {
      heap.touch(old, EntryLayout.bytes(old) + length);
      EntryLayout.valueLength(old, length);
      Memory.copy(at, EntryLayout.value(old), length);
      return;
    }
    long created = newMember(entry, name.at, name.length, at, length, deadline);
    tables.replace(table, slot, created);
    dropMember(entry, old);
  }

  /// A field's entry, which stands in the tree if it has a deadline, and not yet in the table.
  private long newMember(
      long entry, long nameAt, int nameLength, long at, int length, long deadline) {
    boolean isVolatile = deadline != Database.NO_DEADLINE;
    long created = heap.allocate(EntryLayout.bytesFor(nameLength, length, isVolatile));
    int type = Type.HASH.code();
    if (isVolatile) {
      EntryLayout.writeVolatile(created, type, 0, deadline, nameAt, nameLength, length);
    } else {
      EntryLayout.write(created, type, 0, nameAt, nameLength, length);
    }
    Memory.copy(at, EntryLayout.value(created), length);
    if (isVolatile) {
      try {
        trees.insert(tree(entry), deadline, created);
      } catch (HeapLimitException full) {
        heap.free(created);
        throw full;
      }
    }
    return created;
  }

  /// Frees a field's entry that the table does not hold any more.
  private void dropMember(long entry, long member) {
    if (EntryLayout.hasDeadline(member)) {
      trees.remove(tree(entry), EntryLayout.deadline(member), member);
    }
    heap.free(member);
  }

  /// Gives a field that is there a deadline, or takes it away with [Database#NO_DEADLINE].
  void deadline(Database db, long entry, Slice name, long deadline) {
    if (deadline >= 0) {
      dueBy(db, entry, deadline);
    }
    if (!isTable(entry)) {
      long triple = findTriple(entry, name);
      Invariant.check(triple != 0, "field not in its hash: ", entry);
      if (deadlineOf(triple) != deadline) {
        Listpacks.get(Listpacks.next(triple), element);
        Slice value = keyspace.scratch().copy(element);
        setInListpack(db, entry, name, value.at, value.length, deadline);
      }
      return;
    }
    long slot = findSlot(entry, name);
    Invariant.check(slot != 0, "field not in its hash: ", entry);
    long old = tables.entryAt(slot);
    if (deadline >= 0 && EntryLayout.hasDeadline(old)) {
      trees.move(tree(entry), EntryLayout.deadline(old), old, deadline);
      heap.touch(old, EntryLayout.key(old) - old);
      EntryLayout.deadline(old, deadline);
    } else if (Database.deadline(old) != deadline) {
      setInTable(entry, name, EntryLayout.value(old), EntryLayout.valueLength(old), deadline);
    }
    keyspace.mutated();
  }

  /// Takes a field out, hidden or not; false if it was not there.
  boolean remove(Database db, long entry, Slice name) {
    if (!isTable(entry)) {
      long triple = findTriple(entry, name);
      if (triple != 0) {
        listpack(db, entry, listpacks.delete(fields(entry), triple, TRIPLE));
      }
      return triple != 0;
    }
    long hash = tables.hash(name.at, name.length);
    long slot = tables.findSlot(fields(entry), hash, name.at, name.length);
    if (slot == 0) {
      return false;
    }
    dropMember(entry, tables.remove(fields(entry), hash, slot));
    keyspace.mutated();
    return true;
  }

  private void toTable(Database db, long entry) {
    long listpack = fields(entry);
    long old = Database.reference(entry);
    long root = newTableRoot(VolatileHashLayout.due(old));
    try {
      fill(root, listpack);
    } catch (HeapLimitException full) {
      destroyTable(root);
      throw full;
    }
    db.reference(entry, Encoding.HASH_HASHTABLE_EX, root);
    listpacks.destroy(listpack);
    heap.free(old);
  }

  private long newTableRoot(long due) {
    long root = heap.allocate(VolatileHashLayout.BYTES);
    long table = 0;
    try {
      table = tables.create();
      VolatileHashLayout.write(root, table, trees.create(), due);
    } catch (HeapLimitException full) {
      if (table != 0) {
        tables.destroy(table);
      }
      heap.free(root);
      throw full;
    }
    return root;
  }

  private void fill(long root, long listpack) {
    long table = VolatileHashLayout.fields(root);
    tables.reserve(table, Listpacks.count(listpack) / TRIPLE + 1L);
    long triple = Listpacks.first(listpack);
    while (triple != 0) {
      long deadline = deadlineOf(triple);
      Slice name = keyspace.scratch().first(Listpacks.get(triple, element));
      Slice value = keyspace.scratch().second(Listpacks.get(Listpacks.next(triple), element));
      add(root, name.at, name.length, value.at, value.length, deadline);
      triple = nextTriple(triple);
    }
  }

  /// Adds a field to a root that no key holds yet.
  private void add(long root, long nameAt, int nameLength, long at, int length, long deadline) {
    boolean isVolatile = deadline != Database.NO_DEADLINE;
    long table = VolatileHashLayout.fields(root);
    long created = heap.allocate(EntryLayout.bytesFor(nameLength, length, isVolatile));
    int type = Type.HASH.code();
    if (isVolatile) {
      EntryLayout.writeVolatile(created, type, 0, deadline, nameAt, nameLength, length);
    } else {
      EntryLayout.write(created, type, 0, nameAt, nameLength, length);
    }
    Memory.copy(at, EntryLayout.value(created), length);
    try {
      tables.insert(table, tables.hash(nameAt, nameLength), created);
    } catch (HeapLimitException full) {
      heap.free(created);
      throw full;
    }
    if (isVolatile) {
      trees.insert(VolatileHashLayout.tree(root), deadline, created);
    }
  }

  private void destroyTable(long root) {
    EntryVisitor freeing = keyspace.freeing();
    TableFreeing.destroyAll(tables, VolatileHashLayout.fields(root), freeing);
    trees.destroy(VolatileHashLayout.tree(root));
    heap.free(root);
  }

  // ---- Expiry ----------------------------------------------------------------------------------

  /// Removes up to `budget` fields whose deadline has passed, and the key with its last field;
  /// reports both. Returns how many steps that was, at least one. The hash is in the index by a
  /// deadline that has passed.
  int expireDue(Database db, long entry, int budget) {
    int removed =
        isTable(entry) ? expireInTable(db, entry, budget) : expireFirst(db, entry, budget);
    if (removed > 0) {
      expired(db, entry, removed);
    }
    if (total(entry) == 0) {
      db.deleteEmptied(entry);
      return removed;
    }
    endIfPersistent(db, entry);
    if (Hashes.isVolatile(entry)) {
      raiseDue(db, entry);
    }
    return Math.max(1, removed);
  }

  private void raiseDue(Database db, long entry) {
    long root = Database.reference(entry);
    long due = VolatileHashLayout.due(root);
    long first = earliest(entry);
    if (first > due) {
      db.indexes().moveHash(due, entry, first);
      heap.touch(root, VolatileHashLayout.BYTES);
      VolatileHashLayout.due(root, first);
    }
  }

  private int expireInTable(Database db, long entry, int budget) {
    int removed = 0;
    while (removed < budget
        && trees.first(tree(entry), place)
        && place.word() < keyspace.nowMillis()) {
      long member = place.reference();
      report(db, entry, Hashes.field(member, element));
      long at = EntryLayout.key(member);
      int length = EntryLayout.keyLength(member);
      long hash = tables.hash(at, length);
      long slot = tables.findSlot(fields(entry), hash, at, length);
      dropMember(entry, tables.remove(fields(entry), hash, slot));
      removed++;
    }
    keyspace.mutated();
    return removed;
  }

  /// In a listpack those that are due come first.
  private int expireFirst(Database db, long entry, int budget) {
    int due = overdue(fields(entry), budget);
    long triple = Listpacks.first(fields(entry));
    for (int i = 0; i < due; i++) {
      report(db, entry, Listpacks.get(triple, element));
      triple = nextTriple(triple);
    }
    if (due > 0) {
      long first = Listpacks.first(fields(entry));
      listpack(db, entry, listpacks.delete(fields(entry), first, due * TRIPLE));
    }
    return due;
  }

  private void report(Database db, long entry, Element field) {
    keyspace.listener().fieldExpired(db, Database.key(entry, own), field);
  }

  private void expired(Database db, long entry, int fields) {
    keyspace.statistics().expiredFields += fields;
    keyspace.reported();
    keyspace.listener().fieldsExpired(db, Database.key(entry, own));
  }

  /// A command is about to write this field: if its deadline has passed, it is removed first, and
  /// reported. Returns the entry, or 0 if that was the last field, and the key is gone with it.
  long expireField(Database db, long entry, Slice name) {
    long deadline = storedDeadline(entry, name);
    boolean removes = keyspace.expiryMode() == ExpiryMode.REMOVE;
    if (deadline == Hashes.NO_FIELD || !removes || !isHidden(deadline)) {
      return entry;
    }
    report(db, entry, element.setBytes(name.at, name.length));
    boolean _ = remove(db, entry, name);
    expired(db, entry, 1);
    if (total(entry) == 0) {
      db.deleteEmptied(entry);
      return 0;
    }
    endIfPersistent(db, entry);
    return entry;
  }

  /// Checks (1) to (3). For tests and DEBUG.
  void verify(Database db, long entry) {
    long due = VolatileHashLayout.due(Database.reference(entry));
    boolean found = trees.find(db.indexes().hashes(), due, entry, 0, place);
    Invariant.check(found, "hash not in the index of field deadlines: ", entry);
    long first = earliest(entry);
    Invariant.check(first >= due, "a field is due before its hash: ", first, due);
    if (isTable(entry)) {
      trees.verify(tree(entry));
      tables.verify(fields(entry));
      verifyTree(entry);
    }
  }

  private void verifyTree(long entry) {
    long counted = 0;
    TableCursor each = new TableCursor();
    for (each.start(heap.live(), fields(entry)); each.next(); ) {
      long member = each.entry();
      if (EntryLayout.hasDeadline(member)) {
        counted++;
        boolean found = trees.find(tree(entry), EntryLayout.deadline(member), member, 0, place);
        Invariant.check(found, "field not in its hash's tree: ", member);
      }
    }
    long indexed = trees.count(tree(entry));
    Invariant.check(counted == indexed, "fields in the hash's tree: ", indexed, counted);
  }

  // ---- As a value ------------------------------------------------------------------------------

  int destroy(long entry, EntryVisitor freeing, int budget) {
    long root = Database.reference(entry);
    if (!isTable(entry)) {
      listpacks.destroy(VolatileHashLayout.fields(root));
      heap.free(root);
      return budget - 1;
    }
    int left = TableFreeing.destroy(tables, VolatileHashLayout.fields(root), freeing, budget);
    if (left > 0) {
      trees.destroy(VolatileHashLayout.tree(root));
      heap.free(root);
    }
    return left;
  }

  long effort(long entry) {
    return isTable(entry) ? total(entry) : 1;
  }

  long bytes(long entry, int samples) {
    long root = Database.reference(entry);
    long fields = VolatileHashLayout.fields(root);
    if (!isTable(entry)) {
      return heap.usable(root) + heap.usable(fields);
    }
    return heap.usable(root)
        + tables.bytes(fields)
        + trees.bytes(VolatileHashLayout.tree(root))
        + TableFreeing.entryBytes(heap, tables, fields, samples, keyspace.estimating());
  }

  void copy(long entry, long copy) {
    long from = Database.reference(entry);
    Memory.putLong(
        EntryLayout.value(copy), isTable(entry) ? copyOfTable(from) : copyOfListpack(from));
  }

  private long copyOfListpack(long from) {
    long root = heap.allocate(VolatileHashLayout.BYTES);
    try {
      long listpack = listpacks.copyOf(VolatileHashLayout.fields(from));
      VolatileHashLayout.write(root, listpack, 0, VolatileHashLayout.due(from));
    } catch (HeapLimitException full) {
      heap.free(root);
      throw full;
    }
    return root;
  }

  private long copyOfTable(long from) {
    long root = newTableRoot(VolatileHashLayout.due(from));
    try {
      long fields = VolatileHashLayout.fields(from);
      tables.reserve(VolatileHashLayout.fields(root), tables.count(fields));
      TableCursor each = new TableCursor();
      for (each.start(heap.live(), fields); each.next(); ) {
        long member = each.entry();
        add(
            root,
            EntryLayout.key(member),
            EntryLayout.keyLength(member),
            EntryLayout.value(member),
            EntryLayout.valueLength(member),
            Database.deadline(member));
      }
    } catch (HeapLimitException full) {
      destroyTable(root);
      throw full;
    }
    return root;
  }

  /// See [ValueType#walk]. Hidden fields are told as any other.
  static void walk(ValueWalk walk, long entry, ValueVisitor visitor) {
    Encoding encoding = Database.encoding(entry);
    View view = walk.view();
    long root = view.pin(Database.reference(entry), VolatileHashLayout.BYTES);
    long fields = VolatileHashLayout.fields(root);
    long due = VolatileHashLayout.due(root);
    if (encoding == Encoding.HASH_LISTPACK_EX) {
      long pinned = Listpacks.pin(view, fields);
      long third = Listpacks.next(Listpacks.next(Listpacks.first(pinned)));
      visitor.earliestDeadline(Listpacks.get(third, walk.first()).asLong());
      visitor.begin(encoding, 1);
      visitor.compact(pinned, Listpacks.bytes(pinned));
      return;
    }
    TableCursor each = walk.table();
    each.start(view, fields);
    visitor.earliestDeadline(due);
    visitor.begin(encoding, each.count());
    while (each.next()) {
      long member = EntryLayout.pin(view, each.entry());
      Hashes.field(member, walk.first());
      Hashes.value(member, walk.second());
      visitor.field(walk.first(), walk.second(), Database.deadline(member));
    }
  }
}
