package carnelian.persistence.log;

import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.KeyCursor;
import carnelian.keyspace.KeyspaceCut;
import carnelian.keyspace.Scores;
import carnelian.keyspace.StreamVisitor;
import carnelian.keyspace.ValueVisitor;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes all data of a cut as the commands that make it: a BASE under `aof-use-rdb-preamble no`.
/// Large values take several commands. One owner, one thread.
final class CommandSaver implements ValueVisitor, AutoCloseable {
  private static final int FLUSH_BYTES = 1 << 18;

  /// Elements of one command, as in Redis.
  private static final int ELEMENTS = 64;

  private final WritableByteChannel channel;
  private final NativeBuffer buffer = new NativeBuffer(FLUSH_BYTES);
  private final Reply out = new Reply(buffer);
  private final NativeBuffer key = new NativeBuffer(64);
  private final Slice slice = new Slice();
  private final Element first = new Element();
  private final Element second = new Element();
  private final StreamCommandWriter streams;

  // The command in the making: its arguments gather in `items`.
  private final NativeBuffer items = new NativeBuffer(1024);
  private final Reply itemsOut = new Reply(items);
  private String command = "";

  /// Commands that follow it.
  private final NativeBuffer deadlines = new NativeBuffer(64);

  private final Reply deadlinesOut = new Reply(deadlines);
  private int count;
  private Encoding encoding = Encoding.STRING_RAW;

  CommandSaver(WritableByteChannel channel) {
    this.channel = channel;
    streams = new StreamCommandWriter(out, key, this::flushIfFull);
  }

  /// Writes function libraries, before [#save].
  void functions(List<byte[]> libraries) {
    for (byte[] library : libraries) {
      out.array(3);
      out.bulk("FUNCTION");
      out.bulk("LOAD");
      out.bulk(library);
    }
  }

