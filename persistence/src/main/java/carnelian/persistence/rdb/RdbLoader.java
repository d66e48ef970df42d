package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads an RDB file of any version up to 12 (and Valkey's 80) into a keyspace, on the engine's
/// thread; docs/formats/rdb.md.
///
/// What is not supported is refused with path and offset: streams, hashes whose fields have
/// deadlines, and what modules wrote, as Redis refuses the modules that it has not. Function
/// libraries are handed on as they are: [#functions].
///
/// Reads everything at once ([#load]) or in slices ([#step]), so that clients can be answered in
/// between. After an error the keyspace holds what came before it.
public final class RdbLoader implements AutoCloseable {
  /// What becomes of keys whose deadline has passed.
  public enum Expired {
    /// As on a primary.
    SKIP,
    /// As on a replica, whose primary removes them.
    KEEP
  }

  /// What becomes of a key that is there already.
  public enum Duplicates {
    /// The file is broken.
    REFUSE,
    /// The file's replaces it: `DEBUG RELOAD MERGE`.
    REPLACE
  }

  /// Hears of each key that was loaded. It may remove the key.
  public interface KeyListener {
    void loaded(Database db, RdbType type, long entry);
  }

  /// Facts that are longer are not kept.
  private static final int MAX_FACT_BYTES = 4096;

  private static final int MAX_FACTS = 64;

  /// Of the keys without elements so many are named.
  private static final int MAX_NAMED_EMPTY_KEYS = 10;

  /// The fewest bytes of a file that one key takes.
  private static final int MIN_KEY_BYTES = 3;

  private static final String MODULE_NAME_LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final RdbInput in;
  private final Keyspace keyspace;
  private final Expired expired;
  private final long inputBytes;
  private final boolean checksum;
  private final RdbValueReader values;
  private final NativeBuffer keyBytes = new NativeBuffer(64);
  private final Slice key = new Slice();
  private final Map<String, String> facts = new TreeMap<>();
  private final List<String> remarks = new ArrayList<>();

  private KeyListener listener = (db, type, entry) -> {};
  private Database db;
  private int version;
  private long deadline = Database.NO_DEADLINE;
  private long idleSeconds = -1;
  private int frequency = -1;
  private long keysLoaded;
  private long keysExpired;
  private long keysEmpty;
  private final List<byte[]> functions = new ArrayList<>();
  private Duplicates duplicates = Duplicates.REFUSE;
  private boolean begun;
  private boolean ended;

  /// Reads `in`, which is at its start and has about `inputBytes`; it stays the caller's.
  public RdbLoader(
      RdbInput in, Keyspace keyspace, Expired expired, long inputBytes, boolean checksum) {
    this.in = in;
    this.keyspace = keyspace;
    this.expired = expired;
    this.inputBytes = inputBytes;
    this.checksum = checksum;
    values = new RdbValueReader(in, keyspace);
    db = keyspace.database(0);
  }

  public void listener(KeyListener newListener) {
    listener = newListener;
  }

  public void duplicates(Duplicates what) {
    duplicates = what;
  }

  /// Reads everything up to the end mark.
  public void load() throws IOException {
    while (step(Long.MAX_VALUE)) {
      // Until the end.
    }
  }

  /// Reads on, key by key, until about `bytes` more were read; false if that was everything.
  public boolean step(long bytes) throws IOException {
    if (!begun) {
      begin();
    }
    long start = in.offset();
    while (!ended && in.offset() - start < bytes) {
      int code = in.readByte();
      RdbOpcode opcode = RdbOpcode.of(code);
      if (opcode == null) {
        readKey(code);
      } else if (!readOpcode(opcode)) {
        end();
      }
    }
    return !ended;
  }

  private void begin() throws IOException {
    version = in.readSignature();
    if (!RdbVersion.isReadable(version)) {
      throw in.broken(4, "version 1 to 12 or 80", Integer.toString(version));
    }
    begun = true;
  }

  private void end() throws IOException {
    if (version >= RdbVersion.CHECKSUM_SINCE) {
      if (checksum) {
        in.readChecksum();
      } else {
        long _ = in.readLong();
      }
    }
    if (keysEmpty > 0) {
      remarks.add("empty keys skipped: " + keysEmpty);
    }
    ended = true;
  }

  /// False at the end mark.
  private boolean readOpcode(RdbOpcode opcode) throws IOException {
    switch (opcode) {
      case EOF -> {
        return false;
      }
      case SELECTDB -> {
        int last = keyspace.databases() - 1;
        db = keyspace.database((int) in.readLength(last, "a database: a number"));
      }
      case RESIZEDB -> {
        long keys = in.readLength();
        long _ = in.readLength();
        long most = inputBytes / MIN_KEY_BYTES;
        db.reserve(keys >= 0 && keys < most ? keys : most);
      }
      case EXPIRETIME -> deadline = Integer.toUnsignedLong(in.readInt()) * 1000;
      case EXPIRETIME_MS -> deadline = in.readLong();
      case IDLE -> idleSeconds = in.readLength();
      case FREQ -> frequency = in.readByte();
      case AUX -> readFact();
      case FUNCTION_2 -> {
        in.readString(key);
        functions.add(key.toBytes());
      }
      case MODULE_AUX -> {
        throw unknownModule();
      }
      case SLOT_INFO -> {
        for (int i = 0; i < 3; i++) {
          long _ = in.readLength();
        }
      }
      case FUNCTION_PRE_GA, SLOT_IMPORT ->
          throw in.broken(1, "an opcode of a released Redis", opcode.toString());
    }
    return true;
  }

  private void readFact() throws IOException {
    String name = readShortText();
    String value = readShortText();
    if (facts.size() < MAX_FACTS) {
      facts.put(name, value);
    }
  }

  private String readShortText() throws IOException {
    in.readString(key);
    return key.length <= MAX_FACT_BYTES ? key.toString() : key.length + " bytes";
  }

  private void readKey(int code) throws IOException {
    RdbType type = RdbType.of(code, version);
    boolean module = type == RdbType.MODULE_2;
    if (type == null || (!module && !RdbValueReader.isSupported(type))) {
      throw RdbValueReader.unsupported(
          in, "type " + code + (type == null ? "" : " (" + type + ")"));
    }
    long keyOffset = in.offset();
    in.readString(key);
    keyBytes.clear();
    keyBytes.put(key);
    keyBytes.slice(key);
    if (module) {
      throw unknownModule();
    }
    if (expired == Expired.SKIP && hasExpired()) {
      values.skip(type);
      keysExpired++;
    } else {
      loadKey(type, keyOffset);
    }
    deadline = Database.NO_DEADLINE;
    idleSeconds = -1;
    frequency = -1;
  }

  private boolean hasExpired() {
    return deadline != Database.NO_DEADLINE && deadline < keyspace.nowMillis();
  }

  private void loadKey(RdbType type, long keyOffset) throws IOException {
    long present = db.find(key);
    if (present != 0) {
      if (duplicates == Duplicates.REFUSE) {
        throw in.broken((int) (in.offset() - keyOffset), "each key once", "a key that came before");
      }
      db.discard(present);
    }
    long kept = deadline == Database.NO_DEADLINE ? deadline : Math.max(deadline, 0);
    long entry = values.read(type, db, key, kept);
    if (entry == 0) {
      if (keysEmpty++ < MAX_NAMED_EMPTY_KEYS) {
        remarks.add("skipping empty key: " + key);
      }
      return;
    }
    if (idleSeconds >= 0) {
      keyspace.usage().idleSeconds(entry, idleSeconds);
    }
    if (frequency >= 0) {
      keyspace.usage().frequency(entry, frequency);
    }
    keysLoaded++;
    listener.loaded(db, type, entry);
  }

  private RdbFormatException unknownModule() throws IOException {
    long start = in.offset();
    String name = moduleName(in.readLength());
    return in.broken(
        (int) (in.offset() - start),
        "no data of modules, of which there are none here",
        "data of the module type '" + name + "'");
  }

  /// A module's ID is nine letters of six bits and a version.
  private static String moduleName(long id) {
    StringBuilder name = new StringBuilder();
    for (int shift = 58; shift >= 10; shift -= 6) {
      name.append(MODULE_NAME_LETTERS.charAt((int) (id >>> shift) & 0x3f));
    }
    return name.toString();
  }

  // ---- What was found --------------------------------------------------------------------------

  /// The file's RDB version.
  public int version() {
    return version;
  }

  public long keysLoaded() {
    return keysLoaded;
  }

  /// Keys that were skipped because their deadline has passed.
  public long keysExpired() {
    return keysExpired;
  }

  /// Bytes of the file read so far.
  public long loadedBytes() {
    return in.offset();
  }

  /// The code of the function libraries, to be written again: [RdbSaver#functions].
  public List<byte[]> functions() {
    return functions;
  }

  /// The AUX fields.
  public Map<String, String> facts() {
    return facts;
  }

  /// An AUX field, or null.
  public @Nullable String fact(String name) {
    return facts.get(name);
  }

  /// What an operator should know: data that was left out.
  public List<String> remarks() {
    return remarks;
  }

  @Override
  public void close() {
    values.close();
    keyBytes.close();
  }
}
