package carnelian.embedded;

/// A store could not be started: a directive is wrong, a port is taken, data cannot be loaded.
/// Nothing of it is left.
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
