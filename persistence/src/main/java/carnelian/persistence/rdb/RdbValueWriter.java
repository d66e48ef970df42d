package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.Encoding;
import carnelian.keyspace.Scores;
import carnelian.keyspace.StreamVisitor;
import carnelian.keyspace.ValueVisitor;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// Writes one value after another in the form that its type had in a version of RDB, from what a
/// walk tells. The type and the key have been written before: [#typeOf].
///
/// Compact values go out whole where the version knows them, element by element where not. Failures
/// of the output come as [UncheckedIOException]. One owner, one thread.
final class RdbValueWriter implements ValueVisitor {
  /// A listpack of one element that is larger than this is written as the element, as in Redis.
  private static final int LARGE_NODE_BYTES = 8 << 10;

  private static final int CONTAINER_PLAIN = 1;
  private static final int CONTAINER_PACKED = 2;

  private final RdbOutput out;
  private final int version;
  private final RdbStreamWriter streams;
  private final Element first = new Element();
  private final Element second = new Element();

  private RdbType type = RdbType.STRING;
  private Encoding encoding = Encoding.STRING_RAW;
  private long elements;
  private long earliest;
  private long deadlinesLeftOut;

  RdbValueWriter(RdbOutput out, int version) {
    this.out = out;
    this.version = version;
    streams = new RdbStreamWriter(out, version);
  }

  /// What a value of this encoding is in a file of this version.
  static RdbType typeOf(Encoding encoding, int version) {
    return switch (encoding) {
      case STRING_INT, STRING_EMBSTR, STRING_RAW, STRING_BLOB -> RdbType.STRING;
      case LIST_LISTPACK, LIST_QUICKLIST -> since(RdbType.LIST_QUICKLIST_2, version, RdbType.LIST);
      case SET_INTSET -> RdbType.SET_INTSET;
      case SET_LISTPACK -> since(RdbType.SET_LISTPACK, version, RdbType.SET);
      case SET_HASHTABLE -> RdbType.SET;
      case ZSET_LISTPACK -> since(RdbType.ZSET_LISTPACK, version, RdbType.ZSET_2);
      case ZSET_SKIPLIST -> RdbType.ZSET_2;
      case HASH_LISTPACK -> since(RdbType.HASH_LISTPACK, version, RdbType.HASH);
      case HASH_HASHTABLE -> RdbType.HASH;
      case HASH_LISTPACK_EX -> since(RdbType.HASH_LISTPACK_EX, version, RdbType.HASH);
      case HASH_HASHTABLE_EX -> since(RdbType.HASH_METADATA, version, RdbType.HASH);
      case STREAM -> RdbStreamWriter.typeOf(version);
    };
  }

  private static RdbType since(RdbType type, int version, RdbType before) {
    return version >= type.sinceVersion() ? type : before;
  }

  /// Deadlines of fields for which the version has no place.
  long deadlinesLeftOut() {
    return deadlinesLeftOut;
  }

  @Override
  public void earliestDeadline(long unixMillis) {
    earliest = unixMillis;
  }

  @Override
  public void elements(long count) {
    elements = count;
  }

