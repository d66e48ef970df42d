package carnelian.server;

import carnelian.keyspace.Encoding;
import carnelian.keyspace.ValueVisitor;
import carnelian.structures.Element;
import carnelian.structures.Listpacks;

/// The listpacks of a value as text for the log, each with its bytes and its elements.
final class DumpedListpacks implements ValueVisitor {
  /// What is longer is cut off: it goes into one line of the log.
  private static final int MAX_CHARS = 16 << 10;

  private final StringBuilder text = new StringBuilder();
  private final Element each = new Element();

  @Override
  public void begin(Encoding encoding, long parts) {
    text.append(encoding.word());
  }

  @Override
  public void compact(long at, int bytes) {
    text.append(" {bytes ").append(bytes).append(", elements ").append(Listpacks.count(at));
    for (long element = Listpacks.first(at);
        element != 0 && text.length() < MAX_CHARS;
        element = Listpacks.next(element)) {
      text.append(" [").append(Listpacks.get(element, each)).append(']');
    }
    text.append('}');
  }

  @Override
  public void element(Element element) {
    if (text.length() < MAX_CHARS) {
      text.append(" {").append(element).append('}');
    }
  }

  @Override
  public void field(Element field, Element value) {
    element(field);
    element(value);
  }

  @Override
  public void member(Element member, double score) {
    element(member);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
