package carnelian.keyspace;

/// What the keyspace has to know of a type to create, free, copy, measure and save its values. Each
/// type's service is one; [Keyspace] holds them by type.
///
/// An entry passed here is whole: header, key and the value's inline part, which for every
/// collection is one reference.
public interface ValueType {
  Type type();

  /// Makes a value that is empty, and replies with what an entry refers to it by. Only of an
  /// encoding that stands outside its entry.
  long newValue(Encoding encoding);

  /// Frees what the value holds outside its entry, at most `budget` allocations of it, and returns
  /// the budget that is left. 0 means that there may be more: the caller comes again with the same
  /// entry. With budget left, nothing but the entry remains. Nobody can find the entry any more, so
  /// it may be left in any state in between.
  int destroy(long entry, int budget);

  /// About how many allocations [#destroy] has to free: whether freeing is worth to be put off.
  long effort(long entry);

  /// Bytes that the value takes outside its entry, estimated from `samples` elements of a large
  /// one; 0 samples mean all.
  long bytes(long entry, int samples);

  /// Gives `copy`, a byte-wise copy of `entry`, a value of its own.
  void copy(long entry, long copy);

  /// Tells the visitor the value as the walk's view sees it. `entry` is pinned already; it may be
  /// lost with the next pin. Runs on a snapshot's thread beside the engine's: it uses nothing of
  /// the service that changes, only what the walk brings along.
  void walk(ValueWalk walk, long entry, ValueVisitor visitor);
}
