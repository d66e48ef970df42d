package carnelian.resp;

/// The client broke the protocol: it gets [#getMessage] as an error reply and is disconnected.
///
/// Without a stack trace, because a client can cause it at will.
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolException(String what) {
    super("Protocol error: " + what, null, false, false);
  }

  /// The reply, as [Reply#error] wants it: Redis's own text.
  public String reply() {
    return "ERR " + getMessage();
  }
}
