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
/// What is not supported is refused with path and offset: streams, and hashes whose fields have
/// deadlines. Function libraries and what modules wrote is read over, and said in [#remarks].
///
/// After an error the keyspace holds what came before it.
public final class RdbLoader implements AutoCloseable {
  /// What becomes of keys whose deadline has passed.
  public enum Expired {
    /// As on a primary.
    SKIP,
    /// As on a replica, whose primary removes them.
    KEEP
  }

  /// Hears of each key that was loaded. It may remove the key.
  public interface KeyListener {
    void loaded(Database db, RdbType type, long entry);
  }

  /// Facts that are longer are not kept.
  private static final int MAX_FACT_BYTES = 4096;

  private static final int MAX_FACTS = 64;

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
  private long moduleKeys;
  private long libraries;

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

  /// Reads everything up to the end mark.
  public void load() throws IOException {
    version = in.readSignature();
    if (!RdbVersion.isReadable(version)) {
      throw in.broken(4, "version 1 to 12 or 80", Integer.toString(version));
    }
    boolean more = true;
    while (more) {
      int code = in.readByte();
      RdbOpcode opcode = RdbOpcode.of(code);
      if (opcode == null) {
        readKey(code);
      } else {
        more = readOpcode(opcode);
      }
    }
    if (version >= RdbVersion.CHECKSUM_SINCE) {
      if (checksum) {
        in.readChecksum();
      } else {
        long _ = in.readLong();
      }
    }
    remark(keysEmpty, "empty keys were skipped");
    remark(moduleKeys, "keys of modules were skipped: modules are not supported");
    remark(libraries, "function libraries were skipped: functions are not supported");
  }

  private void remark(long count, String what) {
    if (count > 0) {
      remarks.add(count + " " + what);
    }
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
        in.skipString();
        libraries++;
      }
      case MODULE_AUX -> {
        String module = moduleName(in.readLength());
        long _ = in.readLength();
        long _ = in.readLength();
        in.skipModuleValue();
        remarks.add("data of the module " + module + " was skipped: modules are not supported");
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
      String name = moduleName(in.readLength());
      in.skipModuleValue();
      if (moduleKeys++ == 0) {
        remarks.add("the first key of a module is of " + name);
      }
    } else if (expired == Expired.SKIP && hasExpired()) {
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
    if (db.find(key) != 0) {
      throw in.broken((int) (in.offset() - keyOffset), "each key once", "a key that came before");
    }
    long kept = deadline == Database.NO_DEADLINE ? deadline : Math.max(deadline, 0);
    long entry = values.read(type, db, key, kept);
    if (entry == 0) {
      keysEmpty++;
      return;
    }
    if (idleSeconds >= 0) {
      db.idleSeconds(entry, idleSeconds);
    }
    if (frequency >= 0) {
      db.frequency(entry, frequency);
    }
    keysLoaded++;
    listener.loaded(db, type, entry);
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
