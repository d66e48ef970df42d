package carnelian.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopKeysTest {
  private static final long SEED = 20_261_121;

  private final NativeBuffer buffer = new NativeBuffer(1024);
  private final Slice slice = new Slice();

  @AfterEach
  void close() {
    buffer.close();
  }

  private int add(TopKeys keys, int database, String key, long weight) {
    buffer.clear();
    buffer.putAscii(key);
    slice.set(buffer.address(), buffer.length());
    return keys.add(database, slice, slice.length, weight);
  }

  private static String text(TopKeys keys, int place) {
    return new String(keys.key(place), StandardCharsets.US_ASCII);
  }

  @Test
  void fewKeys_areCountedExactly() {
    TopKeys keys = new TopKeys(4, 1);
    for (int i = 1; i <= 4; i++) {
      keys.note(add(keys, 0, "key" + i, 10L * i), 0, i);
    }
    add(keys, 0, "key2", 100);

    int heaviest = keys.places()[0];
    assertThat(text(keys, heaviest)).isEqualTo("key2");
    assertThat(keys.certain(heaviest)).isEqualTo(120);
    assertThat(keys.noted(heaviest, 0)).isEqualTo(2);
    assertThat(keys.total()).isEqualTo(200);
  }

  @Test
  void sameKeyInAnotherDatabase_isAnother() {
    TopKeys keys = new TopKeys(4, 0);
    add(keys, 0, "key", 1);
    add(keys, 3, "key", 2);

    assertThat(keys.places()).hasSize(2);
    assertThat(keys.database(keys.places()[0])).isEqualTo(3);
  }

  /// What the sketch promises, on a few heavy keys among many light ones.
  @Test
  void heavyKeys_areFoundAmongMany_withNoMoreThanTheirWeight() {
    TopKeys keys = new TopKeys(64, 0);
    Map<String, Long> exact = new HashMap<>();
    Random random = new Random(SEED);
    for (int i = 0; i < 100_000; i++) {
      String key = random.nextInt(3) == 0 ? "hot" + random.nextInt(5) : "k" + random.nextInt(5000);
      add(keys, 0, key, 1);
      exact.merge(key, 1L, Long::sum);
    }

    int[] places = keys.places();
    for (int i = 0; i < 5; i++) {
      assertThat(text(keys, places[i])).as("seed " + SEED).startsWith("hot");
    }
    for (int place : places) {
      assertThat(keys.certain(place)).isLessThanOrEqualTo(exact.get(text(keys, place)));
    }
    assertThat(keys.total()).isEqualTo(100_000);
  }

  @Test
  void halving_keepsTheOrder() {
    TopKeys keys = new TopKeys(2, 1);
    keys.note(add(keys, 0, "a", 100), 0, 50);
    add(keys, 0, "b", 40);
    keys.halve();
    add(keys, 0, "b", 40);

    assertThat(text(keys, keys.places()[0])).isEqualTo("b");
    assertThat(keys.certain(keys.places()[0])).isEqualTo(60);
    assertThat(keys.certain(keys.places()[1])).isEqualTo(50);
    assertThat(keys.noted(keys.places()[1], 0)).isEqualTo(25);
    assertThat(keys.total()).isEqualTo(110);
    keys.clear();
    assertThat(keys.places()).isEmpty();
    assertThat(add(keys, 0, "c", 1)).isZero();
    assertThat(keys.certain(0)).isEqualTo(1);
  }

  @Test
  void longKey_isCutShort() {
    TopKeys keys = new TopKeys(2, 0);
    int place = add(keys, 0, "x".repeat(1000), 1);

    assertThat(keys.key(place)).hasSize(TopKeys.KEPT_BYTES);
    assertThat(add(keys, 0, "x".repeat(999), 1)).isNotEqualTo(place);
  }

  // ---- Prefixes --------------------------------------------------------------------------------

  private String prefix(String key) {
    buffer.clear();
    buffer.putAscii(key);
    int length = Prefixes.length(slice.set(buffer.address(), buffer.length()));
    return key.substring(0, length);
  }

  @Test
  void prefix_isWhatTheKeysOfAKindHaveInCommon() {
    assertThat(prefix("session:7f3a")).isEqualTo("session:");
    assertThat(prefix("app:user:1234:cart")).isEqualTo("app:user:");
    assertThat(prefix("app/user/name")).isEqualTo("app/user/");
    assertThat(prefix("key_0001")).isEqualTo("key_");
    assertThat(prefix("user12:cart")).isEqualTo("user");
    assertThat(prefix("a:b:c:d:e:f")).isEqualTo("a:b:c:d:");
    assertThat(prefix("counter")).isEmpty();
    assertThat(prefix("1234")).isEmpty();
    assertThat(prefix("")).isEmpty();
    assertThat(prefix("x".repeat(100) + ":1")).isEmpty();
  }

  // ---- Text ------------------------------------------------------------------------------------

  @Test
  void escapedBytes_differIfTheBytesDo() {
    assertThat(BytesText.escaped(new byte[] {'a', 0, '\n', -1})).isEqualTo("a\\x00\\x0a\\xff");
    assertThat(BytesText.escaped("\\x00\"".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("\\\\x00\\\"");
    assertThat(BytesText.isPlain("user:{1}-x".getBytes(StandardCharsets.US_ASCII))).isTrue();
    for (String odd : new String[] {"a b", "a'b", "a*", "a?", "[a]", "$(x)", "`x`", "a\nb"}) {
      assertThat(BytesText.isPlain(odd.getBytes(StandardCharsets.US_ASCII))).as(odd).isFalse();
    }
  }
}
