package carnelian.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.stream.Collectors;

/// One decoded reply, with its wire type kept, so that two servers can be compared to the byte.
/// Byte strings are held as latin-1 text.
sealed interface RespValue {
  record Simple(String text) implements RespValue {}

  record Failure(String text) implements RespValue {}

  record Int(long value) implements RespValue {}

  record Bulk(String bytes) implements RespValue {}

  /// `$-1` in RESP2.
  record NilBulk() implements RespValue {}

  /// `*-1` in RESP2.
  record NilArray() implements RespValue {}

  /// `_` in RESP3.
  record Nil() implements RespValue {}

  /// Doubles, big numbers and booleans stay as the text that was sent.
  record Scalar(char type, String text) implements RespValue {}

  /// Arrays, sets, pushes, and maps and attributes with their pairs laid out flat.
  record Aggregate(char type, List<RespValue> items) implements RespValue {}

  /// The text of a string-like reply; fails for anything else.
  default String text() {
    return switch (this) {
      case Simple(String text) -> text;
      case Bulk(String bytes) -> bytes;
      case Scalar(char _, String text) -> text;
      case Int(long value) -> Long.toString(value);
      case Failure(String text) -> throw new AssertionError("error reply: " + text);
      case NilBulk(), NilArray(), Nil(), Aggregate(char _, List<RespValue> _) ->
          throw new AssertionError("not a string: " + this);
    };
  }

  default long number() {
    return switch (this) {
      case Int(long value) -> value;
      case Simple _, Failure _, Bulk _, NilBulk _, NilArray _, Nil _, Scalar _, Aggregate _ ->
          throw new AssertionError("not an integer: " + this);
    };
  }

  default List<RespValue> items() {
    return switch (this) {
      case Aggregate(char _, List<RespValue> items) -> items;
      case Simple _, Failure _, Int _, Bulk _, NilBulk _, NilArray _, Nil _, Scalar _ ->
          throw new AssertionError("not an aggregate: " + this);
    };
  }

  default List<String> texts() {
    return items().stream().map(RespValue::text).collect(Collectors.toList());
  }

  static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }
}
