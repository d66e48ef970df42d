package carnelian.persistence.restore;

import carnelian.persistence.log.Disk;
import carnelian.persistence.log.LogFiles;
import carnelian.persistence.log.LogNames;
import carnelian.persistence.log.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds the log that somebody means by a path: a data directory, the log's directory in it, or the
/// manifest.
public final class LogHome {
  private static final String MANIFEST = ".manifest";
  private static final String TEMPORARY = "temp-";

  private LogHome() {}

  /// The log.
  ///
  /// @throws RestoreException if there is none, or more than one
  public static LogFiles find(Disk disk, Path given) throws IOException {
    Path path = given.toAbsolutePath().normalize();
    if (!Files.exists(path)) {
      throw new RestoreException(given + ": No such file or directory");
    }
    List<Path> manifests = new ArrayList<>();
    if (isManifest(path)) {
      manifests.add(path);
    } else if (Files.isDirectory(path)) {
      manifests.addAll(manifests(disk, path));
      if (manifests.isEmpty()) {
        for (Path child : disk.list(path)) {
          if (Files.isDirectory(child)) {
            manifests.addAll(manifests(disk, child));
          }
        }
      }
    }
    if (manifests.size() != 1) {
      throw new RestoreException(
          given
              + (manifests.isEmpty()
                  ? ": no append only file (expected: a directory with a *.manifest in it or below)"
                  : ": more than one append only file: " + manifests));
    }
    Path manifest = manifests.getFirst();
    return new LogFiles(disk, manifest.resolveSibling(".").normalize(), names(manifest));
  }

  /// Whether the path names a manifest.
  public static boolean isManifest(Path path) {
    String name = name(path);
    return name.endsWith(MANIFEST) && !name.startsWith(TEMPORARY) && Files.isRegularFile(path);
  }

  /// A log's manifest, which has to name something.
  public static Manifest manifest(LogFiles files) throws IOException {
    Manifest found = files.readManifest();
    if (found == null || found.isEmpty()) {
      throw new RestoreException(files.manifestPath() + ": the manifest names no files");
    }
    return found;
  }

  private static List<Path> manifests(Disk disk, Path directory) throws IOException {
    return disk.list(directory).stream().filter(LogHome::isManifest).toList();
  }

  private static LogNames names(Path manifest) {
    String name = name(manifest);
    return new LogNames(name.substring(0, name.length() - MANIFEST.length()));
  }

  /// A file's name in byte text.
  static String name(Path path) {
    Path name = path.getFileName();
    String text = name == null ? "" : name.toString();
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
