package carnelian.engine;

/// What a connection holds and has moved, at one moment. Names as in CLIENT LIST.
///
/// @param queryBufferBytes `qbuf`: bytes read and not yet executed
/// @param queryBufferFreeBytes `qbuf-free`: room left in the query buffer
/// @param replyBufferBytes `rbs`: size of the reply buffer
/// @param replyBufferPeakBytes `rbp`: its recent peak
/// @param pendingReplyBytes `obl`: bytes in the reply buffer
/// @param queuedReplies `oll`: buffers waiting behind it
/// @param queuedReplyBytes `omem`: what they hold
/// @param netInputBytes `tot-net-in`
/// @param netOutputBytes `tot-net-out`
public record OutletUsage(
    long queryBufferBytes,
    long queryBufferFreeBytes,
    long replyBufferBytes,
    long replyBufferPeakBytes,
    long pendingReplyBytes,
    long queuedReplies,
    long queuedReplyBytes,
    long netInputBytes,
    long netOutputBytes) {
  public static final OutletUsage NONE = new OutletUsage(0, 0, 0, 0, 0, 0, 0, 0, 0);
}
