package carnelian.persistence.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.config.Config;
import carnelian.datatypes.KeyCommands;
import carnelian.harness.ErrorReply;
import carnelian.harness.TestStore;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;

/// Whole files and whole RESTORE payloads from anyone, in checked memory: each is loaded, and what
/// was loaded can be saved and loaded again, or it is refused with its place. A normal run goes
/// over the inputs kept in the test resources; `JAZZER_FUZZ=1` searches for more.
class RdbLoaderFuzzTest {
  private static final int MAX_INPUT_BYTES = 1 << 14;

  /// Without the signature, which a fuzzer would have to guess.
  @FuzzTest(maxDuration = "10m")
  void file_isLoadedOrRefused(byte[] bytes) throws Exception {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    byte[] file = OldForms.concat("REDIS0011".getBytes(ISO_8859_1), bytes, new byte[9]);
    file[file.length - 9] = (byte) 0xff;
    try (RdbRoundTripTest.Store store = new RdbRoundTripTest.Store()) {
      if (loads(store, file)) {
        for (int i = 0; i < store.keyspace.databases(); i++) {
          store.keyspace.database(i).verify();
        }
        byte[] saved = store.save(11, RdbOutput.Compression.LZF);
        try (RdbRoundTripTest.Store again = new RdbRoundTripTest.Store()) {
          again.load(saved, RdbLoader.Expired.KEEP);
          assertThat(again.contents()).isEqualTo(store.contents());
        }
      }
    }
  }

  private static boolean loads(RdbRoundTripTest.Store store, byte[] file) throws IOException {
    try {
      store.load(file, RdbLoader.Expired.KEEP);
      return true;
    } catch (RdbFormatException e) {
      assertThat(e.offset()).isBetween(0L, (long) file.length);
      assertThat(e.path()).isEqualTo("test.rdb");
      return false;
    }
  }

  /// The body of a payload; footer and checksum are right, for nobody guesses those.
  @FuzzTest(maxDuration = "10m")
  void payload_isRestoredOrRefused(byte[] bytes) {
    if (bytes.length > MAX_INPUT_BYTES) {
      return;
    }
    try (TestStore store = TestStore.with(KeyCommands.all())) {
      DumpPayloads payloads = new DumpPayloads(store.keyspace());
      TestStore dumping = store.and(new DumpCommands(new Config(Path.of("")), payloads).all());
      Object reply = dumping.run("RESTORE", "k", 0, sealed(bytes));
      if (reply instanceof ErrorReply error) {
        assertThat(error.text()).isEqualTo("ERR Bad data format");
        assertThat(dumping.run("EXISTS", "k")).isEqualTo(0L);
        return;
      }
      byte[] dumped = String.valueOf(dumping.run("DUMP", "k")).getBytes(ISO_8859_1);
      assertThat(dumping.run("RESTORE", "k2", 0, dumped)).isEqualTo("OK");
    }
  }

  static byte[] sealed(byte[] body) {
    byte[] payload = OldForms.concat(body, new byte[] {11, 0}, new byte[Long.BYTES]);
    long crc = Crc64.update(0, payload, 0, body.length + 2);
    for (int i = 0; i < Long.BYTES; i++) {
      payload[body.length + 2 + i] = (byte) (crc >>> (8 * i));
    }
    return payload;
  }
}
