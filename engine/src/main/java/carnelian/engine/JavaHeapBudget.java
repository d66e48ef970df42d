package carnelian.engine;

/// How much of the Java heap clients may fill with what is kept for them: keys that they watch or
/// wait for, channels, scripts. Data stands elsewhere, so the heap is small; and a Java heap that
/// is full ends the process, with everybody's data.
///
/// Sizes are estimates, on the high side. Engine's thread.
public final class JavaHeapBudget {
  /// A node, its entry in a table, and what refers to it.
  public static final int OBJECT_BYTES = 128;

  private final long maxBytes;
  private long takenBytes;

  public JavaHeapBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /// Half of what the process may have: the rest is for connections, code and what commands need
  /// for a moment.
  static JavaHeapBudget ofProcess() {
    return new JavaHeapBudget(Runtime.getRuntime().maxMemory() / 2);
  }

  /// Keeps so many bytes, until they are given back; an error reply if they are too many.
  public void take(long bytes) {
    check(bytes);
    takenBytes += bytes;
  }

  public void giveBack(long bytes) {
    takenBytes -= bytes;
  }

  /// An error reply if so many bytes are too many, also only for a moment.
  public void check(long bytes) {
    if (bytes > maxBytes - takenBytes) {
      throw ReplyError.outOfJavaHeap(bytes, takenBytes, maxBytes);
    }
  }

  public long takenBytes() {
    return takenBytes;
  }
}
