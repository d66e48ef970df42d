package carnelian.embedded;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command replies, in the types of RESP3. Immutable; any thread.
///
/// The `as…` methods are for who knows what to expect: they throw [IllegalStateException] if the
/// reply is of another kind.
public sealed interface Reply {
  /// A status, such as `OK`.
  record Status(String text) implements Reply {}

  /// A string of bytes.
  final class Bulk implements Reply {
    private final byte[] bytes;

    Bulk(byte[] bytes) {
      this.bytes = bytes;
    }

    /// A copy of the bytes.
    public byte[] bytes() {
      return bytes.clone();
    }

    /// The bytes read as UTF-8.
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Bulk bulk && Arrays.equals(bytes, bulk.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
      return "\"" + text() + "\"";
    }
  }

  /// A text with its format, `txt` or `mkd`.
  record Verbatim(String format, String text) implements Reply {}

  /// A whole number.
  record Whole(long value) implements Reply {}

  /// A whole number of any size.
  record Big(BigInteger value) implements Reply {}

  /// A number with a fraction, or infinite.
  record Decimal(double value) implements Reply {}

  /// True or false.
  record Truth(boolean value) implements Reply {}

  /// Nothing.
  record Nil() implements Reply {}

  /// An error within another reply, as EXEC has them; one that is the whole reply is thrown as
  /// [CommandException].
  ///
  /// @param text the code first, as `WRONGTYPE Operation against …`
  record Failure(String text) implements Reply {}

  /// Several replies in order.
  record Items(List<Reply> items) implements Reply {
    public Items {
      items = List.copyOf(items);
    }
  }

  /// Several replies, of which none is there twice, in the order in which they came.
  record Members(List<Reply> items) implements Reply {
    public Members {
      items = List.copyOf(items);
    }
  }

  /// Names and values in the order in which they came.
  record Fields(List<Field> fields) implements Reply {
    public Fields {
      fields = List.copyOf(fields);
    }
  }

  /// One of [Fields].
  record Field(Reply name, Reply value) {}

  /// Whether the command replied that there is nothing.
  default boolean isNil() {
    return this instanceof Nil;
  }

  /// The text of a status, a string (read as UTF-8) or a number; null if there is nothing.
  default @Nullable String asString() {
    return switch (this) {
      case Status status -> status.text();
      case Bulk bulk -> bulk.text();
      case Verbatim verbatim -> verbatim.text();
      case Whole whole -> Long.toString(whole.value());
      case Big big -> big.value().toString();
      case Decimal decimal -> Double.toString(decimal.value());
      case Truth truth -> Boolean.toString(truth.value());
      case Nil _ -> null;
      case Failure _, Items _, Members _, Fields _ -> throw isNot("a text");
    };
  }

  /// The bytes of a string; null if there is nothing.
  default byte @Nullable [] asBytes() {
    if (this instanceof Bulk bulk) {
      return bulk.bytes();
    }
    String text = asString();
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  /// A whole number, also one that is written as a string.
  default long asLong() {
    if (this instanceof Whole whole) {
      return whole.value();
    }
    if (this instanceof Bulk bulk && bulk.text().matches("-?\\d{1,18}")) {
      return Long.parseLong(bulk.text());
    }
    throw isNot("a whole number");
  }

  /// The items of a list, a set or, name after value, a map.
  default List<Reply> asList() {
    return switch (this) {
      case Items list -> list.items();
      case Members set -> set.items();
      case Fields map ->
          map.fields().stream()
              .<Reply>mapMulti(
                  (field, into) -> {
                    into.accept(field.name());
                    into.accept(field.value());
                  })
              .toList();
      case Status _, Bulk _, Verbatim _, Whole _, Big _, Decimal _, Truth _, Nil _, Failure _ ->
          throw isNot("a list");
    };
  }

  /// The texts of a list's items; null where there is nothing.
  default List<@Nullable String> asStrings() {
    return asList().stream().<@Nullable String>map(Reply::asString).toList();
  }

  /// Texts by their names, in the order in which they came.
  default Map<String, @Nullable String> asMap() {
    if (!(this instanceof Fields map)) {
      throw isNot("a map");
    }
    Map<String, @Nullable String> texts = new LinkedHashMap<>();
    for (Field field : map.fields()) {
      texts.put(String.valueOf(field.name().asString()), field.value().asString());
    }
    return texts;
  }

  private IllegalStateException isNot(String wanted) {
    return new IllegalStateException("the reply is not " + wanted + ": " + this);
  }
}
