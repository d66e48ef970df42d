package carnelian.memory;

/// A programmer's error with memory: an access outside every live allocation, a write that passed
/// the barrier by, a block freed twice. The state of the store is unknown after it.
public final class MemoryViolation extends Error {
  private static final long serialVersionUID = 1L;

  MemoryViolation(String what) {
    super(what);
  }
}
