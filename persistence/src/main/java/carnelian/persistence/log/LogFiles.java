package carnelian.persistence.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The directory of a log: its manifest, the files that it names, and the archive of those that it
/// named once. Every change leaves a directory that loads, whenever it is interrupted.
///
/// Blocks. One thread at a time.
public final class LogFiles {
  /// The archive's name, inside the directory.
  public static final String ARCHIVE = "archive";

  private static final int MAX_MANIFEST_BYTES = 1 << 24;

  private final Disk disk;
  private final Path directory;
  private final LogNames names;

  public LogFiles(Disk disk, Path directory, LogNames names) {
    this.disk = disk;
    this.directory = directory;
    this.names = names;
  }

  public Disk disk() {
    return disk;
  }

  public Path directory() {
    return directory;
  }

  public LogNames names() {
    return names;
  }

  public Path path(LogFile file) {
    return LogNames.in(directory, file.name());
  }

  public Path manifestPath() {
    return LogNames.in(directory, names.manifest());
  }

  /// Makes the directory if it is not there.
  public void createDirectory() throws IOException {
    if (!disk.exists(directory)) {
      disk.createDirectory(directory);
      Path parent = directory.toAbsolutePath().getParent();
      if (parent != null) {
        disk.fsyncDirectory(parent);
      }
    }
  }

  // ---- The manifest ----------------------------------------------------------------------------

  /// The manifest; null if there is none.
  ///
  /// @throws ManifestException if it makes no sense
  public @Nullable Manifest readManifest() throws IOException {
    Path path = manifestPath();
    if (!disk.exists(path)) {
      return null;
    }
    long bytes = disk.size(path);
    if (bytes > MAX_MANIFEST_BYTES) {
      throw new ManifestException(path.toString(), 0, "", "Invalid AOF manifest file format");
    }
    byte[] text = new byte[(int) bytes];
    ByteBuffer into = ByteBuffer.wrap(text);
    try (ReadableByteChannel channel = disk.read(path, 0)) {
      int read = 0;
      while (into.hasRemaining() && read >= 0) {
        read = channel.read(into);
      }
    }
    return Manifest.parse(path.toString(), text);
  }

  /// Puts a manifest in place of the one that is there: at once or not at all.
  public void persist(Manifest manifest) throws IOException {
    Path temporary = LogNames.in(directory, names.temporaryManifest());
    byte[] text = manifest.print();
    try (Disk.Appender file = disk.create(temporary)) {
      file.write(ByteBuffer.wrap(text));
      file.fsync();
    }
    disk.rename(temporary, manifestPath());
    disk.fsyncDirectory(directory);
  }

  /// Puts the names of all files on disk: the last process may have died, or its flush failed,
  /// after a manifest was replaced.
  void flushNames() throws IOException {
    disk.fsyncDirectory(directory);
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      disk.fsyncDirectory(parent);
    }
  }

  // ---- Bases -----------------------------------------------------------------------------------

  /// Puts a base, whole and on disk under a temporary name, in its place.
  public void placeBase(Path temporary, LogFile base) throws IOException {
    disk.rename(temporary, path(base));
    disk.fsyncDirectory(directory);
  }

  /// Puts a base in place of the whole log, while nothing is appended to it: a rewrite with the log
  /// turned off.
  public void replaceAll(
      Path temporary, LogNames.BaseForm form, @Nullable Retention retention, long nowMillis)
      throws IOException {
    Manifest found = readManifest();
    Manifest before = found == null ? Manifest.EMPTY : found;
    LogFile base = names.base(before.lastBaseSequence() + 1, form);
    Manifest next = before.rewritten(base, Long.MAX_VALUE);
    placeBase(temporary, base);
    persist(next);
    if (retention != null) {
      Manifest _ = putAway(next, retention, nowMillis);
    }
  }

  /// Bytes of the files that are loaded; what is not there counts nothing.
  public long loadedBytes(Manifest manifest) throws IOException {
    long bytes = 0;
    for (LogFile file : manifest.loaded()) {
      Path path = path(file);
      bytes += disk.exists(path) ? disk.size(path) : 0;
    }
    return bytes;
  }

  // ---- What was replaced -----------------------------------------------------------------------

  /// How long replaced files are kept.
  ///
  /// @param bytes of all of them together; 0: none are kept
  /// @param seconds since they were last written; 0: none are kept
  public record Retention(long bytes, long seconds) {
    boolean keeps() {
      return bytes > 0 && seconds > 0;
    }
  }

  /// Moves the files that a rewrite has replaced to the archive, or deletes them, and takes them
  /// out of the manifest, which is returned. What is not there is no error: it has been put away
  /// before.
  public Manifest putAway(Manifest manifest, Retention retention, long nowMillis)
      throws IOException {
    if (manifest.history().isEmpty()) {
      return manifest;
    }
    Path archive = directory.resolve(ARCHIVE);
    if (retention.keeps()) {
      disk.createDirectory(archive);
    }
    for (LogFile file : manifest.history()) {
      Path from = path(file);
      if (!disk.exists(from)) {
        continue;
      }
      if (retention.keeps()) {
        disk.rename(from, LogNames.in(archive, file.name()));
      } else {
        disk.delete(from);
      }
    }
    Manifest left = manifest.withoutHistory();
    persist(left);
    prune(retention, nowMillis);
    return left;
  }

  /// Deletes what the archive need not hold any more, the oldest first.
  public void prune(Retention retention, long nowMillis) throws IOException {
    Path archive = directory.resolve(ARCHIVE);
    if (!disk.exists(archive)) {
      return;
    }
    record Kept(Path file, long bytes, long modifiedMillis) {}
    List<Kept> files = new ArrayList<>();
    for (Path file : disk.list(archive)) {
      files.add(new Kept(file, disk.size(file), disk.modifiedMillis(file)));
    }
    files.sort((a, b) -> Long.compare(b.modifiedMillis(), a.modifiedMillis()));
    long bytes = 0;
    for (Kept kept : files) {
      bytes += kept.bytes();
      long ageMillis = nowMillis - kept.modifiedMillis();
      if (!retention.keeps()
          || bytes > retention.bytes()
          || ageMillis / 1000 > retention.seconds()) {
        disk.delete(kept.file());
      }
    }
  }
}
