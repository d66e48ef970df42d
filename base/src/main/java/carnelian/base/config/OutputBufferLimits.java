package carnelian.base.config;

/// How much unread output a client of each class may pile up before it is closed.
public record OutputBufferLimits(Limit normal, Limit replica, Limit pubsub) {

  /// Closed at once at `hardBytes`, or when over `softBytes` for `softSeconds`; 0 is no limit.
  public record Limit(long hardBytes, long softBytes, long softSeconds) {
    /// Whether anything is limited.
    public boolean isLimited() {
      return hardBytes != 0 || softBytes != 0;
    }
  }
}
