package carnelian.persistence.restore;

import carnelian.base.Clock;
import carnelian.base.OsError;
import carnelian.persistence.log.Disk;
import carnelian.persistence.log.LogDamage;
import carnelian.persistence.log.LogFile;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.Manifest;
import carnelian.persistence.log.SegmentCheck;
import carnelian.persistence.log.SystemDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Copies a log that a server may be writing to and rewriting: what the manifest names at one
/// moment, as of the last command that is whole in it.
///
/// 1. Read the manifest, which is replaced at once or not at all.
/// 2. Open every file that it names. A rewrite that comes in between may have moved one away: then
///    begin again. What is open can be read to its end wherever it is moved to, deleted too.
/// 3. Copy. All but the last segment are finished and do not change; the last is copied as long as
///    it was in step 2, and the copy is cut behind its last whole command.
/// 4. Verify the copy: every mark; then write its manifest and its checksums.
///
/// Files that an earlier backup holds are linked to, not copied, where the file system can:
/// finished files of the same name, length and time of modification, whose checksum still agrees
/// there.
public final class Backup {
  private static final int CHUNK_BYTES = 1 << 18;
  private static final int ATTEMPTS = 20;

  private final Disk disk = new SystemDisk();
  private final Clock clock;

  public Backup(Clock clock) {
    this.clock = clock;
  }

  /// What was copied.
  ///
  /// @param offset the replication offset behind the last command; -1 if the log does not tell
  /// @param replicationId of the history; empty if the log does not tell
  /// @param copiedBytes read from the original
  /// @param linkedBytes taken from the earlier backup
  public record Result(
      Path directory,
      String replicationId,
      long offset,
      long wallMillis,
      int files,
      long copiedBytes,
      long linkedBytes) {}

