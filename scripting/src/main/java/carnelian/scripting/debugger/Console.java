package carnelian.scripting.debugger;

import org.jspecify.annotations.Nullable;

/// Port: the user of the debugger.
public interface Console {
  /// Sends the bytes, at once.
  void say(byte[] bytes);

  /// Waits until the user sends something; null if there is nobody to wait for.
  byte @Nullable [] hear();
}
