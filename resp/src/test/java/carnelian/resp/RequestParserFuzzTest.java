package carnelian.resp;

import carnelian.memory.NativeBuffer;
import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.Assertions;

/// Any bytes, in any pieces: the same commands or the same error as in one piece, and never an
/// access outside the query buffer (checked memory).
class RequestParserFuzzTest {
  @FuzzTest(maxDuration = "10m")
  void anyBytes_inAnyPieces_giveTheSameCommands(FuzzedDataProvider data) {
    int pieceBytes = data.consumeInt(1, 64);
    boolean authenticated = data.consumeBoolean();
    byte[] bytes = data.consumeRemainingAsBytes();
    List<String> whole = run(bytes, Math.max(1, bytes.length), authenticated);
    List<String> pieces = run(bytes, pieceBytes, authenticated);
    Assertions.assertThat(pieces).isEqualTo(whole);
  }

  private static List<String> run(byte[] bytes, int pieceBytes, boolean authenticated) {
    List<String> commands = new ArrayList<>();
    RequestParser parser = new RequestParser(new RequestLimits());
    parser.authenticated(authenticated);
    try (NativeBuffer query = new NativeBuffer(64);
        RequestBatch batch = new RequestBatch(8)) {
      for (int from = 0; from < bytes.length; from += pieceBytes) {
        query.put(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + pieceBytes)));
        do {
          batch.clear();
          parser.parse(query, batch);
          for (int i = 0; i < batch.commands(); i++) {
            for (int j = 0; j < batch.argc(i); j++) {
              commands.add((j == 0 ? "command " : "argument ") + batch.arg(i, j));
            }
          }
        } while (!batch.isEmpty());
        parser.discard(query);
      }
    } catch (ProtocolException e) {
      commands.add(e.reply());
    }
    return commands;
  }
}
