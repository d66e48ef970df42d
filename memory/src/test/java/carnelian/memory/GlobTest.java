package carnelian.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class GlobTest {

  private static boolean matches(String pattern, String text, boolean ignoringCase) {
    try (NativeBuffer p = new NativeBuffer(64);
        NativeBuffer t = new NativeBuffer(64)) {
      p.put(pattern.getBytes(StandardCharsets.ISO_8859_1));
      t.put(text.getBytes(StandardCharsets.ISO_8859_1));
      return Glob.matches(p.address(), p.length(), t.address(), t.length(), ignoringCase);
    }
  }

  private static boolean matches(String pattern, String text) {
    return matches(pattern, text, false);
  }

  @Test
  void stars_matchAnyRun() {
    assertThat(matches("*", "anything")).isTrue();
    assertThat(matches("a*", "a")).isTrue();
    assertThat(matches("a**", "a")).isTrue();
    assertThat(matches("*b*d", "abcbd")).isTrue();
    assertThat(matches("*b*d", "abcbdx")).isFalse();
    assertThat(matches("user:*:name", "user:12:34:name")).isTrue();
  }

  @Test
  void moreThanAThousandStars_matchNothing() {
    assertThat(matches("*?".repeat(1000), "a".repeat(1000))).isTrue();
    assertThat(matches("*?".repeat(1001), "a".repeat(2000))).isFalse();
  }

  @Test
  void questionMark_matchesOneByte() {
    assertThat(matches("h?llo", "hello")).isTrue();
    assertThat(matches("h?llo", "hllo")).isFalse();
  }

  @Test
  void classes_matchMembersAndRanges() {
    assertThat(matches("h[ae]llo", "hallo")).isTrue();
    assertThat(matches("h[ae]llo", "hillo")).isFalse();
    assertThat(matches("h[^e]llo", "hallo")).isTrue();
    assertThat(matches("h[^e]llo", "hello")).isFalse();
    assertThat(matches("h[a-c]llo", "hbllo")).isTrue();
    assertThat(matches("h[c-a]llo", "hbllo")).isTrue();
    assertThat(matches("[\\]]", "]")).isTrue();
    assertThat(matches("[\u00E0-\u00FF]", "\u00F0")).isTrue();
  }

  @Test
  void escapes_takeTheNextByteAsItIs() {
    assertThat(matches("a\\*b", "a*b")).isTrue();
    assertThat(matches("a\\*b", "axb")).isFalse();
    assertThat(matches("a\\", "a\\")).isTrue();
  }

  @Test
  void malformedPatterns_endAsInRedis() {
    assertThat(matches("[ab", "b")).isTrue();
    assertThat(matches("[", "x")).isFalse();
    assertThat(matches("[^", "x")).isTrue();
    assertThat(matches("[]", "x")).isFalse();
    assertThat(matches("[a-]", "]")).isTrue();
  }

  @Test
  void emptyText_matchesTheEmptyPatternOnly() {
    assertThat(matches("", "")).isTrue();
    assertThat(matches("*", "")).isFalse();
    assertThat(matches("", "x")).isFalse();
  }

  @Test
  void ignoringCase_foldsAsciiLetters() {
    assertThat(matches("CONFIG|G*", "config|get", true)).isTrue();
    assertThat(matches("[A-C]x", "bX", true)).isTrue();
    assertThat(matches("CONFIG|G*", "config|get", false)).isFalse();
  }

  @Test
  void manyStars_doNotExplode() {
    String text = "a".repeat(20_000);

    assertThat(matches("*a".repeat(200) + "b", text)).isFalse();
  }

  @Test
  void randomPatterns_agreeWithRegularExpressions() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder pattern = new StringBuilder();
      StringBuilder regex = new StringBuilder();
      for (int n = random.nextInt(7); n > 0; n--) {
        switch (random.nextInt(5)) {
          case 0 -> {
            pattern.append('*');
            regex.append(".*");
          }
          case 1 -> {
            pattern.append('?');
            regex.append('.');
          }
          case 2 -> {
            String inside = random.nextBoolean() ? "[ab]" : "[^b]";
            pattern.append(inside);
            regex.append(inside);
          }
          default -> {
            char c = (char) ('a' + random.nextInt(3));
            pattern.append(c);
            regex.append(c);
          }
        }
      }
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(7); n > 0; n--) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      assertThat(matches(pattern.toString(), text.toString()))
          .as("seed %d: %s against %s", seed, pattern, text)
          .isEqualTo(Pattern.matches(regex.toString(), text));
    }
  }
}
