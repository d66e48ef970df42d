package carnelian.stress;

import carnelian.memory.Heap;
import carnelian.memory.HeapOptions;
import carnelian.memory.Memory;
import carnelian.memory.Snapshot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// The owner's first write to a page after the cut against the reader's pin of it: both words of the
/// page must be those of the cut, however the two interleave. Each state is one page of a heap that
/// is cut anew when its pages are used up.
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both words are those of the cut.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A write after the cut was seen.")
@State
public class PageEntryTest {
  private static final int PAGE_BYTES = 512;
  private static final int PAGES = 1 << 17;
  private static final int LAST_WORD = PAGE_BYTES - Long.BYTES;

  private static final Heap HEAP = new Heap(HeapOptions.defaults());
  private static final long BASE = HEAP.allocate((long) PAGES * PAGE_BYTES);
  private static final long[] AT_CUT = new long[PAGES];

  private static Snapshot snapshot = HEAP.cut();
  private static int next;

  private final int page;

  public PageEntryTest() {
    page = nextPage();
  }

  /// States are made while no actor runs.
  private static synchronized int nextPage() {
    if (next == PAGES) {
      next = 0;
      snapshot.close();
      for (int i = 0; i < PAGES; i++) {
        AT_CUT[i] = Memory.getLong(BASE + (long) i * PAGE_BYTES);
      }
      snapshot = HEAP.cut();
    }
    return next++;
  }

  @Actor
  public void owner() {
    long at = BASE + (long) page * PAGE_BYTES;
    long value = AT_CUT[page] + 1;
    HEAP.touch(at, PAGE_BYTES);
    Memory.putLong(at, value);
    Memory.putLong(at + LAST_WORD, value);
  }

  @Actor
  public void reader(II_Result result) {
    long at = snapshot.pin(BASE + (long) page * PAGE_BYTES, PAGE_BYTES);
    result.r1 = Memory.getLong(at) == AT_CUT[page] ? 1 : 0;
    result.r2 = Memory.getLong(at + LAST_WORD) == AT_CUT[page] ? 1 : 0;
  }
}
