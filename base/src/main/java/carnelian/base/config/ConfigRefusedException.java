package carnelian.base.config;

/// CONFIG SET changed nothing. The message is the whole error reply but for its first `-`.
public final class ConfigRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigRefusedException(String reply) {
    super(reply, null, false, false);
  }

  static ConfigRefusedException unknown(String name) {
    return new ConfigRefusedException(
        "ERR Unknown option or number of arguments for CONFIG SET - '" + name + "'");
  }

  static ConfigRefusedException failed(String name, String reason) {
    return new ConfigRefusedException(
        "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + reason);
  }

  static ConfigRefusedException loading() {
    return new ConfigRefusedException("LOADING Redis is loading the dataset in memory");
  }

  /// The error reply, code first.
  public String reply() {
    return String.valueOf(getMessage());
  }
}
