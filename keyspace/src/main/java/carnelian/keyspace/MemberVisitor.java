package carnelian.keyspace;

import carnelian.structures.Element;

/// Is handed the members of a sorted set one by one; each is valid until `visit` returns.
@FunctionalInterface
public interface MemberVisitor {
  void visit(Element member, double score);
}