  /// Copies the log of a data directory.
  ///
  /// @param into not there, or empty
  /// @param earlier a backup to take unchanged files from
  public Result back(Path from, Path into, @Nullable Path earlier) throws IOException {
    LogFiles source = LogHome.find(disk, from);
    Path data = into.toAbsolutePath().normalize();
    if (disk.exists(data) && !(Files.isDirectory(data) && disk.list(data).isEmpty())) {
      throw new RestoreException(into + ": not an empty directory");
    }
    disk.createDirectory(data);
    Earlier old = earlier == null ? null : new Earlier(earlier);
    @Nullable IOException why = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      try (Opened opened = new Opened(source, LogHome.manifest(source))) {
        return new Copy(source, opened, data, old).make();
      } catch (NoSuchFileException e) {
        why = e; // A rewrite has moved it away: its manifest is another one now.
      } catch (LogDamage e) {
        if (i > 1) {
          throw e;
        }
        why = e; // A failed write is taken back, which may have been half read.
      }
      clear(data);
    }
    throw new RestoreException(
        source.directory() + " changes too fast: " + (why == null ? "" : why.getMessage()));
  }

  private static void clear(Path data) throws IOException {
    try (Stream<Path> paths = Files.walk(data)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (!path.equals(data)) {
          Files.delete(path);
        }
      }
    }
  }

  // ---- The original ----------------------------------------------------------------------------

  /// The files that a manifest names, open, with the lengths that they had then.
  private static final class Opened implements AutoCloseable {
    private final Manifest manifest;
    private final List<FileChannel> channels = new ArrayList<>();
    private final List<Long> lengths = new ArrayList<>();

    Opened(LogFiles source, Manifest manifest) throws IOException {
      this.manifest = manifest;
      try {
        for (LogFile file : manifest.loaded()) {
          channels.add(FileChannel.open(source.path(file), StandardOpenOption.READ));
        }
        for (FileChannel channel : channels) {
          lengths.add(channel.size());
        }
      } catch (IOException e) {
        close();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      for (FileChannel channel : channels) {
        channel.close();
      }
    }
  }

  /// A backup that was made before.
  private static final class Earlier {
    private final Path directory;
    private final Path log;
    private final Checksums sums;

    Earlier(Path given) throws IOException {
      directory = given.toAbsolutePath().normalize();
      if (!Checksums.isIn(directory)) {
        throw new RestoreException(given + ": not a backup (no " + Checksums.NAME + " in it)");
      }
      sums = Checksums.read(directory);
      log = LogHome.find(new SystemDisk(), directory).directory();
    }

    /// The digest of a file that is the same there; empty if there is none.
    String same(LogFile file, long length, FileTime modified) throws IOException {
      Path path = log.resolve(file.name());
      String digest = sums.get(directory.relativize(path).toString());
      boolean same =
          !digest.isEmpty()
              && Files.isRegularFile(path)
              && Files.size(path) == length
              && Files.getLastModifiedTime(path).equals(modified);
      return same && Checksums.of(path).equals(digest) ? digest : "";
    }
  }

  // ---- The copy --------------------------------------------------------------------------------

  private final class Copy {
    private final LogFiles source;
    private final Opened opened;
    private final Path data;
    private final @Nullable Earlier earlier;
    private final LogFiles made;
    private final Checksums sums = new Checksums();
    private long copiedBytes;
    private long linkedBytes;

    Copy(LogFiles source, Opened opened, Path data, @Nullable Earlier earlier) {
      this.source = source;
      this.opened = opened;
      this.data = data;
      this.earlier = earlier;
      Path name = source.directory().getFileName();
      Path log = data.resolve(name == null ? "appendonlydir" : name.toString());
      made = new LogFiles(disk, log, source.names());
    }

    Result make() throws IOException {
      made.createDirectory();
      List<LogFile> files = opened.manifest.loaded();
      for (int i = 0; i < files.size(); i++) {
        boolean finished = i < files.size() - 1 || files.get(i).kind() == LogFile.Kind.BASE;
        place(files.get(i), opened.channels.get(i), opened.lengths.get(i), finished);
      }
      History history = new History(made, opened.manifest);
      SegmentCut end = history.verify();
      made.persist(opened.manifest.withoutHistory());
      put(made.manifestPath());
      String id = history.lastId();
      sums.write(
          data,
          List.of(
              "A backup of " + source.directory() + " at " + Instant.ofEpochMilli(now()),
              "History " + (id.isEmpty() ? "unknown" : id) + ", offset " + end.offset(),
              "carnelian verify checks this, and that it loads; so does sha256sum -c for the bytes"));
      disk.fsyncDirectory(data);
      return new Result(
          data, id, end.offset(), end.wallMillis(), files.size(), copiedBytes, linkedBytes);
    }

    private long now() {
      return clock.wallMillis();
    }

    private void put(Path file) throws IOException {
      sums.put(data.relativize(file).toString(), Checksums.of(file));
    }

    private void place(LogFile file, FileChannel from, long length, boolean finished)
        throws IOException {
      Path to = made.path(file);
      if (finished) {
        // Through the name: a rewrite may have taken the file away since, which is no matter.
        FileTime modified = modified(file);
        Earlier old = earlier;
        String digest = old == null || modified == null ? "" : old.same(file, length, modified);
        if (old != null && !digest.isEmpty()) {
          link(old.log.resolve(file.name()), to);
          sums.put(data.relativize(to).toString(), digest);
          linkedBytes += length;
          return;
        }
        sums.put(data.relativize(to).toString(), copy(from, length, to));
        if (modified != null) {
          Files.setLastModifiedTime(to, modified);
        }
        return;
      }
      String _ = copy(from, length, to);
      SegmentCheck.Result check = new SegmentCheck(disk).check(to);
      LogDamage damage = check.damage();
      if (damage != null && !check.torn()) {
        throw damage;
      }
      if (check.goodBytes() < length) {
        disk.truncate(to, check.goodBytes());
      }
      put(to);
    }

    private @Nullable FileTime modified(LogFile file) throws IOException {
      try {
        return Files.getLastModifiedTime(source.path(file));
      } catch (NoSuchFileException _) {
        return null; // Replaced meanwhile: it will not be asked for again.
      }
    }

    private void link(Path from, Path to) throws IOException {
      try {
        Files.createLink(to, from);
      } catch (IOException | UnsupportedOperationException _) {
        // Another file system, or one without links.
        Files.copy(from, to, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
      }
    }

    /// Copies, flushes, and returns the digest.
    private String copy(FileChannel from, long length, Path to) throws IOException {
      MessageDigest digest = Checksums.digest();
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      try (Disk.Appender file = disk.create(to)) {
        long at = 0;
        while (at < length) {
          chunk.clear().limit((int) Math.min(length - at, CHUNK_BYTES));
          int read = from.read(chunk, at);
          if (read < 0) {
            throw new RestoreException(to.getFileName() + " has become shorter");
          }
          at += read;
          digest.update(chunk.flip());
          file.write(chunk.rewind());
        }
        file.fsync();
      } catch (RestoreException e) {
        throw e;
      } catch (IOException e) {
        throw new RestoreException("copying to " + to + ": " + OsError.text(e), e);
      }
      copiedBytes += length;
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
