package carnelian.keyspace;

/// Which removals give large values back in slices, later, instead of at once: the
/// `lazyfree-lazy-…` directives.
public record LazyFreeing(
    boolean eviction, boolean expire, boolean serverDel, boolean userDel, boolean userFlush) {

  /// Redis's.
  public static final LazyFreeing DEFAULT = new LazyFreeing(false, false, false, false, false);
}
