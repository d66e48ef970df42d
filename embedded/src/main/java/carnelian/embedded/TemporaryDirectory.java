package carnelian.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A directory that lives as long as its store.
final class TemporaryDirectory {
  private TemporaryDirectory() {}

  static Path make() {
    try {
      return Files.createTempDirectory("carnelian-embedded-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Removes it with all that is in it; null or what has gone already is no error.
  static void delete(@Nullable Path directory) {
    if (directory == null) {
      return;
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException _) {
      // Removed by an earlier close.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
