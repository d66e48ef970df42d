package carnelian.command;

import java.util.List;

/// What a command may reply, on the level of RESP types: for the documents and for the test that
/// looks at every reply. Shapes name RESP3 types; in RESP2 their usual replacements count too.
///
/// @param of what an aggregate holds; empty means anything
public record ReplyShape(Kind kind, List<ReplyShape> of) {

  /// The types of RESP3, and the special replies every client knows.
  public enum Kind {
    OK,
    SIMPLE,
    BULK,
    VERBATIM,
    INTEGER,
    DOUBLE,
    BOOLEAN,
    BIG_NUMBER,
    NIL,
    ARRAY,
    SET,
    MAP,
    PUSH,
    ANY
  }

  private ReplyShape(Kind kind, ReplyShape... of) {
    this(kind, List.of(of));
  }

  /// `+OK`.
  public static ReplyShape ok() {
    return new ReplyShape(Kind.OK);
  }

  public static ReplyShape simple() {
    return new ReplyShape(Kind.SIMPLE);
  }

  public static ReplyShape bulk() {
    return new ReplyShape(Kind.BULK);
  }

  public static ReplyShape verbatim() {
    return new ReplyShape(Kind.VERBATIM);
  }

  public static ReplyShape integer() {
    return new ReplyShape(Kind.INTEGER);
  }

  /// A double; a bulk string in RESP2.
  public static ReplyShape number() {
    return new ReplyShape(Kind.DOUBLE);
  }

  public static ReplyShape bool() {
    return new ReplyShape(Kind.BOOLEAN);
  }

  public static ReplyShape bigNumber() {
    return new ReplyShape(Kind.BIG_NUMBER);
  }

  public static ReplyShape nil() {
    return new ReplyShape(Kind.NIL);
  }

  public static ReplyShape array(ReplyShape... of) {
    return new ReplyShape(Kind.ARRAY, of);
  }

  /// A set; an array in RESP2.
  public static ReplyShape set(ReplyShape... of) {
    return new ReplyShape(Kind.SET, of);
  }

  /// A map; a flat array in RESP2.
  public static ReplyShape map(ReplyShape... of) {
    return new ReplyShape(Kind.MAP, of);
  }

  public static ReplyShape push(ReplyShape... of) {
    return new ReplyShape(Kind.PUSH, of);
  }

  /// Whatever the script, the module or the queued commands reply.
  public static ReplyShape any() {
    return new ReplyShape(Kind.ANY);
  }
}
