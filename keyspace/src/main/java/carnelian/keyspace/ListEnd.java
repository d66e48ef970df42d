package carnelian.keyspace;

/// The two ends of a list: LEFT and RIGHT in commands.
public enum ListEnd {
  HEAD,
  TAIL
}
