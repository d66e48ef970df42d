package carnelian.datatypes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import com.code_intelligence.jazzer.junit.FuzzTest;

/// Any bytes as the value of a HyperLogLog, in checked memory: every command answers or refuses,
/// and what it leaves can be counted. A normal run goes over the inputs kept in the test resources;
/// `JAZZER_FUZZ=1` searches for more.
class HyperLogLogFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 15;
  private static final int HEADER_BYTES = 16;
  private static final int DENSE_BYTES = 12_288;
  private static final byte[] MAGIC = "HYLL".getBytes(ISO_8859_1);
  private static final int ENCODING = 4;

  /// The first byte says what is made of the others: the whole value, or a sparse or a dense one's
  /// registers behind a header that is right.
  @FuzzTest(maxDuration = "10m")
  void value_isUsedOrRefused(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (TestStore store = TestStore.with(DataTypes.commands())) {
      store.run("SET", "h", value(bytes));
      Object counted = store.run("PFCOUNT", "h");
      run(store, "PFDEBUG", "ENCODING", "h");
      run(store, "PFDEBUG", "DECODE", "h");
      run(store, "PFCOUNT", "h", "other");
      run(store, "PFMERGE", "merged", "h");
      run(store, "COPY", "h", "h2");
      run(store, "PFDEBUG", "TODENSE", "h2");
      run(store, "PFDEBUG", "GETREG", "h2");
      boolean added = !(run(store, "PFADD", "h", "a", "b", "c") instanceof ErrorReply);
      Object again = store.run("PFCOUNT", "h");
      if (added && !(counted instanceof ErrorReply)) {
        assertThat(again).isNotInstanceOf(ErrorReply.class);
      }
      run(store, "PFADD", "merged", "x");
      run(store, "PFMERGE", "merged", "h", "h2");
      run(store, "PFCOUNT", "merged", "h");
    }
  }

  private static Object run(TestStore store, Object... words) {
    Object reply = String.valueOf(words[0]).isEmpty() ? "" : store.run(words);
    if (reply instanceof ErrorReply error) {
      assertThat(error.text()).matches("(INVALIDOBJ|WRONGTYPE|ERR) .*");
    }
    return reply == null ? "" : reply;
  }

  private static byte[] value(byte[] bytes) {
    int kind = bytes[0] & 3;
    if (kind > 1) {
      byte[] whole = new byte[bytes.length - 1];
      System.arraycopy(bytes, 1, whole, 0, whole.length);
      return whole;
    }
    int registers = kind == 0 ? DENSE_BYTES : bytes.length - 1;
    byte[] value = new byte[HEADER_BYTES + registers];
    System.arraycopy(MAGIC, 0, value, 0, MAGIC.length);
    value[ENCODING] = (byte) kind;
    System.arraycopy(bytes, 1, value, HEADER_BYTES, Math.min(registers, bytes.length - 1));
    value[HEADER_BYTES - 1] = (byte) 0x80; // The cached count is not valid.
    return value;
  }
}
