package carnelian.scripting;

import carnelian.memory.Slice;
import java.io.IOException;
import java.util.List;

/// Port: libraries as FUNCTION DUMP hands them out, which is a form of the snapshot's.
public interface FunctionPayloads {
  byte[] write(List<byte[]> libraries);

  /// Whether the payload is of a version that is known, and whole.
  boolean isIntact(Slice payload);

  /// The libraries of an intact payload.
  ///
  /// @throws IOException if the payload holds something else
  List<byte[]> read(Slice payload) throws IOException;
}
