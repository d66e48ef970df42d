package carnelian.structures;

/// Hears of the items of a counted tree, one after the other.
///
/// It must not change the tree unless the method that calls it says so.
@FunctionalInterface
public interface ItemVisitor {
  void visit(long word, long reference);
}
