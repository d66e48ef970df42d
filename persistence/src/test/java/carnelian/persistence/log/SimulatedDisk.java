package carnelian.persistence.log;

import carnelian.base.RandomSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A disk in memory that keeps exactly what it promises: bytes that were flushed, and names whose
/// directory was flushed. [#crash] forgets the rest, or parts of it: it keeps each page that was
/// not flushed or not as a coin falls, tears one, and leaves zeros or garbage in between.
///
/// On demand it fails writes, flushes and creations, and fills up.
final class SimulatedDisk implements Disk {
  static final long PLENTY = 1L << 50;

  private static final int PAGE_BYTES = 64;

  /// A file's bytes, whatever its names are.
  private static final class Inode {
    byte[] bytes = new byte[0];
    byte[] durable = new byte[0];
    long modifiedMillis;

    /// A flush has failed: what was written since the last good one may never get to disk, and
    /// later flushes do not say so.
    int droppedFrom = Integer.MAX_VALUE;

    int droppedTo;

    void write(byte[] more) {
      int at = bytes.length;
      bytes = Arrays.copyOf(bytes, at + more.length);
      System.arraycopy(more, 0, bytes, at, more.length);
    }
  }

  private final RandomSource random;
  private Map<Path, Inode> names = new TreeMap<>();
  private Map<Path, Inode> durableNames = new TreeMap<>();
  private final List<Inode> all = new ArrayList<>();

  /// Every so many operations of a kind fail, on average; 0: none.
  int writeFailures;

  int fsyncFailures;
  int createFailures;
  long freeBytes = PLENTY;

  /// The bug that the tests must find: flushes that do nothing.
  boolean forgetsFsync;

  long nowMillis;

  /// Counts down to a crash in the middle of an operation; negative: none is coming.
  int crashAfter = -1;

  /// The power is gone; nobody catches it but the test.
  static final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  SimulatedDisk(RandomSource random) {
    this.random = random;
  }

  private void step() {
    if (crashAfter == 0) {
      throw new PowerCut();
    }
    if (crashAfter > 0) {
      crashAfter--;
    }
  }

  private boolean happens(int oneIn) {
    return oneIn > 0 && random.nextInt(oneIn) == 0;
  }

  private Inode find(Path file) throws NoSuchFileException {
    Inode found = names.get(file);
    if (found == null) {
      throw new NoSuchFileException(file.toString());
    }
    return found;
  }

  /// One open file.
  private final class OpenFile implements Appender {
    private final Inode inode;

    OpenFile(Inode inode) {
      this.inode = inode;
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      step();
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      boolean fails = happens(writeFailures);
      if (fails || bytes.length > freeBytes) {
        int some = (int) Math.min(random.nextInt(bytes.length + 1), freeBytes);
        inode.write(Arrays.copyOf(bytes, some));
        throw new IOException(fails ? "Input/output error" : "No space left on device");
      }
      freeBytes -= bytes.length;
      inode.write(bytes);
      inode.modifiedMillis = nowMillis;
    }

    @Override
    public void fsync() throws IOException {
      step();
      flush(inode);
    }

    @Override
    public long size() {
      return inode.bytes.length;
    }

    @Override
    public void truncate(long bytes) throws IOException {
      step();
      if (happens(writeFailures)) {
        throw new IOException("Input/output error");
      }
      inode.bytes = Arrays.copyOf(inode.bytes, (int) bytes);
    }

    @Override
    public void close() {}
  }

  private void flush(Inode inode) throws IOException {
    if (happens(fsyncFailures)) {
      inode.droppedFrom = Math.min(inode.droppedFrom, inode.durable.length);
      inode.droppedTo = inode.bytes.length;
      throw new IOException("Input/output error");
    }
    if (forgetsFsync) {
      return;
    }
    byte[] kept = inode.bytes.clone();
    for (int i = inode.droppedFrom; i < Math.min(inode.droppedTo, kept.length); i++) {
      kept[i] = 0;
    }
    inode.durable = kept;
  }

  @Override
  public Appender append(Path file) throws IOException {
    step();
    Inode found = names.get(file);
    return found == null ? create(file) : new OpenFile(found);
  }

  @Override
  public Appender create(Path file) throws IOException {
    step();
    if (happens(createFailures) || freeBytes == 0) {
      throw new IOException("No space left on device");
    }
    Inode found = names.get(file);
    if (found == null) {
      found = new Inode();
      all.add(found);
      names.put(file, found);
    } else {
      found.bytes = new byte[0];
      found.droppedFrom = Integer.MAX_VALUE;
      found.droppedTo = 0;
    }
    found.modifiedMillis = nowMillis;
    return new OpenFile(found);
  }

