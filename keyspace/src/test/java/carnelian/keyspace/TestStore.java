package carnelian.keyspace;

import carnelian.base.ManualClock;
import carnelian.base.RandomSource;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A keyspace with a clock that stands still, a listener that remembers, and Java strings for keys
/// and values. Closing it checks that nothing is left in the heap.
final class TestStore implements AutoCloseable {
  static final long START_MILLIS = 1_700_000_000_000L;

  final ManualClock clock = new ManualClock(START_MILLIS);
  final Heap heap;
  final Keyspace keyspace;
  final Database db;
  final Strings strings;
  final List<String> events = new ArrayList<>();

  private final NativeBuffer keyBuffer = new NativeBuffer(16);
  private final NativeBuffer valueBuffer = new NativeBuffer(16);
  private final NativeBuffer fieldBuffer = new NativeBuffer(16);
  private final Slice key = new Slice();
  private final Slice value = new Slice();
  private final Slice field = new Slice();

  TestStore(long seed) {
    this(seed, 1L << 30);
  }

  TestStore(long seed, long heapBytes) {
    heap = new Heap(HeapOptions.defaults().withReserveBytes(heapBytes));
    RandomSource random = RandomSource.seeded(seed);
    KeyspaceOptions options = new KeyspaceOptions(4, random.nextLong(), random.nextLong());
    keyspace = new Keyspace(heap, options, clock, random);
    keyspace.listener(new Recorder());
    db = keyspace.database(0);
    strings = keyspace.strings();
  }

  Slice key(String text) {
    return slice(keyBuffer, text, key);
  }

  Slice value(String text) {
    return slice(valueBuffer, text, value);
  }

  Slice field(String text) {
    return slice(fieldBuffer, text, field);
  }

  private static Slice slice(NativeBuffer buffer, String text, Slice into) {
    buffer.clear();
    buffer.put(text.getBytes(StandardCharsets.ISO_8859_1));
    return buffer.slice(into);
  }

  void advance(long millis) {
    clock.advance(millis, TimeUnit.MILLISECONDS);
    keyspace.advance(clock.wallMillis());
  }

  long now() {
    return keyspace.nowMillis();
  }

  long set(String name, String text) {
    return strings.set(db, key(name), value(text));
  }

  long set(String name, String text, long deadline) {
    return strings.set(db, key(name), value(text), deadline);
  }

  String text(long entry) {
    return strings.get(entry, new Element()).toString();
  }

  static String keyText(long entry) {
    return Database.key(entry, new Slice()).toString();
  }

  @Override
  public void close() {
    for (int i = 0; i < keyspace.databases(); i++) {
      keyspace.database(i).verify();
      if (keyspace.database(i).size() == 0) {
        // A structure that got empty while the heap was full may be larger than a new one.
        keyspace.database(i).dropStructures();
        keyspace.database(i).entries().create();
      }
      keyspace.flushLazily(keyspace.database(i));
    }
    while (keyspace.freeLazily(100)) {
      // Until nothing is left.
    }
    long empty;
    try (Heap fresh = new Heap(HeapOptions.defaults().withReserveBytes(1L << 26))) {
      RandomSource random = RandomSource.seeded(1);
      Keyspace other = new Keyspace(fresh, new KeyspaceOptions(4, 1, 2), clock, random);
      empty = fresh.usedBytes();
      other.close();
    }
    long used = heap.usedBytes();
    keyspace.close();
    heap.close();
    keyBuffer.close();
    valueBuffer.close();
    fieldBuffer.close();
    if (used != empty) {
      throw new AssertionError("leaked: " + (used - empty) + " bytes");
    }
    if (keyspace.lazyFreePending() != 0) {
      throw new AssertionError("pending: " + keyspace.lazyFreePending());
    }
  }

  private final class Recorder implements ChangeListener {
    private void note(Database database, Slice name, String what) {
      events.add(what + " " + database.index() + ":" + name);
    }

    @Override
    public void changed(Database database, Slice name, KeyEvent event, long dirty) {
      note(database, name, event.word() + "/" + dirty);
    }

    @Override
    public void changedUnheard(Database database, Slice key, long dirty) {
      events.add("unheard " + key);
    }

    @Override
    public void changedBeside(long dirty) {
      events.add("beside/" + dirty);
    }

    @Override
    public void changedBeside(Database database, Slice name, KeyEvent event, long dirty) {
      changed(database, name, event, dirty);
    }

    @Override
    public void added(Database database, Slice name, Type type) {
      note(database, name, "new");
    }

    @Override
    public void expired(Database database, Slice name) {
      note(database, name, "expired");
    }

    @Override
    public void fieldExpired(Database database, Slice name, Element field) {
      note(database, name, "field-expired " + field);
    }

    @Override
    public void fieldsExpired(Database database, Slice name) {
      note(database, name, "hexpired");
    }

    @Override
    public void evicted(Database database, Slice name) {
      note(database, name, "evicted");
    }

    @Override
    public void missed(Database database, Slice name) {
      note(database, name, "keymiss");
    }

    @Override
    public void flushed(Database database, long keys) {
      events.add("flushed " + database.index() + " " + keys);
    }

    @Override
    public void swapped(Database first, Database second) {
      events.add("swapped " + first.index() + " " + second.index());
    }
  }
}
