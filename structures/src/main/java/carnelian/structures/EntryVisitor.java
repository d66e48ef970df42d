package carnelian.structures;

/// Hears of entries, one after the other, during a traversal of a hash table.
///
/// It may write to the entry (after touching it), but must not change the table unless the method
/// that calls it says so. During a traversal through a snapshot's view the address is the live one:
/// the visitor pins it.
@FunctionalInterface
public interface EntryVisitor {
  void visit(long entry);
}
