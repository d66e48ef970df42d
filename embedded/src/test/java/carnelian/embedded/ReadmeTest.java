package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the README shows is what is compiled and run here.
class ReadmeTest {
  @Test
  void examples_areTests() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    String section = readme.substring(readme.indexOf("## In your tests"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    List<String> examples = new ArrayList<>();
    String[] parts = section.split("```java\n", -1);
    for (int i = 1; i < parts.length; i++) {
      examples.add(parts[i].substring(0, parts[i].indexOf("```")));
    }
    assertThat(examples).hasSize(2);
    for (String example : examples) {
      assertThat(test("CartTest.java") + test("SpringCartTest.java")).contains(example.strip());
    }
  }

  private static String test(String name) throws Exception {
    return Files.readString(Path.of("src/test/java/carnelian/embedded", name));
  }
}
