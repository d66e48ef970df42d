package carnelian.engine.acl;

import carnelian.memory.Glob;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;

/// Matches the patterns of rules, which live on the heap, with arguments, which do not.
final class GlobMatcher implements AutoCloseable {
  private static final int INITIAL_BYTES = 64;

  private final NativeBuffer buffer = new NativeBuffer(INITIAL_BYTES);
  private final Slice slice = new Slice();

  boolean matches(byte[] pattern, Slice text) {
    if (pattern.length == 1 && pattern[0] == '*') {
      return true;
    }
    buffer.clear();
    buffer.put(pattern);
    return Glob.matches(buffer.slice(slice), text);
  }

  @Override
  public void close() {
    buffer.close();
  }
}
