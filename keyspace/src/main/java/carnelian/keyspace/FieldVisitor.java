package carnelian.keyspace;

import carnelian.structures.Element;

/// Is handed the fields of a hash one by one; both elements are valid until `visit` returns.
@FunctionalInterface
public interface FieldVisitor {
  void visit(Element field, Element value);
}
