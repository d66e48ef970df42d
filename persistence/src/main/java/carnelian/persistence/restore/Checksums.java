package carnelian.persistence.restore;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The checksums of a backup, in a file that `sha256sum -c` understands: a line for each file, its
/// path from the backup's directory; lines that begin with `#` are remarks.
final class Checksums {
  /// What the file is called.
  static final String NAME = "SHA256SUMS";

  private static final int CHUNK_BYTES = 1 << 18;
  private static final int MAX_BYTES = 1 << 26;
  private static final int DIGITS = 64;

  private final Map<String, String> byPath = new TreeMap<>();

  Checksums() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static String of(Path file) throws IOException {
    MessageDigest digest = digest();
    byte[] chunk = new byte[CHUNK_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      int read;
      while ((read = in.read(chunk)) >= 0) {
        digest.update(chunk, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  void put(String path, String digest) {
    byPath.put(path, digest);
  }

  /// The digest of a path; empty if there is none.
  String get(String path) {
    return byPath.getOrDefault(path, "");
  }

  List<String> paths() {
    return List.copyOf(byPath.keySet());
  }

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(NAME));
  }

  static Checksums read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    if (Files.size(file) > MAX_BYTES) {
      throw new RestoreException(file + ": too large for a list of checksums");
    }
    Checksums sums = new Checksums();
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      String path = line.length() > DIGITS + 2 ? line.substring(DIGITS + 2) : "";
      if (!line.matches("[0-9a-f]{64} [ *].+") || !isInside(path)) {
        throw new RestoreException(file + ": not a line of sha256sum: " + line);
      }
      sums.put(path, line.substring(0, DIGITS));
    }
    return sums;
  }

  private static boolean isInside(String path) {
    Path normal = Path.of(path).normalize();
    return !normal.isAbsolute() && !normal.startsWith("..");
  }

  /// Writes the file, on disk when this returns.
  void write(Path directory, List<String> remarks) throws IOException {
    StringBuilder text = new StringBuilder();
    remarks.forEach(remark -> text.append("# ").append(remark).append('\n'));
    byPath.forEach((path, digest) -> text.append(digest).append("  ").append(path).append('\n'));
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(NAME), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        int _ = channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /// What is wrong with the files of a directory, one line each; empty if all is as it was.
  List<String> differences(Path directory) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, String> each : byPath.entrySet()) {
      Path file = directory.resolve(each.getKey());
      if (!Files.isRegularFile(file)) {
        lines.add(each.getKey() + ": missing");
      } else if (!of(file).equals(each.getValue())) {
        lines.add(each.getKey() + ": FAILED, it is not what was backed up");
      }
    }
    return lines;
  }
}
