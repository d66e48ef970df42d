package carnelian.persistence.rdb;

import carnelian.base.Version;
import carnelian.keyspace.KeyCursor;
import carnelian.keyspace.KeyspaceCut;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Writes all keys of a cut as an RDB file. Runs on any one thread, while the engine goes on; the
/// cut and the output are the caller's to close.
///
/// Every key of the cut is written, those too whose deadline has passed: who loads the file
/// decides.
public final class RdbSaver {
  /// What a save may be told.
  ///
  /// @param version see [RdbVersion]
  /// @param checksum `rdbchecksum`
  /// @param access what is kept of the keys' access clocks
  /// @param usedMemoryBytes for the file's own account of itself
  /// @param keyDelayMicros pause after each key; negative: a microsecond every so many keys
  public record Options(
      int version, boolean checksum, Access access, long usedMemoryBytes, int keyDelayMicros) {

    public Options {
      if (version < RdbVersion.OLDEST_WRITABLE || version > RdbVersion.NEWEST_WRITABLE) {
        throw new IllegalArgumentException(
            "version: "
                + version
                + " (expected: "
                + RdbVersion.OLDEST_WRITABLE
                + " to "
                + RdbVersion.NEWEST_WRITABLE
                + ")");
      }
    }
  }

  /// Whether keys are written with how long ago or how often they were used: as Redis, only under
  /// an eviction policy that asks for it.
  public enum Access {
    NONE,
    IDLE_TIMES,
    FREQUENCIES
  }

  private static final String AOF_BASE = "aof-base";

  private final RdbOutput out;
  private final Options options;
  private final RdbValueWriter values;
  private final Slice key = new Slice();

  private final Map<String, String> facts = new LinkedHashMap<>();
  private List<byte[]> functions = List.of();
  private volatile long keysWritten;
  private volatile boolean cancelled;

  public RdbSaver(RdbOutput out, Options options) {
    this.out = out;
    this.options = options;
    values = new RdbValueWriter(out, options.version());
  }

  /// Function libraries to be written, before [#save]. Files of versions that know none go without.
  public void functions(List<byte[]> libraries) {
    functions = List.copyOf(libraries);
  }

  /// An AUX field to be written besides the usual ones. Before [#save].
  public void fact(String name, String value) {
    facts.put(name, value);
  }

  /// Keys written so far. Any thread.
  public long keysWritten() {
    return keysWritten;
  }

  /// Deadlines of fields for which the version has no place, after [#save].
  public long deadlinesLeftOut() {
    return values.deadlinesLeftOut();
  }

  /// Makes [#save] end soon with a [CancellationException]. Any thread.
  public void cancel() {
    cancelled = true;
  }

  /// Writes the file and flushes the output. Without a cut: one without keys.
  public void save(@Nullable KeyspaceCut cut) throws IOException {
    try {
      out.writeSignature(options.version());
      writeFacts(cut);
      writeFunctions();
      for (int database = 0; cut != null && database < cut.databases(); database++) {
        if (cut.keys(database) > 0) {
          writeDatabase(cut, database);
        }
      }
      out.writeOpcode(RdbOpcode.EOF);
      out.writeChecksum(options.checksum());
      out.flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void writeFacts(@Nullable KeyspaceCut cut) throws IOException {
    writeFact("redis-ver", Version.REDIS);
    writeFact("redis-bits", "64");
    if (cut != null) {
      writeFact("ctime", Long.toString(cut.nowMillis() / 1000));
    }
    writeFact("used-mem", Long.toString(options.usedMemoryBytes()));
    if (!facts.containsKey(AOF_BASE)) {
      writeFact(AOF_BASE, "0");
    }
    for (Map.Entry<String, String> fact : facts.entrySet()) {
      writeFact(fact.getKey(), fact.getValue());
    }
  }

  private void writeFunctions() throws IOException {
    if (options.version() < RdbVersion.REDIS_7) {
      return;
    }
    for (byte[] library : functions) {
      out.writeOpcode(RdbOpcode.FUNCTION_2);
      try (NativeBuffer code = new NativeBuffer(Math.max(1, library.length))) {
        code.put(library);
        out.writeString(code.address(), code.length());
      }
    }
  }

  private void writeFact(String name, String value) throws IOException {
    out.writeOpcode(RdbOpcode.AUX);
    out.writeText(name);
    out.writeText(value);
  }

  private void writeDatabase(KeyspaceCut cut, int database) throws IOException {
    out.writeOpcode(RdbOpcode.SELECTDB);
    out.writeLength(database);
    out.writeOpcode(RdbOpcode.RESIZEDB);
    out.writeLength(cut.keys(database));
    out.writeLength(cut.volatileKeys(database));
    KeyCursor cursor = cut.cursor(database);
    long written = keysWritten;
    while (cursor.next()) {
      checkCancelled();
      writeKey(cut, cursor);
      keysWritten = ++written;
      delay(written);
    }
  }

  private void checkCancelled() {
    if (cancelled) {
      throw new CancellationException("snapshot cancelled");
    }
  }

  private void writeKey(KeyspaceCut cut, KeyCursor cursor) throws IOException {
    long deadline = cursor.deadline();
    if (deadline >= 0) {
      out.writeOpcode(RdbOpcode.EXPIRETIME_MS);
      out.writeLong(deadline);
    }
    switch (options.access()) {
      case NONE -> {}
      case IDLE_TIMES -> {
        out.writeOpcode(RdbOpcode.IDLE);
        out.writeLength(cut.idleSeconds(cursor.accessClock()));
      }
      case FREQUENCIES -> {
        out.writeOpcode(RdbOpcode.FREQ);
        out.writeByte(cut.frequency(cursor.accessClock()));
      }
    }
    out.writeType(RdbValueWriter.typeOf(cursor.encoding(), options.version()));
    out.writeString(cursor.key(key));
    cursor.walk(values);
  }

  private void delay(long written) {
    int micros = options.keyDelayMicros();
    if (micros > 0) {
      LockSupport.parkNanos(micros * 1000L); // Whoever cancels ends it.
    } else if (micros < 0 && written % -(long) micros == 0) {
      LockSupport.parkNanos(1000);
    }
  }
}
