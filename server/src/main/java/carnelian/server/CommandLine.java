package carnelian.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the words after `./carnelian` ask for. After `server` they follow redis-server:
///
/// ```
/// server [FILE | -] [--directive value ...] [-]
/// ```
///
/// Options become lines of a configuration that is read after the file: `--port 7000` is `port
/// "7000"`, `--save "60 1"` and `--save 60 1` are both `save 60 1`.
public sealed interface CommandLine {

  /// Serve.
  ///
  /// @param options lines of configuration, in byte text
  record Serve(@Nullable Path file, boolean standardInput, String options) implements CommandLine {}

  /// Say the version.
  record ShowVersion() implements CommandLine {}

  /// Say how it is used.
  record ShowHelp() implements CommandLine {}

  /// Check a snapshot file.
  record CheckRdb(Path file) implements CommandLine {}

  /// Check an append-only file.
  ///
  /// @param path a file, a manifest or a directory
  /// @param timestamp in Unix seconds; 0: none
  record CheckAof(Path path, boolean fix, long timestamp) implements CommandLine {}

  /// Build a data directory as of some moment.
  ///
  /// @param to a time; null if an offset is given
  record Restore(Path directory, @Nullable String to, @Nullable String offset, Path into)
      implements CommandLine {}

  /// Copy the log of a data directory or of a running server.
  ///
  /// @param from a directory, or HOST:PORT
  record Backup(
      String from,
      Path into,
      @Nullable Path earlier,
      @Nullable String user,
      @Nullable String password)
      implements CommandLine {}

  /// Prove that a backup is what it was, and loads.
  record Verify(Path directory) implements CommandLine {}

  /// Run through the start once, so that the AOT cache learns it.
  record Train() implements CommandLine {}

  /// What cannot be done, and why.
  record Refused(String reason) implements CommandLine {}

  /// Understands the words.
  static CommandLine parse(List<String> words) {
    String first = words.isEmpty() ? "server" : words.getFirst();
    List<String> rest = words.isEmpty() ? words : words.subList(1, words.size());
    return switch (first) {
      case "server" -> server(rest);
      case "check-rdb" ->
          rest.size() == 1
              ? new CheckRdb(Path.of(rest.getFirst()))
              : new Refused("check-rdb takes one file");
      case "check-aof" -> checkAof(rest);
      case "restore" -> restore(rest);
      case "backup" -> backup(rest);
      case "verify" ->
          rest.size() == 1
              ? new Verify(Path.of(rest.getFirst()))
              : new Refused("verify takes one directory");
      case "train" -> new Train();
      case "-v", "--version", "version" -> new ShowVersion();
      case "-h", "--help", "help" -> new ShowHelp();
      default -> new Refused("unknown command '" + first + "'; ./carnelian --help lists them");
    };
  }

  private static CommandLine checkAof(List<String> given) {
    ToolWords words = new ToolWords(given, Set.of("--truncate-to-timestamp"), Set.of("--fix"));
    String time = words.value("--truncate-to-timestamp");
    if (words.wrong() != null || words.rest().size() != 1) {
      return refused("check-aof [--fix] [--truncate-to-timestamp T] FILE|MANIFEST|DIR", words);
    }
    if (time != null && !time.matches("[1-9][0-9]{0,14}")) {
      return new Refused("Invalid timestamp, aborting...");
    }
    return new CheckAof(
        Path.of(words.rest().getFirst()),
        words.has("--fix"),
        time == null ? 0 : Long.parseLong(time));
  }

  private static CommandLine restore(List<String> given) {
    ToolWords words = new ToolWords(given, Set.of("--dir", "--to", "--offset", "--into"), Set.of());
    String directory = words.value("--dir");
    String into = words.value("--into");
    boolean one = words.has("--to") ^ words.has("--offset");
    return words.wrong() == null
            && directory != null
            && into != null
            && one
            && words.rest().isEmpty()
        ? new Restore(
            Path.of(directory), words.value("--to"), words.value("--offset"), Path.of(into))
        : refused("restore --dir DIR --to TIME|--offset N --into EMPTY", words);
  }

  private static CommandLine backup(List<String> given) {
    ToolWords words =
        new ToolWords(
            given, Set.of("--from", "--into", "--incremental-from", "--user", "--pass"), Set.of());
    String from = words.value("--from");
    String into = words.value("--into");
    String earlier = words.value("--incremental-from");
    return words.wrong() == null && from != null && into != null && words.rest().isEmpty()
        ? new Backup(
            from,
            Path.of(into),
            earlier == null ? null : Path.of(earlier),
            words.value("--user"),
            words.value("--pass"))
        : refused("backup --from HOST:PORT|DIR --into EMPTY [--incremental-from BACKUP]", words);
  }

  private static Refused refused(String usage, ToolWords words) {
    String wrong = words.wrong();
    return new Refused((wrong == null ? "" : wrong + "\n") + "Usage: ./carnelian " + usage);
  }

  private static CommandLine server(List<String> words) {
    if (!words.isEmpty()) {
      CommandLine special =
          switch (words.getFirst()) {
            case "-v", "--version" -> new ShowVersion();
            case "-h", "--help" -> new ShowHelp();
            case "--test-memory" ->
                new Refused("--test-memory is not offered: use memtest86+ or memtester");
            case "--check-system" ->
                new Refused("--check-system is not offered: Carnelian needs none of its checks");
            default -> null;
          };
      if (special != null) {
        return special;
      }
    }
    if (words.stream().anyMatch(word -> word.equalsIgnoreCase("--sentinel"))) {
      return new Refused("--sentinel: Carnelian does not act as a Sentinel yet");
    }
    return serve(words);
  }

  private static Serve serve(List<String> words) {
    Path file = null;
    int from = 0;
    if (!words.isEmpty() && !words.getFirst().startsWith("-")) {
      file = Path.of(words.getFirst());
      from = 1;
    }
    boolean standardInput = false;
    Options options = new Options();
    for (int i = from; i < words.size(); i++) {
      boolean last = i == words.size() - 1;
      if (words.get(i).equals("-") && (i == 0 || last)) {
        standardInput = true;
      } else {
        options.add(words.get(i), last ? null : words.get(i + 1));
      }
    }
    return new Serve(file, standardInput, options.text());
  }

  /// Turns words into lines. A word that starts with `--` is a name, unless the name before it
  /// still waits for its value.
  final class Options {
    private final StringBuilder text = new StringBuilder();
    private boolean complete = true;

    private Options() {}

    void add(String word, @Nullable String next) {
      if (!complete || !word.startsWith("--")) {
        text.append(quoted(word)).append(' ');
        complete = true;
        return;
      }
      if (!text.isEmpty()) {
        text.append('\n');
      }
      text.append(bytes(word.substring(2))).append(' ');
      complete = word.strip().contains(" "); // `"--port 7000"` in one word.
      boolean bareSave = word.toLowerCase(Locale.ROOT).equals("--save");
      if (bareSave && (next == null || next.startsWith("--"))) {
        // Whoever builds the line from an empty array means no save points.
        text.append("\"\"");
        complete = true;
      }
    }

    String text() {
      return text.toString();
    }

    private static String quoted(String word) {
      return '"'
          + bytes(word).replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
          + '"';
    }

    /// The configuration is byte text.
    private static String bytes(String word) {
      return new String(word.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
  }
}
