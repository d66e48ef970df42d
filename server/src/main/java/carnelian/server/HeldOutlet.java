package carnelian.server;

import carnelian.engine.Outlet;

/// An outlet whose replies can be held back until the disk has what they show.
interface HeldOutlet extends Outlet {
  /// Nothing is held.
  long NOT_HELD = -1;

  /// The offset of the log that the replies wait for, or [#NOT_HELD].
  long heldUntil();

  /// Keeps what was written, and what will be, until [#release].
  void holdUntil(long offset);

  /// Sends what was held.
  void release();
}
