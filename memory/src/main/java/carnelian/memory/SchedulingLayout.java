package carnelian.memory;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/// What `sched_setattr` is told: Linux's `struct sched_attr`, in its second version.
///
/// | offset | size | field        | meaning                                                   |
/// |-------:|-----:|--------------|-----------------------------------------------------------|
/// |      0 |    4 | `size`       | bytes of this structure                                   |
/// |      4 |    4 | `policy`     | 0: the usual one                                          |
/// |      8 |    8 | `flags`      |                                                           |
/// |     16 |    4 | `nice`       |                                                           |
/// |     20 |    4 | `priority`   | of policies for real time                                 |
/// |     24 |    8 | `sliceNanos` | with the usual policy the time slice; before Linux 6.12   |
/// |        |      |              | without effect                                            |
/// |     32 |   24 | (others)     | for deadlines and hints; zero                             |
final class SchedulingLayout {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("size"),
          JAVA_INT.withName("policy"),
          JAVA_LONG.withName("flags"),
          JAVA_INT.withName("nice"),
          JAVA_INT.withName("priority"),
          JAVA_LONG.withName("sliceNanos"),
          MemoryLayout.paddingLayout(24));

  private static final VarHandle SIZE = LAYOUT.varHandle(groupElement("size"));
  private static final VarHandle NICE = LAYOUT.varHandle(groupElement("nice"));
  private static final VarHandle SLICE_NANOS = LAYOUT.varHandle(groupElement("sliceNanos"));

  private SchedulingLayout() {}

  /// Fills in a zeroed structure.
  static void fill(MemorySegment attributes, int nice, long sliceNanos) {
    SIZE.set(attributes, 0L, (int) LAYOUT.byteSize());
    NICE.set(attributes, 0L, nice);
    SLICE_NANOS.set(attributes, 0L, sliceNanos);
  }
}
