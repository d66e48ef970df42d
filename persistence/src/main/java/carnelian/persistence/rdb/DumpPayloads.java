package carnelian.persistence.rdb;

import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.Staging;
import carnelian.keyspace.ValueWalk;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.io.UncheckedIOException;

/// One value on its own, as DUMP replies it and RESTORE and MIGRATE take it.
///
/// | size | field    | meaning                                                |
/// |-----:|----------|--------------------------------------------------------|
/// |    1 | type     | an [RdbType]                                           |
/// |    … | value    | as in an RDB file                                      |
/// |    2 | version  | of RDB; little-endian                                  |
/// |    8 | checksum | CRC-64 of all before it; little-endian                 |
///
/// On the engine's thread.
public final class DumpPayloads {
  private static final int VERSION_BYTES = 2;
  private static final int FOOTER_BYTES = VERSION_BYTES + Long.BYTES;

  private final Keyspace keyspace;
  private final ValueWalk walk;
  private boolean checksum = true;
  private long validations;

  public DumpPayloads(Keyspace keyspace) {
    this.keyspace = keyspace;
    walk = new ValueWalk(keyspace.heap().live());
  }

  /// Whether checksums must be right: `DEBUG SET-SKIP-CHECKSUM-VALIDATION`.
  public void checksum(boolean isChecked) {
    checksum = isChecked;
  }

  /// Payloads that were looked into: `dump_payload_sanitizations`.
  public long validations() {
    return validations;
  }

  public void resetStatistics() {
    validations = 0;
  }

  /// Appends the payload of the entry's value.
  public void write(long entry, int version, RdbOutput.Compression compression, NativeBuffer into) {
    int start = into.length();
    try (RdbOutput out = RdbOutput.into(into, compression)) {
      out.writeType(RdbValueWriter.typeOf(Database.encoding(entry), version));
      keyspace.valueType(entry).walk(walk, entry, new RdbValueWriter(out, version));
      long at = into.reserve(FOOTER_BYTES);
      Memory.putShort(at, (short) version);
      into.advance(VERSION_BYTES);
      long end = into.address() + into.length();
      long crc = Crc64.update(0, into.address() + start, into.length() - start);
      Memory.putLong(end, crc);
      into.advance(Long.BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException("a buffer in memory does not fail", e);
    }
  }

  /// Whether somebody wrote these bytes as a payload of a version that is read here.
  public boolean isIntact(Slice payload) {
    if (payload.length < FOOTER_BYTES) {
      return false;
    }
    if (!RdbVersion.isReadable(version(payload))) {
      return false;
    }
    int summed = payload.length - Long.BYTES;
    return !checksum || Memory.getLong(payload.at + summed) == Crc64.update(0, payload.at, summed);
  }

  private static int version(Slice payload) {
    return Memory.getShort(payload.at + payload.length - FOOTER_BYTES) & 0xffff;
  }

  /// Makes the value of an intact payload aside, checked to the last byte. Returns its entry.
  ///
  /// @throws RdbFormatException if it is broken, empty or of a type that is not supported; nothing
  ///   has happened then but to the staging
  public long read(Slice payload, Staging staging, Slice key, long deadline) throws IOException {
    validations++;
    Slice body = new Slice().set(payload.at, payload.length - FOOTER_BYTES);
    try (RdbInput in = RdbInput.of("payload", body);
        RdbValueReader values = new RdbValueReader(in, keyspace)) {
      int code = in.readByte();
      RdbType type = RdbType.of(code, version(payload));
      if (type == null || !RdbValueReader.isSupported(type)) {
        throw RdbValueReader.unsupported(in, "type " + code);
      }
      long entry = values.read(type, staging.database(), key, deadline);
      if (entry == 0) {
        throw in.broken(0, "a value", "an empty one");
      }
      return entry;
    }
  }
}
