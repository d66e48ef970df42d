package carnelian.keyspace;

import carnelian.memory.Slice;

/// The fields and values of an entry that is to be added. Slices are valid until the next call of
/// the same method.
public interface StreamFields {
  int count();

  Slice field(int index);

  Slice value(int index);
}
