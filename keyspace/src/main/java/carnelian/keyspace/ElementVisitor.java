package carnelian.keyspace;

import carnelian.structures.Element;

/// Is handed elements one by one; each is valid until `visit` returns.
@FunctionalInterface
public interface ElementVisitor {
  void visit(Element element);
}