  @Override
  public ReadableByteChannel read(Path file, long from) throws IOException {
    byte[] bytes = find(file).bytes;
    return new ReadableByteChannel() {
      private int at = (int) Math.min(from, bytes.length);

      @Override
      public int read(ByteBuffer into) {
        int count = Math.min(into.remaining(), bytes.length - at);
        if (count == 0) {
          return into.hasRemaining() ? -1 : 0;
        }
        into.put(bytes, at, count);
        at += count;
        return count;
      }

      @Override
      public boolean isOpen() {
        return true;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public boolean exists(Path file) {
    return names.containsKey(file)
        || names.keySet().stream().anyMatch(name -> name.startsWith(file));
  }

  @Override
  public long size(Path file) throws IOException {
    return find(file).bytes.length;
  }

  @Override
  public long modifiedMillis(Path file) throws IOException {
    return find(file).modifiedMillis;
  }

  @Override
  public void truncate(Path file, long bytes) throws IOException {
    step();
    Inode found = find(file);
    found.bytes = Arrays.copyOf(found.bytes, (int) bytes);
    flush(found);
  }

  @Override
  public void refresh(Path file, long from) throws IOException {
    step();
    Inode found = find(file);
    if (from <= found.droppedFrom) {
      found.droppedFrom = Integer.MAX_VALUE;
      found.droppedTo = 0;
    }
    flush(found);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step();
    Inode moved = find(from);
    names.remove(from);
    names.put(to, moved);
  }

  @Override
  public void delete(Path file) {
    step();
    Inode gone = names.remove(file);
    if (gone != null && freeBytes < PLENTY / 2) {
      freeBytes += gone.bytes.length;
    }
  }

  @Override
  public List<Path> list(Path directory) {
    return names.keySet().stream().filter(name -> directory.equals(name.getParent())).toList();
  }

  @Override
  public void createDirectory(Path directory) {
    step();
  }

  @Override
  public void fsyncDirectory(Path directory) throws IOException {
    step();
    if (happens(fsyncFailures)) {
      throw new IOException("Input/output error");
    }
    if (forgetsFsync) {
      return;
    }
    Map<Path, Inode> kept = new TreeMap<>(durableNames);
    kept.keySet().removeIf(name -> directory.equals(name.getParent()));
    names.forEach(
        (name, inode) -> {
          if (directory.equals(name.getParent())) {
            kept.put(name, inode);
          }
        });
    durableNames = kept;
  }

  // ---- Crashes ---------------------------------------------------------------------------------

  /// The power goes and comes back.
  void crash() {
    crashAfter = -1;
    // Names that were not flushed are there or not, all of a directory's or none.
    if (random.nextInt(2) == 0) {
      names = new TreeMap<>(durableNames);
    }
    for (Inode inode : all) {
      inode.bytes = survivors(inode);
      inode.durable = inode.bytes.clone();
      inode.droppedFrom = Integer.MAX_VALUE;
      inode.droppedTo = 0;
    }
    durableNames = new TreeMap<>(names);
    writeFailures = 0;
    fsyncFailures = 0;
    createFailures = 0;
    freeBytes = PLENTY;
  }

  /// The process ends, the host goes on: nothing that was written is lost.
  void kill() {
    crashAfter = -1;
  }

  private byte[] survivors(Inode inode) {
    int durable = inode.durable.length;
    int written = inode.bytes.length;
    if (written <= durable || random.nextInt(3) == 0) {
      return inode.durable.clone();
    }
    int length = durable + random.nextInt(written - durable + 1);
    byte[] kept = Arrays.copyOf(inode.bytes, length);
    System.arraycopy(inode.durable, 0, kept, 0, durable);
    boolean reorders = random.nextInt(2) == 0;
    for (int page = durable; reorders && page < length; page += PAGE_BYTES) {
      if (random.nextInt(4) == 0) {
        boolean garbage = random.nextInt(2) == 0;
        for (int i = page; i < Math.min(page + PAGE_BYTES, length); i++) {
          kept[i] = garbage ? (byte) random.nextInt(256) : 0;
        }
      }
    }
    return kept;
  }

  /// A file's bytes; null if there is none.
  byte @Nullable [] bytes(Path file) {
    Inode found = names.get(file);
    return found == null ? null : found.bytes;
  }

  /// Damages a file that is on disk.
  void flip(Path file, int at) throws IOException {
    Inode found = find(file);
    found.bytes[at] ^= 1;
    found.durable = found.bytes.clone();
  }
}
