package carnelian.base.config;

import carnelian.base.GlobPattern;
import carnelian.base.OsError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a configuration: the file, then standard input, then the options of the command line, as
/// one text. The last line about a directive holds, `save` and statements add up.
///
/// The first error ends the reading: a server must not run with half of a configuration.
public final class ConfigFile {
  private static final int DEEPEST_INCLUDE = 16;
  private static final long LARGEST_BYTES = 16L << 20;

  /// Names that old files hold and that have lost their meaning; they take one value.
  private static final Set<String> FORGOTTEN =
      Set.of("list-max-ziplist-entries", "list-max-ziplist-value", "lua-replicate-commands");

  private final Config config;
  private final Set<Directive<?>> met = new HashSet<>();

  private ConfigFile(Config config) {
    this.config = config;
  }

  /// Reads into a configuration that nobody uses yet.
  ///
  /// @param file the main file, or null; CONFIG REWRITE will write it
  /// @param input standard input to be read after it, or null
  /// @param options lines from the command line, read last; may be empty
  /// @throws ConfigException with the place and reason of the first fault
  public static void read(
      Config config, @Nullable Path file, @Nullable InputStream input, String options)
      throws ConfigException {
    StringBuilder text = new StringBuilder();
    String source = "-";
    if (file != null) {
      Path absolute = file.toAbsolutePath().normalize();
      source = absolute.toString();
      text.append(bytesOf(absolute));
      config.file(absolute);
    }
    if (input != null) {
      try {
        text.append(new String(input.readAllBytes(), StandardCharsets.ISO_8859_1));
      } catch (IOException e) {
        throw new ConfigException("-", 0, "", "can't read from stdin: " + OsError.text(e));
      }
    }
    if (!options.isEmpty()) {
      text.append('\n').append(options);
    }
    ConfigFile reader = new ConfigFile(config);
    reader.read(source, text.toString(), 0);
    reader.checkWhole(source);
  }

  private void read(String source, String text, int depth) throws ConfigException {
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      String line = trim(raw);
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        List<String> words = QuotedWords.split(line);
        if (words == null) {
          throw new InvalidValueException("Unbalanced quotes in configuration line");
        }
        if (!words.isEmpty()) {
          statement(words, depth);
        }
      } catch (InvalidValueException e) {
        throw new ConfigException(source, number, line, e.reason());
      }
    }
  }

  private void statement(List<String> words, int depth)
      throws InvalidValueException, ConfigException {
    String name = words.getFirst().toLowerCase(Locale.ROOT);
    List<String> values = words.subList(1, words.size());
    if (name.equals("include") && values.size() == 1) {
      include(values.getFirst(), depth);
      return;
    }
    if (FORGOTTEN.contains(name) && values.size() == 1) {
      return;
    }
    if (name.equals("sentinel")) {
      throw new InvalidValueException("sentinel directive while not in sentinel mode");
    }
    Directive<?> directive = config.findInFile(name);
    if (directive == null) {
      throw new InvalidValueException("Bad directive or wrong number of arguments");
    }
    config.load(directive, values(directive, values), met.add(directive));
  }

  private static List<String> values(Directive<?> directive, List<String> given)
      throws InvalidValueException {
    if (!directive.takesWords()) {
      if (given.size() != 1) {
        throw new InvalidValueException("wrong number of arguments");
      }
      return given;
    }
    if (directive.isFileOnly() || given.size() != 1 || given.getFirst().isEmpty()) {
      return given;
    }
    List<String> split = QuotedWords.split(given.getFirst());
    if (split == null) {
      throw new InvalidValueException("Unbalanced quotes in configuration line");
    }
    return split;
  }

  // ---- Includes -------------------------------------------------------------

  private void include(String name, int depth) throws ConfigException, InvalidValueException {
    if (depth >= DEEPEST_INCLUDE) {
      throw new InvalidValueException("include: nested more than " + DEEPEST_INCLUDE + " deep");
    }
    boolean wild = name.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
    Path path = config.resolve(name);
    for (Path included : wild ? matching(path) : List.of(path)) {
      read(included.toString(), bytesOf(included), depth + 1);
    }
  }

  /// The files that a path with wildcards names, in order; none is no error.
  private static List<Path> matching(Path pattern) {
    List<Path> found = new ArrayList<>(List.of(Path.of("/")));
    for (Path step : pattern) {
      List<Path> deeper = new ArrayList<>();
      for (Path directory : found) {
        addMatching(directory, step.toString(), deeper);
      }
      found = deeper;
    }
    found.sort(null);
    return found;
  }

  private static void addMatching(Path directory, String step, List<Path> found) {
    byte[] bytes = step.getBytes(StandardCharsets.UTF_8);
    if (GlobPattern.isLiteral(bytes)) {
      if (Files.exists(directory.resolve(step))) {
        found.add(directory.resolve(step));
      }
      return;
    }
    GlobPattern glob = GlobPattern.of(bytes);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        boolean hidden = name.toString().startsWith(".") && !step.startsWith(".");
        if (!hidden && glob.matches(name.toString().getBytes(StandardCharsets.UTF_8))) {
          found.add(entry);
        }
      }
    } catch (IOException _) { // As glob(3): what cannot be listed matches nothing.
    }
  }

  private static String bytesOf(Path path) throws ConfigException {
    try {
      if (Files.size(path) > LARGEST_BYTES) {
        throw new ConfigException(
            path.toString(), 0, "", "Fatal error, config file '" + path + "' is over 16 MB");
      }
      return Files.readString(path, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new ConfigException(
          path.toString(),
          0,
          "",
          "Fatal error, can't open config file '" + path + "': " + OsError.text(e));
    }
  }

  // ---- The whole ------------------------------------------------------------

  private void checkWhole(String source) throws ConfigException {
    Path log = config.path(Directives.LOGFILE);
    if (log != null) {
      try {
        Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      } catch (IOException e) {
        throw new ConfigException(source, 0, "", "Can't open the log file: " + OsError.text(e));
      }
    }
    if (config.get(Directives.CLUSTER_ENABLED) && config.get(Directives.REPLICAOF).isReplica()) {
      throw new ConfigException(source, 0, "", "replicaof directive not allowed in cluster mode");
    }
  }

  static String trim(String line) {
    int from = 0;
    int to = line.length();
    while (from < to && isBlank(line.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(line.charAt(to - 1))) {
      to--;
    }
    return line.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }
}
