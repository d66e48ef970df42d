package carnelian.server;

import carnelian.engine.Call;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Type;
import carnelian.keyspace.ValueWalk;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.EntryLayout;
import carnelian.structures.HashTableStats;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What DEBUG says of the data, and how it fills a store with some.
final class DebugData {
  private static final Logger LOG = LoggerFactory.getLogger(DebugData.class);

  private static final int LRU_CLOCK_MASK = (1 << 24) - 1;

  private static final ReplyError BAD_DATABASE = ReplyError.err("Out of range database");
  private static final ReplyError NO_HASH_TABLE =
      ReplyError.err(
          "The value stored at the specified key is not represented using an hash table");
  private static final ReplyError NO_LISTPACK = ReplyError.err("Not a listpack encoded object.");
  private static final ReplyError NO_QUICKLIST = ReplyError.err("Not a quicklist encoded object.");
  private static final ReplyError NO_STRING = ReplyError.err("Not an sds encoded string.");

  private final DatasetDigest digest;

  DebugData(Keyspace keyspace) {
    digest = new DatasetDigest(keyspace);
  }

  void digest(Call call) {
    call.reply().simple(digest.ofAll());
  }

  void digestValues(Call call) {
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      call.reply().simple(digest.ofValue(call.db().peek(call.arg(i))));
    }
  }

  /// Also a key that has expired and is still there.
  private static long find(Call call) {
    long entry = call.db().find(call.arg(2));
    if (entry == 0) {
      throw ReplyError.NO_SUCH_KEY;
    }
    return entry;
  }

  static void object(Call call) {
    long entry = find(call);
    SavedLength length = SavedLength.of(call.keyspace(), entry);
    long idle = call.keyspace().usage().idleSeconds(entry);
    long lru = call.nowMillis() / TimeUnit.SECONDS.toMillis(1) - idle & LRU_CLOCK_MASK;
    StringBuilder text = new StringBuilder();
    text.append("Value at:0x").append(Long.toHexString(entry)).append(" refcount:1 encoding:");
    text.append(Database.encoding(entry).word());
    text.append(" serializedlength:").append(length.bytes());
    text.append(" lru:").append(lru).append(" lru_seconds_idle:").append(idle);
    if (Database.encoding(entry).word().equals("quicklist")) {
      long count = call.keyspace().lists().count(entry);
      long nodes = Math.max(length.nodes(), 1);
      text.append(" ql_nodes:").append(nodes);
      text.append(String.format(Locale.ROOT, " ql_avg_node:%.2f", (double) count / nodes));
      text.append(" ql_listpack_max:").append(call.keyspace().limits().listMaxListpackSize());
      text.append(" ql_compressed:0 ql_uncompressed_size:").append(length.compactBytes());
    }
    call.reply().simple(text.toString());
  }

  static void populate(Call call) {
    long keys = call.integer(2, 0, Long.MAX_VALUE, ReplyError.MUST_BE_POSITIVE);
    String prefix = call.argc() > 3 ? call.arg(3).toString() : "key";
    long most = call.keyspace().limits().protoMaxBulkLength();
    long size = call.argc() > 4 ? call.integer(4, 0, most, ReplyError.MUST_BE_POSITIVE) : 0;
    Database database = call.db();
    Slice slice = new Slice();
    try (NativeBuffer key = new NativeBuffer(64);
        NativeBuffer value = new NativeBuffer(64)) {
      for (long i = 0; i < keys; i++) {
        key.clear();
        key.putAscii(prefix + ":" + i);
        if (database.peek(key.slice(slice)) == 0) {
          fill(value, "value:" + i, (int) size);
          call.keyspace()
              .strings()
              .add(database, key.slice(slice), value.slice(new Slice()), Database.NO_DEADLINE);
        }
      }
    }
    call.replicateNothing();
    call.reply().ok();
  }

  /// The text, cut or filled up with zeros to the size; 0 leaves it as it is.
  private static void fill(NativeBuffer value, String text, int size) {
    value.clear();
    value.putAscii(size > 0 && size < text.length() ? text.substring(0, size) : text);
    for (int i = value.length(); i < size; i++) {
      value.putByte(0);
    }
  }

  /// Lengths and sizes of a key and its string value, under Redis's names.
  static void stringLengths(Call call) {
    long entry = find(call);
    if (Database.type(entry) != Type.STRING || Database.encoding(entry) == Encoding.STRING_INT) {
      throw NO_STRING;
    }
    Keyspace keyspace = call.keyspace();
    long bytes = keyspace.heap().usable(entry);
    long outside = keyspace.valueType(entry).bytes(entry, 0);
    call.reply()
        .simple(
            "key_sds_len:"
                + EntryLayout.keyLength(entry)
                + ", key_sds_avail:0, key_zmalloc: "
                + bytes
                + ", val_sds_len:"
                + keyspace.strings().length(entry)
                + ", val_sds_avail:0, val_zmalloc: "
                + outside);
  }

  /// Writes the elements of a listpack to the log.
  static void listpack(Call call) {
    long entry = find(call);
    switch (Database.encoding(entry)) {
      case SET_LISTPACK, ZSET_LISTPACK, HASH_LISTPACK, HASH_LISTPACK_EX -> {}
      case STRING_INT,
          STRING_EMBSTR,
          STRING_RAW,
          STRING_BLOB,
          LIST_LISTPACK,
          LIST_QUICKLIST,
          SET_INTSET,
          SET_HASHTABLE,
          ZSET_SKIPLIST,
          HASH_HASHTABLE,
          HASH_HASHTABLE_EX,
          STREAM ->
          throw NO_LISTPACK;
    }
    log(call, entry);
    call.reply().simple("Listpack structure printed on stdout");
  }

  /// Writes the elements of a list to the log, listpack by listpack.
  static void quicklist(Call call) {
    long entry = find(call);
    if (Database.type(entry) != Type.LIST) {
      throw NO_QUICKLIST;
    }
    log(call, entry);
    call.reply().simple("Quicklist structure printed on stdout");
  }

  private static void log(Call call, long entry) {
    DumpedListpacks dumped = new DumpedListpacks();
    ValueWalk walk = new ValueWalk(call.keyspace().heap().live());
    call.keyspace().valueType(entry).walk(walk, entry, dumped);
    LOG.warn("{}: {}", call.arg(2), dumped);
  }

  // ---- Hash tables -----------------------------------------------------------------------------

  static void databaseTable(Call call) {
    long index = call.integer(2);
    if (index < 0 || index >= call.keyspace().databases()) {
      throw BAD_DATABASE;
    }
    Database database = call.keyspace().database((int) index);
    StringBuilder text = new StringBuilder("[Dictionary HT]\n");
    append(text, database.tableStats());
    text.append("[Expires HT]\n");
    text.append("Deadlines stand in a tree, of ").append(database.volatileKeys()).append(" keys\n");
    call.reply().verbatim("txt", text.toString());
  }

  static void valueTable(Call call) {
    long entry = find(call);
    long table =
        switch (Database.encoding(entry)) {
          case SET_HASHTABLE, HASH_HASHTABLE -> Database.reference(entry);
          case HASH_HASHTABLE_EX -> Hashes.table(entry);
          case STRING_INT,
              STRING_EMBSTR,
              STRING_RAW,
              STRING_BLOB,
              LIST_LISTPACK,
              LIST_QUICKLIST,
              SET_INTSET,
              SET_LISTPACK,
              ZSET_LISTPACK,
              ZSET_SKIPLIST,
              HASH_LISTPACK,
              HASH_LISTPACK_EX,
              STREAM ->
              0;
        };
    if (table == 0) {
      throw NO_HASH_TABLE;
    }
    Keyspace keyspace = call.keyspace();
    StringBuilder text = new StringBuilder();
    append(text, keyspace.tables().stats(table));
    call.reply().verbatim("txt", text.toString());
  }

  private static void append(StringBuilder text, HashTableStats stats) {
    text.append("Hash table 0 stats (main hash table):\n");
    if (stats.count() == 0) {
      text.append("No stats available for empty dictionaries\n");
      return;
    }
    List<Long> chains = stats.chains();
    long used = stats.buckets() - chains.getFirst();
    double mean = (double) stats.count() / used;
    text.append(" table size: ").append(stats.buckets()).append('\n');
    text.append(" number of elements: ").append(stats.count()).append('\n');
    text.append(" different slots: ").append(used).append('\n');
    text.append(" max chain length: ").append(chains.size() - 1).append('\n');
    text.append(String.format(Locale.ROOT, " avg chain length (counted): %.2f\n", mean));
    text.append(String.format(Locale.ROOT, " avg chain length (computed): %.2f\n", mean));
    text.append(" Chain length distribution:\n");
    for (int i = 0; i < chains.size(); i++) {
      if (chains.get(i) > 0) {
        double percent = 100.0 * chains.get(i) / stats.buckets();
        text.append(String.format(Locale.ROOT, "   %d: %d (%.2f%%)\n", i, chains.get(i), percent));
      }
    }
  }
}
