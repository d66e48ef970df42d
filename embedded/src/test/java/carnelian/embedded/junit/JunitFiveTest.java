package carnelian.embedded.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import carnelian.embedded.ClientsTest;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The extension's own tests, and the README's examples, in a process that has JUnit 5 where this
/// one has JUnit 6. The build puts it into `target/junit5`.
class JunitFiveTest {
  private static final Path DIRECTORY = Path.of("target", "junit5");

  @Test
  void extension_isTheSameUnderJunitFive() throws Exception {
    assumeTrue(Files.isDirectory(DIRECTORY), "the build has put no JUnit 5 into " + DIRECTORY);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-ansi-colors",
                "--details=tree",
                "--select-class=" + CarnelianExtensionTest.class.getName(),
                "--select-class=" + ClientsTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("[         0 tests failed          ]")
        .containsPattern("\\[ +(1[0-9]|[89]) tests successful +\\]");
  }

  /// That of this process, with the one JUnit in place of the other.
  private static String classPath() throws IOException {
    List<String> entries;
    try (Stream<Path> jars = Files.list(DIRECTORY)) {
      entries = jars.map(Path::toString).collect(Collectors.toList());
    }
    String own = System.getProperty("java.class.path");
    for (String entry : own.split(File.pathSeparator, -1)) {
      String name = Path.of(entry).getFileName().toString();
      if (!name.startsWith("junit-") && !name.startsWith("surefire")) {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }
}
