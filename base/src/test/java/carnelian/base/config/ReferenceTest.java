package carnelian.base.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Makes `carnelian.conf` and `docs/generated/configuration.md` from the table, and fails when the
/// files in the repository are not what it makes. To write them anew:
///
/// ```
/// mvn -q -Dquick -pl base test -Dtest=ReferenceTest -Dtest.jvm.flags=-Dcarnelian.regenerate=true
/// ```
class ReferenceTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final boolean REGENERATE = Boolean.getBoolean("carnelian.regenerate");
  private static final int WIDTH = 90;

  /// Where the shipped file differs from the defaults.
  private static final Map<String, String> SHIPPED =
      Map.of(
          "appendonly",
          "yes",
          "bind",
          "127.0.0.1 -::1",
          "dir",
          "./data",
          "save",
          "3600 1 300 100 60 10000");

  @TempDir private Path directory;

  @Test
  void carnelianConf_isFresh() throws IOException {
    isFresh(ROOT.resolve("carnelian.conf"), conf());
  }

  @Test
  void configurationReference_isFresh() throws IOException {
    isFresh(ROOT.resolve("docs/generated/configuration.md"), reference());
  }

  @Test
  void carnelianConf_isReadBackAsTheDefaults() throws Exception {
    Files.createDirectory(directory.resolve("data"));
    Path file = Files.writeString(directory.resolve("carnelian.conf"), conf());
    Config config = new Config(directory);
    ConfigFile.read(config, file, null, "");

    for (Directive<?> directive : Directives.all()) {
      if (!SHIPPED.containsKey(directive.name())) {
        assertThat((Object) config.get(directive))
            .as(directive.name())
            .isEqualTo(directive.defaultValue());
      }
    }
    assertThat(config.text(Directives.BIND)).isEqualTo("127.0.0.1 -::1");
    assertThat(config.get(Directives.DIR)).isEqualTo(directory.resolve("data").toRealPath());
  }

  private static void isFresh(Path file, String wanted) throws IOException {
    if (REGENERATE) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, wanted);
    }
    assertThat(Files.readString(file)).as("%s is stale", file).isEqualTo(wanted);
  }

  private static String conf() {
    StringBuilder out =
        new StringBuilder(
            """
            # Carnelian's configuration: every directive with its default.
            #
            # ./carnelian serves with this file; ./carnelian server FILE with another one. A
            # configuration of Redis works as it is. Sizes may be written 1k (1000), 1kb (1024), 5mb,
            # 2gb. Other files are read with: include /path/to/other.conf
            #
            # Lines with a # are the defaults, or examples where there is none.
            """);
    Directives.bySection()
        .forEach(
            (title, rows) -> {
              List<Directive<?>> shown = rows.stream().filter(row -> !row.isHidden()).toList();
              if (!shown.isEmpty()) {
                out.append("\n\n# ==== ")
                    .append(title)
                    .append(" ")
                    .repeat('=', WIDTH - title.length());
                out.append('\n');
                shown.forEach(row -> confRow(out, row));
              }
            });
    return out.toString();
  }

  private static <T> void confRow(StringBuilder out, Directive<T> row) {
    out.append('\n');
    wrapped(out, row.doc() + support(row));
    out.append("# (").append(row.values()).append(row.isImmutable() ? "; only at start" : "");
    out.append(")\n");
    String shipped = SHIPPED.get(row.name());
    if (shipped != null) {
      out.append(row.name()).append(' ').append(shipped).append('\n');
      return;
    }
    List<String> lines = row.isFileOnly() ? List.of() : row.lines(row.defaultValue());
    if (lines.isEmpty()) {
      out.append("# ").append(row.name()).append(' ').append(example(row)).append('\n');
    }
    for (String line : lines) {
      out.append("# ").append(line).append('\n');
    }
  }

  private static String example(Directive<?> row) {
    return switch (row.name()) {
      case "loadmodule" -> "/path/to/module.so";
      case "rename-command" -> "CONFIG \"\"";
      case "user" -> "worker +@read ~jobs:* on >password";
      case "replicaof" -> "host port";
      default -> "...";
    };
  }

  private static String support(Directive<?> row) {
    return switch (row.support()) {
      case Directive.Support.Works() -> "";
      case Directive.Support.Awaits(String subsystem) ->
          " Accepted and kept; takes effect when there is: " + subsystem + ".";
      case Directive.Support.Moot(String reason) -> " Accepted without effect: " + reason + ".";
    };
  }

  private static void wrapped(StringBuilder out, String text) {
    StringBuilder line = new StringBuilder("#");
    for (String word : text.split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        out.append(line).append('\n');
        line.setLength(1);
      }
      line.append(' ').append(word);
    }
    out.append(line).append('\n');
  }

  private static String reference() {
    StringBuilder out =
        new StringBuilder(
            """
            # Configuration

            Made from the table in `carnelian.base.config.Directives`; do not edit. All directives of
            Redis 7.0 and 7.2 are known. *When* says: `any` if CONFIG SET may change it, `start` if only the
            file and the command line may. *Effect* names the subsystem that a directive still waits for, or
            why it has nothing to do; such a directive is accepted and kept.
            """);
    Directives.bySection()
        .forEach(
            (title, rows) -> {
              out.append("\n## ").append(title).append("\n\n");
              out.append("| directive | default | values | when | effect | what for |\n");
              out.append("|---|---|---|---|---|---|\n");
              rows.forEach(row -> referenceRow(out, row));
            });
    return out.toString();
  }

  private static <T> void referenceRow(StringBuilder out, Directive<T> row) {
    out.append("| `").append(row.name()).append('`');
    if (row.alias() != null) {
      out.append(", `").append(row.alias()).append('`');
    }
    String standard = row == Directives.DIR ? "." : row.format(row.defaultValue());
    out.append(" | ").append(standard.isEmpty() ? "" : "`" + standard + "`");
    out.append(" | ").append(row.values());
    out.append(" | ").append(row.isImmutable() ? "start" : "any").append(" | ");
    out.append(
        switch (row.support()) {
          case Directive.Support.Works() -> "yes";
          case Directive.Support.Awaits(String subsystem) -> "awaits " + subsystem;
          case Directive.Support.Moot(String reason) -> "none: " + reason;
        });
    out.append(" | ").append(row.doc()).append(" |\n");
  }
}
