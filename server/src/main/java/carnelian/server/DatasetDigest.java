package carnelian.server;

import carnelian.keyspace.Database;
import carnelian.keyspace.HashCursor;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.ListCursor;
import carnelian.keyspace.SetCursor;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.StreamCursor;
import carnelian.keyspace.StreamId;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// A fingerprint of values or of all data, by which two stores are found to hold the same: it
/// depends on contents and deadlines, and neither on encodings nor on the order of what has none.
///
/// Parts without order are added (exclusive or of their hashes); parts with an order are mixed: the
/// sum so far is hashed anew after each. An empty store, and a missing key, have a digest of zeros.
final class DatasetDigest {
  private static final int BYTES = 20;
  private static final int DIGITS = 17;

  /// Redis counts modules before streams.
  private static final int REDIS_STREAM = 6;

  private static final byte[] EXPIRES = ascii("!!expire!!");

  private final Keyspace keyspace;
  private final MessageDigest sha1;

  DatasetDigest(Keyspace keyspace) {
    this.keyspace = keyspace;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  /// Of all keys of all databases, in hexadecimal digits.
  String ofAll() {
    byte[] sum = new byte[BYTES];
    for (int i = 0; i < keyspace.databases(); i++) {
      Database database = keyspace.database(i);
      if (database.size() > 0) {
        mix(sum, bigEndian(i));
        database.traversal().forEach(entry -> add(sum, ofKey(entry)));
      }
    }
    return HexFormat.of().formatHex(sum);
  }

  private byte[] ofKey(long entry) {
    byte[] sum = new byte[BYTES];
    mix(sum, Database.key(entry, new Slice()).toBytes());
    mixValue(sum, entry);
    return sum;
  }

  /// Of one key's value; 0 stands for no key.
  String ofValue(long entry) {
    byte[] sum = new byte[BYTES];
    if (entry != 0) {
      mixValue(sum, entry);
    }
    return HexFormat.of().formatHex(sum);
  }

  private void mixValue(byte[] sum, long entry) {
    Type type = Database.type(entry);
    mix(sum, bigEndian(type == Type.STREAM ? REDIS_STREAM : type.code()));
    switch (type) {
      case STRING -> mix(sum, keyspace.strings().get(entry, new Element()).toBytes());
      case LIST -> mixList(sum, entry);
      case SET -> addSet(sum, entry);
      case ZSET -> addSortedSet(sum, entry);
      case HASH -> addHash(sum, entry);
      case STREAM -> mixStream(sum, entry);
    }
    if (Database.deadline(entry) != Database.NO_DEADLINE) {
      add(sum, EXPIRES);
    }
  }

  private void mixList(byte[] sum, long entry) {
    ListCursor each = keyspace.lists().elements().startForward(entry, 0);
    while (each.next()) {
      mix(sum, each.element().toBytes());
    }
  }

  /// Consumer groups are no part of it, as in Redis.
  private void mixStream(byte[] sum, long entry) {
    StreamCursor each = keyspace.streams().entries().startAtFirst(entry);
    while (each.next()) {
      StreamId id = each.id();
      mix(sum, ascii(Long.toUnsignedString(id.ms) + "." + Long.toUnsignedString(id.sequence)));
      while (each.nextField()) {
        mix(sum, each.field().toBytes());
        mix(sum, each.value().toBytes());
      }
    }
  }

  private void addSet(byte[] sum, long entry) {
    SetCursor each = keyspace.sets().members(entry);
    while (each.next()) {
      add(sum, each.member().toBytes());
    }
  }

  private void addSortedSet(byte[] sum, long entry) {
    SortedSetCursor each = keyspace.sortedSets().members().startAscending(entry, 0);
    while (each.next()) {
      byte[] part = new byte[BYTES];
      mix(part, each.member().toBytes());
      mix(part, ascii(shortest(each.score())));
      add(sum, part);
    }
  }

  private void addHash(byte[] sum, long entry) {
    HashCursor each = keyspace.hashes().fields(entry);
    while (each.next()) {
      byte[] part = new byte[BYTES];
      mix(part, each.field().toBytes());
      mix(part, each.value().toBytes());
      if (each.deadline() != Database.NO_DEADLINE) {
        mix(part, ascii("!!hexpire!!"));
      }
      add(sum, part);
    }
  }

  private void add(byte[] sum, byte[] part) {
    byte[] hash = sha1.digest(part);
    for (int i = 0; i < BYTES; i++) {
      sum[i] ^= hash[i];
    }
  }

  private void mix(byte[] sum, byte[] part) {
    add(sum, part);
    System.arraycopy(sha1.digest(Arrays.copyOf(sum, BYTES)), 0, sum, 0, BYTES);
  }

  /// The double in 17 digits, as C's `%.17g` writes it.
  static String shortest(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    if (score == 0) {
      return 1 / score < 0 ? "-0" : "0";
    }
    BigDecimal exact = new BigDecimal(score).round(new MathContext(DIGITS)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= -4 && exponent < DIGITS) {
      return exact.toPlainString();
    }
    String digits = exact.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    String sign = exponent < 0 ? "-" : "+";
    int size = Math.abs(exponent);
    return (score < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + "e"
        + sign
        + (size < 10 ? "0" : "")
        + size;
  }

  private static byte[] bigEndian(int value) {
    return new byte[] {
      (byte) (value >>> 24), (byte) (value >>> 16), (byte) (value >>> 8), (byte) value
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
