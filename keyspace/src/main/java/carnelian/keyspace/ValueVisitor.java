package carnelian.keyspace;

import carnelian.structures.Element;

/// Hears the contents of one value, in order. What it is handed is valid until it returns.
public interface ValueVisitor {
  /// First call: what follows is that many calls of one of the others. A string is one element.
  void begin(Encoding encoding, long parts);

  /// Before [#begin] of a list that stands in several listpacks: how many elements they have.
  default void elements(long count) {}

  /// A listpack or intset in Redis's bytes: a whole value, or one node of a quicklist.
  void compact(long at, int bytes);

  /// A string, a member of a set, or an element of a list that is too large for a listpack.
  void element(Element element);

  /// A field of a hash.
  void field(Element field, Element value);

  /// Who hears of a stream, after [#begin] said how many nodes it has.
  default StreamVisitor stream() {
    throw new IllegalStateException("a stream (expected: another type)");
  }

  /// A member of a sorted set.
  void member(Element member, double score);
}