  @Override
  public void begin(Encoding begun, long parts) {
    encoding = begun;
    type = typeOf(encoding, version);
    try {
      switch (encoding) {
        case LIST_LISTPACK -> {
          elements = -1; // The one listpack says it.
          if (type == RdbType.LIST_QUICKLIST_2) {
            out.writeLength(1);
          }
        }
        case LIST_QUICKLIST -> out.writeLength(type == RdbType.LIST_QUICKLIST_2 ? parts : elements);
        case SET_HASHTABLE, ZSET_SKIPLIST, HASH_HASHTABLE, STREAM -> out.writeLength(parts);
        case HASH_LISTPACK_EX, HASH_HASHTABLE_EX -> beginVolatile(parts);
        case STRING_INT,
            STRING_EMBSTR,
            STRING_RAW,
            STRING_BLOB,
            SET_INTSET,
            SET_LISTPACK,
            ZSET_LISTPACK,
            HASH_LISTPACK -> {}
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void beginVolatile(long parts) throws IOException {
    if (type != RdbType.HASH) {
      out.writeLong(earliest);
    }
    if (encoding == Encoding.HASH_HASHTABLE_EX) {
      out.writeLength(parts);
    }
  }

  @Override
  public void compact(long at, int bytes) {
    try {
      if (encoding == Encoding.HASH_LISTPACK_EX && type == RdbType.HASH) {
        writePairs(at);
      } else if (type == RdbType.LIST_QUICKLIST_2) {
        writeNode(at, bytes);
      } else if (type == RdbType.LIST) {
        writeList(at);
      } else if (type == RdbType.SET) {
        writeElements(at, Listpacks.count(at));
      } else if (type == RdbType.HASH) {
        writeElements(at, Listpacks.count(at) / 2);
      } else if (type == RdbType.ZSET_2) {
        writeMembers(at);
      } else {
        writeBlob(at, bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public StreamVisitor stream() {
    return streams;
  }

  /// As a string, so compressed if that pays.
  private void writeBlob(long at, int bytes) throws IOException {
    out.writeString(at, bytes);
  }

  private void writeNode(long at, int bytes) throws IOException {
    if (bytes > LARGE_NODE_BYTES && Listpacks.count(at) == 1) {
      out.writeLength(CONTAINER_PLAIN);
      out.writeString(Listpacks.get(Listpacks.first(at), first));
    } else {
      out.writeLength(CONTAINER_PACKED);
      writeBlob(at, bytes);
    }
  }

  private void writeList(long listpack) throws IOException {
    if (elements < 0) {
      out.writeLength(Listpacks.count(listpack));
    }
    writeAll(listpack);
  }

  private void writeElements(long listpack, long count) throws IOException {
    out.writeLength(count);
    writeAll(listpack);
  }

  private void writeAll(long listpack) throws IOException {
    for (long each = Listpacks.first(listpack); each != 0; each = Listpacks.next(each)) {
      out.writeString(Listpacks.get(each, first));
    }
  }

  /// Of triples without their deadlines.
  private void writePairs(long listpack) throws IOException {
    out.writeLength(Listpacks.count(listpack) / 3);
    long each = Listpacks.first(listpack);
    while (each != 0) {
      out.writeString(Listpacks.get(each, first));
      long value = Listpacks.next(each);
      out.writeString(Listpacks.get(value, first));
      long deadline = Listpacks.next(value);
      deadlinesLeftOut += Listpacks.get(deadline, first).asLong() == 0 ? 0 : 1;
      each = Listpacks.next(deadline);
    }
  }

  private void writeMembers(long listpack) throws IOException {
    out.writeLength(Listpacks.count(listpack) / 2);
    long each = Listpacks.first(listpack);
    while (each != 0) {
      out.writeString(Listpacks.get(each, first));
      long score = Listpacks.next(each);
      out.writeDouble(scoreOf(Listpacks.get(score, second)));
      each = Listpacks.next(score);
    }
  }

  /// The score that a listpack says; NaN if it is none.
  static double scoreOf(Element stored) {
    return stored.isInteger()
        ? stored.integer()
        : Scores.parse(new String(stored.toBytes(), StandardCharsets.ISO_8859_1));
  }

  @Override
  public void element(Element element) {
    try {
      out.writeString(element);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void field(Element field, Element value) {
    try {
      out.writeString(field);
      out.writeString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A deadline is written as its distance from the earliest, and one; 0 is none.
  @Override
  public void field(Element field, Element value, long deadline) {
    boolean has = deadline != Database.NO_DEADLINE;
    try {
      if (type == RdbType.HASH_METADATA) {
        out.writeLength(has ? deadline - earliest + 1 : 0);
      } else if (has) {
        deadlinesLeftOut++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    field(field, value);
  }

  @Override
  public void member(Element member, double score) {
    try {
      out.writeString(member);
      out.writeDouble(score);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
