package carnelian.persistence.log;

import carnelian.base.config.QuotedWords;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which files make up a log and in which order they are loaded: the base if there is one, then the
/// increments. Immutable; docs/formats/log.md#manifest.
///
/// @param base what is loaded first
/// @param history what a rewrite has replaced and nobody has put away yet
/// @param increments ascending by sequence
public record Manifest(
    @Nullable LogFile base,
    List<LogFile> history,
    List<LogFile> increments,
    long lastBaseSequence,
    long lastIncrementSequence) {
  /// No files.
  public static final Manifest EMPTY = new Manifest(null, List.of(), List.of(), 0, 0);

  /// Longer lines are refused, as by Redis.
  static final int MAX_LINE_BYTES = 1024;

  private static final int MIN_WORDS = 6;

  public Manifest {
    history = List.copyOf(history);
    increments = List.copyOf(increments);
  }

  public boolean isEmpty() {
    return base == null && increments.isEmpty();
  }

  /// What is loaded, in order.
  public List<LogFile> loaded() {
    List<LogFile> files = new ArrayList<>();
    if (base != null) {
      files.add(base);
    }
    files.addAll(increments);
    return files;
  }

  /// The increment that is appended to; null if there is none.
  public @Nullable LogFile lastIncrement() {
    return increments.isEmpty() ? null : increments.getLast();
  }

  // ---- Changes ---------------------------------------------------------------------------------

  /// One increment more.
  public Manifest withIncrement(LogFile added) {
    List<LogFile> more = new ArrayList<>(increments);
    more.add(added);
    return new Manifest(base, history, more, lastBaseSequence, added.sequence());
  }

  /// As after a rewrite: `added` is the base, and what came before the increment `first` is
  /// history.
  public Manifest rewritten(LogFile added, long first) {
    List<LogFile> old = new ArrayList<>(history);
    if (base != null) {
      old.add(base.as(LogFile.Kind.HISTORY));
    }
    List<LogFile> kept = new ArrayList<>();
    for (LogFile increment : increments) {
      if (increment.sequence() < first) {
        old.add(increment.as(LogFile.Kind.HISTORY));
      } else {
        kept.add(increment);
      }
    }
    return new Manifest(added, old, kept, added.sequence(), lastIncrementSequence);
  }

  /// With another base and nothing else changed: how a log of Redis 6 is taken over.
  public Manifest withBase(LogFile added) {
    return new Manifest(added, history, increments, added.sequence(), lastIncrementSequence);
  }

  /// Without history.
  public Manifest withoutHistory() {
    return new Manifest(base, List.of(), increments, lastBaseSequence, lastIncrementSequence);
  }

  // ---- Text ------------------------------------------------------------------------------------

  /// The file's contents.
  public byte[] print() {
    StringBuilder text = new StringBuilder();
    if (base != null) {
      print(text, base);
    }
    history.forEach(file -> print(text, file));
    increments.forEach(file -> print(text, file));
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void print(StringBuilder text, LogFile file) {
    String name = file.name();
    text.append("file ").append(needsQuotes(name) ? QuotedWords.quote(name) : name);
    text.append(" seq ").append(file.sequence());
    text.append(" type ").append(file.kind().letter()).append('\n');
  }

  private static boolean needsQuotes(String name) {
    return name.isEmpty()
        || name.chars().anyMatch(c -> c <= ' ' || c >= 127 || c == '\\' || c == '"' || c == '\'');
  }

  /// Understands a file's contents; `path` is for the error.
  public static Manifest parse(String path, byte[] bytes) throws ManifestException {
    return new Parser(path).parse(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /// Reads line by line, with Redis's complaints.
  private static final class Parser {
    private static final String BAD_FORMAT = "Invalid AOF manifest file format";

    private final String path;
    private final List<LogFile> history = new ArrayList<>();
    private final List<LogFile> increments = new ArrayList<>();
    private @Nullable LogFile base;
    private int number;
    private String line = "";

    Parser(String path) {
      this.path = path;
    }

    Manifest parse(String text) throws ManifestException {
      if (text.isEmpty()) {
        throw broken("Found an empty AOF manifest");
      }
      int start = 0;
      while (start < text.length()) {
        int newline = text.indexOf('\n', start);
        int end = newline < 0 ? text.length() : newline;
        number++;
        line = text.substring(start, Math.min(end, start + MAX_LINE_BYTES));
        start = end + 1;
        if (line.startsWith("#")) {
          continue;
        }
        if (newline < 0 || end - start + 2 > MAX_LINE_BYTES || line.length() == MAX_LINE_BYTES) {
          throw broken("The AOF manifest file contains too long line");
        }
        line = line.strip();
        add(file());
      }
      long lastBase = base == null ? 0 : base.sequence();
      long lastIncrement = increments.isEmpty() ? 0 : increments.getLast().sequence();
      return new Manifest(base, history, increments, lastBase, lastIncrement);
    }

    private ManifestException broken(String reason) {
      return new ManifestException(path, number, line, reason);
    }

    private LogFile file() throws ManifestException {
      List<String> words = line.isEmpty() ? null : QuotedWords.split(line);
      if (words == null || words.size() < MIN_WORDS || words.size() % 2 != 0) {
        throw broken(BAD_FORMAT);
      }
      String name = "";
      long sequence = 0;
      String type = "";
      for (int i = 0; i < words.size(); i += 2) {
        String value = words.get(i + 1);
        // Further keys are let pass: a later version may know them.
        switch (words.get(i).toLowerCase(Locale.ROOT)) {
          case "file" -> name = value;
          case "seq" -> sequence = number(value);
          case "type" -> type = value;
          default -> {}
        }
      }
      if (name.isEmpty() || sequence <= 0 || type.isEmpty()) {
        throw broken(BAD_FORMAT);
      }
      if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..") || name.indexOf(0) >= 0) {
        throw broken("File can't be a path, just a filename");
      }
      return new LogFile(name, sequence, kind(type.charAt(0)));
    }

    private static long number(String digits) {
      return digits.matches("[0-9]{1,18}") ? Long.parseLong(digits) : 0;
    }

    private LogFile.Kind kind(char letter) throws ManifestException {
      for (LogFile.Kind kind : LogFile.Kind.values()) {
        if (kind.letter() == letter) {
          return kind;
        }
      }
      throw broken("Unknown AOF file type");
    }

    private void add(LogFile file) throws ManifestException {
      switch (file.kind()) {
        case BASE -> {
          if (base != null) {
            throw broken("Found duplicate base file information");
          }
          base = file;
        }
        case HISTORY -> history.add(file);
        case INCR -> {
          if (!increments.isEmpty() && file.sequence() <= increments.getLast().sequence()) {
            throw broken("Found a non-monotonic sequence number");
          }
          increments.add(file);
        }
      }
    }
  }
}
