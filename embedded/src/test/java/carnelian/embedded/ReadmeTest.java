package carnelian.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What the README shows of Jedis and Lettuce is what is compiled and run here.
class ReadmeTest {
  @Test
  void example_isATest() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    String section = readme.substring(readme.indexOf("## In your tests"));
    String example = section.substring(section.indexOf("```java\n") + "```java\n".length());
    example = example.substring(0, example.indexOf("```"));
    assertThat(example).contains("class CartTest");
    assertThat(Files.readString(Path.of("src/test/java/carnelian/embedded/CartTest.java")))
        .contains(example.strip());
  }
}
