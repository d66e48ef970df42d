package carnelian.engine;

import static org.assertj.core.api.Assertions.assertThat;

import carnelian.base.Clock;
import carnelian.base.RandomSource;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.KeyspaceOptions;
import carnelian.keyspace.Type;
import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.NativeBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
  private record SilentOutlet(NativeBuffer buffer) implements Outlet {
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

  @Test
  void first_isTheEarliestUnderRandomAdditionsAndRemovals() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (NativeBuffer output = new NativeBuffer(64);
        Heap memory = new Heap(HeapOptions.defaults().withReserveBytes(1 << 28));
        Keyspace keyspace =
            new Keyspace(
                memory, KeyspaceOptions.secret(1), Clock.system(), RandomSource.seeded(seed))) {
      Client client = new Client(1, new SilentOutlet(output), keyspace.database(0), 0);
      DeadlineHeap heap = new DeadlineHeap();
      List<KeyWait> model = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        if (model.isEmpty() || random.nextInt(5) < 3) {
          KeyWait wait =
              new KeyWait(client, new CommandQueue(), Type.LIST, false, random.nextInt(500), i);
          heap.add(wait);
          model.add(wait);
        } else {
          KeyWait gone = model.remove(random.nextInt(model.size()));
          heap.remove(gone);
          heap.remove(gone); // Again does nothing.
          gone.command.close();
        }
        model.sort(
            Comparator.<KeyWait>comparingLong(w -> w.deadlineNanos)
                .thenComparingLong(w -> w.sequence));
        assertThat(heap.size()).isEqualTo(model.size());
        assertThat(heap.first())
            .as("seed %d", seed)
            .isSameAs(model.isEmpty() ? null : model.getFirst());
        if (model.size() > 200) {
          model.forEach(
              wait -> {
                heap.remove(wait);
                wait.command.close();
              });
          model.clear();
        }
      }
      model.forEach(wait -> wait.command.close());
    }
  }
}
