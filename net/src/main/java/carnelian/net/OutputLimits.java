package carnelian.net;

/// How many bytes of output a class of clients may leave unread, as in
/// `client-output-buffer-limit`: beyond `hardBytes` it is disconnected at once, beyond `softBytes`
/// when that lasts `softSeconds`. 0 means no limit.
public record OutputLimits(long hardBytes, long softBytes, long softSeconds) {
  public static final OutputLimits NONE = new OutputLimits(0, 0, 0);
}
