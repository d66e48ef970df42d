package carnelian.memory;

/// The operating system refused to reserve address space.
public final class ReservationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReservationException(long bytes, int errno) {
    super(
        "reserve address space: "
            + bytes
            + " bytes refused, errno "
            + errno
            + " (expected: room for it; look at ulimit -v, at vm.overcommit_memory, which must not"
            + " be 2, or reserve less)");
  }
}
