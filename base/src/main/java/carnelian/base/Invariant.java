package carnelian.base;

import org.jspecify.annotations.Nullable;

/// Checks of what the program itself guarantees. They are always on. A failed check is a bug in
/// Carnelian, never the fault of a client, a file or the network, and ends the process after a
/// crash report.
///
/// The forms with values build their text only on failure.
public final class Invariant {
  private Invariant() {}

  /// Fails with `what` unless it holds.
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new Broken(what);
    }
  }

  /// Fails with `what` and the value unless it holds.
  public static void check(boolean holds, String what, long value) {
    if (!holds) {
      throw new Broken(what + value);
    }
  }

  /// Fails with `what` and both values unless it holds.
  public static void check(boolean holds, String what, long first, long second) {
    if (!holds) {
      throw new Broken(what + first + ", " + second);
    }
  }

  /// Fails with `what` and the value unless it holds.
  public static void check(boolean holds, String what, @Nullable Object value) {
    if (!holds) {
      throw new Broken(what + value);
    }
  }

  /// For a place that cannot be reached: `throw Invariant.broken(...)`.
  public static Broken broken(String what) {
    return new Broken(what);
  }

  /// A promise of the program to itself that did not hold.
  public static final class Broken extends Error {
    private static final long serialVersionUID = 1L;

    private Broken(String what) {
      super(what);
    }
  }
}
