package carnelian.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Reads what a server propagates from the end of its append-only file while it runs. SELECT is
/// left out; every command begins with the number of the database that it is for, so that it does
/// not matter when a server says which.
final class LogTail {
  private static final long LIMIT_NANOS = 30_000_000_000L;
  private static final long PAUSE_NANOS = 2_000_000;

  private final Path directory;
  private long offset;
  private String rest = "";
  private String database = "0";

  LogTail(Path directory) {
    this.directory = directory.resolve("appendonlydir");
  }

  /// The commands since the last time, up to `SET key value` of the marker, which is left out.
  List<List<String>> upTo(String markerKey, String markerValue) {
    List<List<String>> commands = new ArrayList<>();
    List<String> marker = List.of("SET", markerKey, markerValue);
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (System.nanoTime() < deadline) {
      rest += more();
      int at = 0;
      for (int next = end(at); next >= 0; next = end(at)) {
        List<String> command = parse(at);
        at = next;
        if (command.getFirst().equalsIgnoreCase("SELECT")) {
          database = command.get(1);
        } else if (command.equals(marker)) {
          rest = rest.substring(at);
          return commands;
        } else {
          command.addFirst(database);
          commands.add(command);
        }
      }
      rest = rest.substring(at);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new AssertionError("no " + marker + " in " + directory);
  }

  private String more() {
    try (Stream<Path> files = Files.list(directory)) {
      Path file = files.filter(f -> f.toString().endsWith(".1.incr.aof")).findFirst().orElseThrow();
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
        byte[] chunk = new byte[Math.toIntExact(bytes.length() - offset)];
        bytes.seek(offset);
        bytes.readFully(chunk);
        offset += chunk.length;
        return new String(chunk, ISO_8859_1);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where the command that starts here ends; -1 if it is not there whole.
  private int end(int start) {
    int at = rest.indexOf('\n', start) + 1;
    if (at == 0) {
      return -1;
    }
    if (rest.charAt(start) == '#') {
      throw new AssertionError("an annotation in the log: " + rest.substring(start, at));
    }
    for (int i = Integer.parseInt(rest.substring(start + 1, at - 2)); i > 0; i--) {
      int line = rest.indexOf('\n', at) + 1;
      if (line == 0) {
        return -1;
      }
      at = line + Integer.parseInt(rest.substring(at + 1, line - 2)) + 2;
    }
    return at <= rest.length() ? at : -1;
  }

  private List<String> parse(int start) {
    List<String> words = new ArrayList<>();
    int at = rest.indexOf('\n', start) + 1;
    for (int i = Integer.parseInt(rest.substring(start + 1, at - 2)); i > 0; i--) {
      int line = rest.indexOf('\n', at) + 1;
      int length = Integer.parseInt(rest.substring(at + 1, line - 2));
      words.add(rest.substring(line, line + length));
      at = line + length + 2;
    }
    return words;
  }
}
