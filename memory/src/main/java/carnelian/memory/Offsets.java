package carnelian.memory;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// Offsets of fields, for the layout classes. Says what [StructLayout#byteOffset] says, without the
/// machinery of layout paths, which takes some milliseconds of a first start.
public final class Offsets {
  private Offsets() {}

  /// Where the field begins, in bytes from the struct's beginning.
  ///
  /// @throws IllegalArgumentException if the struct has no such field
  public static long of(StructLayout struct, String field) {
    long offset = 0;
    for (MemoryLayout member : struct.memberLayouts()) {
      if (field.equals(member.name().orElse(null))) {
        return offset;
      }
      offset += member.byteSize();
    }
    throw new IllegalArgumentException(field + ": not in " + struct);
  }
}
