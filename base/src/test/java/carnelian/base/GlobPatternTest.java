package carnelian.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "*|a|true",
        "*|\"\"|false",
        "**|abc|true",
        "a*|a|true",
        "a*b*c|aXbYc|true",
        "a*b*c|aXbYcZ|false",
        "h?llo|hello|true",
        "h?llo|hllo|false",
        "h[ae]llo|hallo|true",
        "h[ae]llo|hillo|false",
        "h[^e]llo|hello|false",
        "h[^e]llo|hbllo|true",
        "h[a-c]llo|hbllo|true",
        "h[c-a]llo|hbllo|true",
        "h\\*llo|h*llo|true",
        "h\\*llo|hxllo|false",
        "h[\\]]llo|h]llo|true",
        "h[abc|hb|true",
        "h[|h|false",
        "[a-]x|ax|false",
        "a\\|a\\|true",
        "abc|abcd|false",
        "abcd|abc|false",
        "abc**|abc|true",
        "*a|ba|true",
        "*ab|aab|true",
        "*[0-9]|key7|true",
        "[]|a|false",
        "[^]|a|true",
      })
  void matches_asRedisDoes(String pattern, String subject, boolean expected) {
    assertThat(glob(pattern).matches(subject)).isEqualTo(expected);
  }

  @Test
  void matches_ignoringCase_foldsLettersAndRanges() {
    assertThat(GlobPattern.ignoringCase(bytes("MAX*")).matches("maxmemory")).isTrue();
    assertThat(GlobPattern.ignoringCase(bytes("[A-C]x")).matches("bX")).isTrue();
    assertThat(glob("MAX*").matches("maxmemory")).isFalse();
  }

  @Test
  void matches_nestedStars_isNotExponential() {
    String pattern = "a*".repeat(1000) + "b";
    String subject = "a".repeat(20_000);

    assertThat(glob(pattern).matches(subject)).isFalse();
  }

  @Test
  void matches_anyBytes_agreesWithTheRecursiveDefinition() {
    long seed = System.nanoTime();
    RandomSource random = RandomSource.seeded(seed);
    byte[] letters = bytes("ab*?[]^-\\");
    for (int i = 0; i < 200_000; i++) {
      byte[] pattern = random(random, letters, 8);
      byte[] subject = random(random, letters, 6);

      assertThat(GlobPattern.of(pattern).matches(subject))
          .as(
              "seed %d: %s against %s",
              seed, new String(pattern, LATIN), new String(subject, LATIN))
          .isEqualTo(subject.length == 0 ? pattern.length == 0 : recursive(pattern, 0, subject, 0));
    }
  }

  private static final Charset LATIN = StandardCharsets.ISO_8859_1;

  private static byte[] random(RandomSource random, byte[] letters, int most) {
    byte[] bytes = new byte[random.nextInt(most + 1)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = letters[random.nextInt(letters.length)];
    }
    return bytes;
  }

  /// The textbook form: a star takes nothing, or one byte and remains.
  private static boolean recursive(byte[] pattern, int p, byte[] subject, int s) {
    if (p == pattern.length) {
      return s == subject.length;
    }
    if (pattern[p] == '*') {
      return recursive(pattern, p + 1, subject, s)
          || (s < subject.length && recursive(pattern, p, subject, s + 1));
    }
    if (s == subject.length) {
      return false;
    }
    int end = p;
    boolean hit;
    switch (pattern[p]) {
      case '?' -> {
        hit = true;
        end++;
      }
      case '\\' -> {
        end += p + 1 < pattern.length ? 2 : 1;
        hit = pattern[end - 1] == subject[s];
      }
      case '[' -> {
        end++;
        boolean not = end < pattern.length && pattern[end] == '^';
        end += not ? 1 : 0;
        boolean found = false;
        while (end < pattern.length && pattern[end] != ']') {
          if (pattern[end] == '\\' && end + 1 < pattern.length) {
            found |= pattern[end + 1] == subject[s];
            end += 2;
          } else if (end + 2 < pattern.length && pattern[end + 1] == '-') {
            int low = Math.min(pattern[end], pattern[end + 2]);
            int high = Math.max(pattern[end], pattern[end + 2]);
            found |= low <= subject[s] && subject[s] <= high;
            end += 3;
          } else {
            found |= pattern[end] == subject[s];
            end++;
          }
        }
        end = Math.min(end + 1, pattern.length);
        hit = found != not;
      }
      default -> {
        hit = pattern[p] == subject[s];
        end++;
      }
    }
    return hit && recursive(pattern, end, subject, s + 1);
  }

  private static GlobPattern glob(String pattern) {
    return GlobPattern.of(bytes(pattern));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(LATIN);
  }
}
