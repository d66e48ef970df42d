package carnelian.engine;

/// Where a client stands between MULTI and EXEC.
///
/// ```
/// NONE ── MULTI ──▶ QUEUEING ── a command is refused ──▶ DOOMED
///   ▲                  │                                    │
///   └── EXEC, DISCARD ─┴──────────── EXEC, DISCARD ─────────┘
/// ```
public enum TransactionState {
  /// Commands run when they arrive.
  NONE,
  /// Commands are kept for EXEC.
  QUEUEING,
  /// As queueing, but a command was refused, so that EXEC will discard them all.
  DOOMED
}
