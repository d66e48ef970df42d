package carnelian.engine.acl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// The file that `aclfile` names: one line for each user, no comments, replaced as a whole.
final class AclFile {
  private static final long LARGEST_BYTES = 64L << 20;
  private static final String BLANKS = " \t\r\n";

  private AclFile() {}

  /// The lines.
  static List<String> read(Path file) throws IOException {
    if (Files.size(file) > LARGEST_BYTES) {
      throw new IOException("File too large");
    }
    return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\n", -1));
  }

  /// Without the blanks, tabs and line ends around it: other bytes may be part of a pattern.
  static String trimmed(String text) {
    int from = 0;
    int to = text.length();
    while (from < to && BLANKS.indexOf(text.charAt(from)) >= 0) {
      from++;
    }
    while (from < to && BLANKS.indexOf(text.charAt(to - 1)) >= 0) {
      to--;
    }
    return text.substring(from, to);
  }

  /// Replaces the file; it is the old or the new one whatever happens. Blocks on fsync.
  static void write(Path file, List<String> lines, String temporarySuffix) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + temporarySuffix);
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(CommandRules.bytes(String.join("\n", lines) + "\n"));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        if (Files.exists(file)) {
          Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(file));
        }
        out.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    Path parent = file.toAbsolutePath().getParent();
    try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }
}
