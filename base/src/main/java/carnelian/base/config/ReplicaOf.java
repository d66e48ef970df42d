package carnelian.base.config;

/// Whose replica the server is.
public record ReplicaOf(String host, int port) {
  /// Nobody's: a primary.
  public static final ReplicaOf NO_ONE = new ReplicaOf("", 0);

  /// Whether there is a primary to follow.
  public boolean isReplica() {
    return !host.isEmpty();
  }
}
