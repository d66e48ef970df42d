package carnelian.memory;

/// An allocation does not fit into what the heap has reserved. Nothing has changed.
public final class HeapLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long requestedBytes;
  private final long usedBytes;
  private final long limitBytes;

  HeapLimitException(long requestedBytes, long usedBytes, long limitBytes) {
    super(
        "allocate: "
            + requestedBytes
            + " bytes with "
            + usedBytes
            + " in use (expected: within the heap's reservation of "
            + limitBytes
            + " bytes)");
    this.requestedBytes = requestedBytes;
    this.usedBytes = usedBytes;
    this.limitBytes = limitBytes;
  }

  public long requestedBytes() {
    return requestedBytes;
  }

  public long usedBytes() {
    return usedBytes;
  }

  public long limitBytes() {
    return limitBytes;
  }
}
