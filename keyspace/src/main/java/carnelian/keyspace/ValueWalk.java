package carnelian.keyspace;

import carnelian.memory.View;
import carnelian.structures.Element;
import carnelian.structures.TableCursor;

/// What one traversal of values needs, so that none of it is allocated per value: the view it
/// reads, who listens, and cursors to reuse. Belongs to one thread: services keep no state of their
/// own in a traversal, because a snapshot's runs beside the engine.
public final class ValueWalk {
  private final View view;
  private final Element first = new Element();
  private final Element second = new Element();
  private final TableCursor table = new TableCursor();

  public ValueWalk(View view) {
    this.view = view;
  }

  public View view() {
    return view;
  }

  /// For a string, a member or a field.
  public Element first() {
    return first;
  }

  /// For a field's value.
  public Element second() {
    return second;
  }

  public TableCursor table() {
    return table;
  }
}
