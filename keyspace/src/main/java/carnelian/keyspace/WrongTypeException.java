package carnelian.keyspace;

/// A key holds another type than the operation works on. Stackless and constant: it is a reply, not
/// a fault, and is caught once, where commands are dispatched.
public final class WrongTypeException extends RuntimeException {
  public static final WrongTypeException INSTANCE = new WrongTypeException();

  private static final long serialVersionUID = 1;

  private WrongTypeException() {
    super("WRONGTYPE Operation against a key holding the wrong kind of value", null, false, false);
  }
}