  void save(KeyspaceCut cut) throws IOException {
    try {
      for (int database = 0; database < cut.databases(); database++) {
        if (cut.keys(database) > 0) {
          out.array(2);
          out.bulk("SELECT");
          out.bulkInteger(database);
          saveKeys(cut.cursor(database));
        }
      }
      flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void saveKeys(KeyCursor cursor) throws IOException {
    while (cursor.next()) {
      key.clear();
      key.put(cursor.key(slice));
      long deadline = cursor.deadline();
      command = commandOf(cursor.encoding());
      encoding = cursor.encoding();
      cursor.walk(this);
      endCommand();
      if (deadline != Database.NO_DEADLINE) {
        out.array(3);
        out.bulk("PEXPIREAT");
        out.bulk(key.slice(slice));
        out.bulkInteger(deadline);
      }
      if (buffer.length() >= FLUSH_BYTES / 2) {
        flush();
      }
    }
  }

  private static String commandOf(Encoding encoding) {
    return switch (encoding) {
      case STRING_INT, STRING_EMBSTR, STRING_RAW, STRING_BLOB -> "SET";
      case LIST_LISTPACK, LIST_QUICKLIST -> "RPUSH";
      case SET_INTSET, SET_LISTPACK, SET_HASHTABLE -> "SADD";
      case ZSET_LISTPACK, ZSET_SKIPLIST -> "ZADD";
      case HASH_LISTPACK, HASH_HASHTABLE, HASH_LISTPACK_EX, HASH_HASHTABLE_EX -> "HMSET";
      case STREAM -> "XADD";
    };
  }

  // ---- Values ----------------------------------------------------------------------------------

  @Override
  public void begin(Encoding begun, long parts) {
    encoding = begun;
  }

  @Override
  public void compact(long at, int bytes) {
    switch (encoding) {
      case SET_INTSET -> {
        for (int i = 0; i < Intsets.count(at); i++) {
          element(first.setInteger(Intsets.get(at, i)));
        }
      }
      case HASH_LISTPACK -> pairs(at);
      case HASH_LISTPACK_EX -> triples(at);
      case ZSET_LISTPACK -> members(at);
      case LIST_LISTPACK,
          LIST_QUICKLIST,
          SET_LISTPACK,
          SET_HASHTABLE,
          STRING_INT,
          STRING_EMBSTR,
          STRING_RAW,
          STRING_BLOB,
          ZSET_SKIPLIST,
          HASH_HASHTABLE,
          HASH_HASHTABLE_EX,
          STREAM -> {
        for (long each = Listpacks.first(at); each != 0; each = Listpacks.next(each)) {
          element(Listpacks.get(each, first));
        }
      }
    }
  }

  private void pairs(long listpack) {
    long each = Listpacks.first(listpack);
    while (each != 0) {
      long value = Listpacks.next(each);
      field(Listpacks.get(each, first), Listpacks.get(value, second));
      each = Listpacks.next(value);
    }
  }

  private void triples(long listpack) {
    long each = Listpacks.first(listpack);
    while (each != 0) {
      long value = Listpacks.next(each);
      long last = Listpacks.next(value);
      long deadline = Listpacks.get(last, first).asLong();
      field(
          Listpacks.get(each, first),
          Listpacks.get(value, second),
          deadline == 0 ? Database.NO_DEADLINE : deadline);
      each = Listpacks.next(last);
    }
  }

  private void members(long listpack) {
    long each = Listpacks.first(listpack);
    while (each != 0) {
      long score = Listpacks.next(each);
      Element stored = Listpacks.get(score, second);
      double value =
          stored.isInteger()
              ? stored.integer()
              : Scores.parse(new String(stored.toBytes(), StandardCharsets.ISO_8859_1));
      member(Listpacks.get(each, first), value);
      each = Listpacks.next(score);
    }
  }

  @Override
  public StreamVisitor stream() {
    return streams;
  }

  @Override
  public void element(Element element) {
    put(element);
    endItem();
  }

  @Override
  public void field(Element field, Element value) {
    put(field);
    put(value);
    endItem();
  }

  /// The deadlines follow the command that makes the fields.
  @Override
  public void field(Element field, Element value, long deadline) {
    if (deadline != Database.NO_DEADLINE) {
      deadlinesOut.array(6);
      deadlinesOut.bulk("HPEXPIREAT");
      deadlinesOut.bulk(key.slice(slice));
      deadlinesOut.bulkInteger(deadline);
      deadlinesOut.bulk("FIELDS");
      deadlinesOut.bulkInteger(1);
      write(deadlinesOut, field);
    }
    field(field, value);
  }

  @Override
  public void member(Element member, double score) {
    itemsOut.bulkNumber(score);
    count++;
    put(member);
    endItem();
  }

  private void put(Element element) {
    write(itemsOut, element);
    count++;
  }

  private static void write(Reply to, Element element) {
    if (element.isInteger()) {
      to.bulkInteger(element.integer());
    } else {
      to.bulk(element.at(), element.length());
    }
  }

  private int itemCount;

  private void endItem() {
    itemCount++;
    if (itemCount == ELEMENTS) {
      endCommand();
    }
  }

  /// Writes the command that has gathered, if any.
  private void endCommand() {
    if (count == 0) {
      return;
    }
    out.array(2 + count);
    out.bulk(command);
    out.bulk(key.slice(slice));
    buffer.put(items.address(), items.length());
    items.clear();
    buffer.put(deadlines.address(), deadlines.length());
    deadlines.clear();
    count = 0;
    itemCount = 0;
    flushIfFull();
  }

  private void flushIfFull() {
    if (buffer.length() >= FLUSH_BYTES / 2) {
      try {
        flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void flush() throws IOException {
    if (!buffer.isEmpty()) {
      int _ = channel.write(Memory.asByteBuffer(buffer.address(), buffer.length()));
      buffer.clear();
    }
  }

  @Override
  public void close() {
    buffer.close();
    items.close();
    deadlines.close();
    streams.close();
    key.close();
  }
}
