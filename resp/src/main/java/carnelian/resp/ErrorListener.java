package carnelian.resp;

/// Hears of every error reply, for `total_error_replies` and `errorstat_…`.
@FunctionalInterface
public interface ErrorListener {
  /// The error as on the wire, without the minus sign and the line end.
  void replied(String error);
}
