package carnelian.harness;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.engine.Client;
import carnelian.engine.CommandFeed;
import carnelian.engine.KeyNotifications;
import carnelian.engine.Outlet;
import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestLimits;
import carnelian.resp.RequestParser;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// That a command which succeeds allocates nothing on the Java heap, from parsed arguments to
/// reply.
class EngineAllocationTest {
  private static final int WARM_UP = 20_000;
  private static final int MEASURED = 100_000;

  /// What the JVM and the measurement themselves may take over the whole run.
  private static final long TOLERATED_BYTES = 64 * 1024;

  private final TestStore store = TestStores.create();
  private final NativeBuffer query = new NativeBuffer(1024);
  private final NativeBuffer output = new NativeBuffer(4096);
  private final RequestBatch batch = new RequestBatch(64);
  private final Client client = store.engine().connect(new CountingOutlet());
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final class CountingOutlet implements Outlet {
    @Override
    public NativeBuffer buffer() {
      return output;
    }

    @Override
    public void flush() {}

    @Override
    public void closeAfterFlush() {}

    @Override
    public void close() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  @AfterEach
  void close() {
    store.engine().disconnect(client);
    query.close();
    output.close();
    batch.close();
    store.close();
  }

  private long allocatedBy(String... commands) throws ProtocolException {
    for (String command : commands) {
      String[] words = command.split(" ", -1);
      query.putAscii("*" + words.length + "\r\n");
      for (String word : words) {
        query.putAscii("$" + word.length() + "\r\n" + word + "\r\n");
      }
    }
    store.engine().notifications(KeyNotifications.NONE);
    new RequestParser(new RequestLimits()).parse(query, batch);
    assertThat(batch.commands()).isEqualTo(commands.length);
    repeat(WARM_UP);
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().threadId());
    repeat(MEASURED);
    return threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - before;
  }

  private void repeat(int times) {
    for (int i = 0; i < times; i += batch.commands()) {
      int done = store.engine().execute(client, batch, 0);
      if (done != batch.commands()) {
        throw new AssertionError("executed " + done);
      }
      output.clear();
    }
  }

  @Test
  void getAndSet_oneByOne_allocateNothing() throws ProtocolException {
    store.withoutFeed();
    assertThat(allocatedBy("SET key value")).isLessThan(TOLERATED_BYTES);
  }

  @Test
  void getAndSet_inAPipeline_allocateNothing() throws ProtocolException {
    store.withoutFeed();
    assertThat(allocatedBy("SET a 1", "GET a", "SET bb value", "GET bb", "GET none", "GET a"))
        .isLessThan(TOLERATED_BYTES);
  }

  /// Keys that come and go are left to measurements without checked memory, which keeps a note of
  /// each block.
  @Test
  void otherCommands_allocateNothing() throws ProtocolException {
    store.withoutFeed();
    assertThat(allocatedBy("DEL none", "PING", "SELECT 0", "PEXPIREAT none 5"))
        .isLessThan(TOLERATED_BYTES);
  }

  /// A log that keeps nothing.
  private static final class CountingFeed implements CommandFeed {
    private long offset;

    @Override
    public void append(long at, int bytes) {
      offset += bytes;
    }

    @Override
    public long offset() {
      return offset;
    }
  }

  @Test
  void propagation_allocatesNothing() throws ProtocolException {
    store.engine().feed(new CountingFeed());
    assertThat(allocatedBy("SET a 1", "GETDEL none", "SHOUT x")).isLessThan(TOLERATED_BYTES);
  }
}
