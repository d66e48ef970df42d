package carnelian.memory;

/// The heap as it is now, read by its owner.
final class LiveView implements View {
  @Override
  public long pin(long at, int bytes) {
    return at;
  }
}
