package carnelian.persistence.snapshot;

import carnelian.base.RandomSource;
import carnelian.engine.Engine;
import carnelian.engine.ServingState;
import carnelian.keyspace.Database;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceCut;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.persistence.rdb.RdbOutput;
import carnelian.persistence.rdb.RdbSaver;
import carnelian.persistence.rdb.RdbVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Saves a small keyspace of its own into nothing, again and again, until the compiler has had its
/// fill of the code. Otherwise it has to compile it during the first real save: then three threads,
/// engine, writer and compiler, want two cores for the better part of a second. Once, on a thread
/// of the background, as soon as a second has gone by in which the clients asked for next to
/// nothing; the rest is for the engine's thread.
public final class Rehearsal implements Engine.Periodic {
  private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  /// Whoever watches a server may go on with it.
  private static final long QUIET_COMMANDS = 20;

  private static final long RESERVE_BYTES = 64L << 20;
  private static final int KEYS = 4_096;

  /// The compiler's last threshold is at 15,000 calls of a method; what is called once a key passes
  /// it in four rounds, and the rest is for those that are called first from compiled code.
  private static final int ROUNDS = 40;

  private static final int RANDOM_BYTES = 48;
  private static final int FIELDS = 5;

  private final Engine engine;
  private final ThreadFactory background;
  private final RandomSource random;
  private final RdbSaver.Options options =
      new RdbSaver.Options(
          RdbVersion.NEWEST_WRITABLE, true, RdbSaver.Access.NONE, RESERVE_BYTES, 0);
  private long commands;
  private long sinceNanos;
  private boolean begun;

  public Rehearsal(Engine engine, ThreadFactory background) {
    this(engine, background, RandomSource.seeded(KEYS));
  }

  Rehearsal(Engine engine, ThreadFactory background, RandomSource random) {
    this.engine = engine;
    this.background = background;
    this.random = random;
    sinceNanos = engine.clock().monotonicNanos();
  }

  /// Begins if it is quiet. Some times a second.
  @Override
  public void cron() {
    if (begun) {
      return;
    }
    long now = engine.clock().monotonicNanos();
    long processed = engine.statistics().commandsProcessed();
    if (engine.serving() == ServingState.LOADING
        || Math.abs(processed - commands) > QUIET_COMMANDS) {
      commands = processed;
      sinceNanos = now;
    } else if (now - sinceNanos >= QUIET_NANOS) {
      begun = true;
      background.newThread(this::rehearse).start();
    }
  }

  /// Whatever fails here, such as reserving address space, must not end a server that serves.
  @SuppressWarnings("IllegalCatch")
  private void rehearse() {
    try {
      LOG.debug("Rehearsed saving {} keys", run());
    } catch (RuntimeException e) {
      LOG.warn("A save could not be rehearsed; the first one will be slower", e);
    }
  }

  /// Returns how many keys were written. Any one thread.
  long run() {
    KeyspaceOptions databases = new KeyspaceOptions(1, random.nextLong(), random.nextLong());
    HeapOptions small = HeapOptions.defaults().withReserveBytes(RESERVE_BYTES);
    long written = 0;
    try (Heap heap = new Heap(small);
        Keyspace keyspace = new Keyspace(heap, databases, engine.clock(), random)) {
      fill(keyspace);
      for (int round = 0; round < ROUNDS; round++) {
        written += save(keyspace);
      }
    } catch (IOException e) {
      throw new AssertionError("nothing can fail that is written nowhere", e);
    }
    return written;
  }

  private long save(Keyspace keyspace) throws IOException {
    CutWriter writer = new CutWriter(RdbOutput.Compression.LZF, options, List.of(), null, 0);
    try (KeyspaceCut cut = keyspace.cut();
        WritableByteChannel nowhere = new Nowhere()) {
      writer.write(nowhere, cut);
    }
    return writer.keysWritten();
  }

  /// Strings as caches have them, that can be compressed and that cannot, numbers, and records.
  private void fill(Keyspace keyspace) {
    Database database = keyspace.database(0);
    try (NativeBuffer keys = new NativeBuffer(RANDOM_BYTES);
        NativeBuffer values = new NativeBuffer(RANDOM_BYTES)) {
      for (int i = 0; i < KEYS; i++) {
        Slice key = text(keys, "key:" + i);
        switch (i % 4) {
          case 0 -> keyspace.strings().set(database, key, noise(values));
          case 1 -> keyspace.strings().set(database, key, text(values, "word ".repeat(FIELDS * 4)));
          case 2 -> keyspace.strings().set(database, key, text(values, Integer.toString(i)));
          default -> fillHash(keyspace, database, key, values);
        }
      }
    }
  }

  private static void fillHash(
      Keyspace keyspace, Database database, Slice key, NativeBuffer values) {
    long entry = keyspace.hashes().create(database, key);
    try (NativeBuffer names = new NativeBuffer(RANDOM_BYTES)) {
      for (int field = 0; field < FIELDS; field++) {
        boolean _ =
            keyspace
                .hashes()
                .set(database, entry, text(names, "field" + field), text(values, "value" + field));
      }
    }
  }

  private static Slice text(NativeBuffer buffer, String text) {
    return copied(buffer, text.getBytes(StandardCharsets.US_ASCII));
  }

  private Slice noise(NativeBuffer buffer) {
    byte[] bytes = new byte[RANDOM_BYTES];
    for (int i = 0; i < RANDOM_BYTES; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return copied(buffer, bytes);
  }

  private static Slice copied(NativeBuffer buffer, byte[] bytes) {
    buffer.clear();
    buffer.put(bytes);
    return new Slice(buffer.address(), buffer.length());
  }

  /// Takes everything and keeps nothing.
  private static final class Nowhere implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      int bytes = source.remaining();
      source.position(source.limit());
      return bytes;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }
}
