package carnelian.keyspace;

import carnelian.structures.Element;

/// Hears the contents of one value, in order. What it is handed is valid until it returns.
public interface ValueVisitor {
  /// First call: what follows is that many calls of one of the others. A string is one element.
  void begin(Encoding encoding, long parts);

  /// Before [#begin] of a list that stands in several listpacks: how many elements they have.
  default void elements(long count) {}

  /// Before [#begin] of a hash of which some fields have a deadline: none of them has an earlier
  /// one.
  default void earliestDeadline(long unixMillis) {}

  /// A listpack or intset in Redis's bytes: a whole value, or one node of a quicklist.
  void compact(long at, int bytes);

  /// A string, a member of a set, or an element of a list that is too large for a listpack.
  void element(Element element);

  /// A field of a hash.
  void field(Element field, Element value);

  /// A field of a hash of which some have a deadline; [Database#NO_DEADLINE] is none.
  default void field(Element field, Element value, long deadline) {
    field(field, value);
  }

  /// Who hears of a stream, after [#begin] said how many nodes it has.
  default StreamVisitor stream() {
    throw new IllegalStateException("a stream (expected: another type)");
  }

  /// A member of a sorted set.
  void member(Element member, double score);
}
