package carnelian.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import carnelian.memory.NativeBuffer;
import carnelian.resp.RequestLimits;
import carnelian.resp.RequestParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Reads as io_uring makes them: the memory is lent first, the bytes come later or never.
class QueryInputTest {
  private final BufferPool pool = new BufferPool(true);
  private final QueryInput input = new QueryInput(pool, new RequestParser(new RequestLimits()));

  @AfterEach
  void everyBufferIsGivenBack() {
    assertThat(pool.lent()).isZero();
    pool.close();
  }

  private ByteBuf startRead() {
    return input.allocate(UnpooledByteBufAllocator.DEFAULT);
  }

  private void finishRead(ByteBuf read, String bytes) {
    read.writeBytes(bytes.getBytes(US_ASCII));
    assertThat(input.received(read)).isEqualTo(bytes.length());
  }

  private void read(String bytes) {
    finishRead(startRead(), bytes);
  }

  private String query() {
    NativeBuffer query = input.query();
    return query == null ? "" : new String(query.toBytes(), US_ASCII);
  }

  @Test
  void whatCameWhileABatchWasOut_isThereAfterwards_alsoWhileTheNextReadWaits() {
    read("out ");
    input.freeze();
    read("meanwhile ");
    ByteBuf waiting = startRead();
    assertThat(query()).isEqualTo("out ");
    assertThat(input.unreadBytes()).isEqualTo(14);

    input.thaw();

    assertThat(query()).isEqualTo("out meanwhile ");
    assertThat(input.unreadBytes()).isEqualTo(14);
    finishRead(waiting, "at last");
    assertThat(query()).isEqualTo("out meanwhile at last");
    input.close();
  }

  @Test
  void readThatWaits_overSeveralBatches_losesAndRepeatsNothing() {
    read("1");
    input.freeze();
    read("2");
    ByteBuf waiting = startRead();
    input.thaw();
    input.freeze();
    finishRead(waiting, "3");
    waiting = startRead();
    assertThat(query()).isEqualTo("12");
    assertThat(input.unreadBytes()).isEqualTo(3);
    input.thaw();
    assertThat(query()).isEqualTo("123");
    input.freeze();
    input.thaw();
    waiting.release(); // Cancelled.
    assertThat(query()).isEqualTo("123");
    read("4");
    assertThat(query()).isEqualTo("1234");
    input.close();
  }

  @Test
  void closedWhileAReadWaits_givesItsBuffersBackOnceThatEnds() {
    read("out ");
    input.freeze();
    read("meanwhile ");
    ByteBuf waiting = startRead();
    input.thaw();
    input.close();
    assertThat(pool.lent()).isEqualTo(2);
    waiting.release();
  }

  @Test
  void bytes_stayInOrder_whateverComesFirst() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    StringBuilder sent = new StringBuilder();
    @Nullable ByteBuf waiting = null;
    boolean frozen = false;
    for (int step = 0; step < 10_000; step++) {
      if (random.nextBoolean()) {
        if (frozen) {
          input.thaw();
        } else {
          input.freeze();
        }
        frozen = !frozen;
      } else if (waiting == null) {
        waiting = startRead();
      } else {
        String bytes = (step + " ").repeat(1 + random.nextInt(100));
        finishRead(waiting, bytes);
        sent.append(bytes);
        waiting = null;
      }
      NativeBuffer query = input.query();
      int length = query == null ? 0 : query.length();
      assertThat(input.unreadBytes()).as("seed %s", seed).isEqualTo(sent.length());
      assertThat(frozen || length == sent.length()).as("seed %s", seed).isTrue();
    }
    if (waiting != null) {
      waiting.release();
    }
    input.thaw();
    assertThat(query()).as("seed %s", seed).isEqualTo(sent.toString());
    input.close();
  }
}
