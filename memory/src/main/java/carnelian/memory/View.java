package carnelian.memory;

/// Where a reader finds the bytes of an object: the live heap, or a snapshot of it. Traversals are
/// written once against a `View` and plain [Memory] access to what it pins.
public interface View {
  /// Returns an address whose `bytes` bytes are those of the object at `at` and cannot change until
  /// the next `pin` of the same view. The live heap answers `at` itself.
  long pin(long at, int bytes);
}
