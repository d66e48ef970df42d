package carnelian.structures;

import carnelian.memory.CopyLimitException;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a compact structure holds at one place: bytes where they lie, or an integer.
///
/// A mutable cursor that its user keeps and refills; what it says is valid until the structure that
/// it was read from changes. Callers that need bytes get the integer's decimal form, so nothing
/// outside has to know which of the two was stored.
public final class Element {
  private boolean integral;
  private long integer;
  private long at;
  private int bytes;

  /// The integer 0.
  public Element() {
    integral = true;
  }

  /// Makes this an integer.
  public Element setInteger(long value) {
    integral = true;
    integer = value;
    return this;
  }

  /// Makes this the `length` bytes at `address`.
  public Element setBytes(long address, int length) {
    integral = false;
    at = address;
    bytes = length;
    return this;
  }

  /// Makes this say what `other` says.
  public Element set(Element other) {
    integral = other.integral;
    integer = other.integer;
    at = other.at;
    bytes = other.bytes;
    return this;
  }

  /// Whether an integer is stored.
  public boolean isInteger() {
    return integral;
  }

  /// The integer; only if [#isInteger()].
  public long integer() {
    return integer;
  }

  /// Where the bytes lie; only if not [#isInteger()].
  public long at() {
    return at;
  }

  /// Length as a string: the bytes, or the decimal digits and sign of the integer.
  public int length() {
    return integral ? Decimals.length(integer) : bytes;
  }

  /// Whether the element's string form is a canonical 64-bit integer.
  public boolean isLong() {
    return integral || Decimals.isCanonical(at, bytes);
  }

  /// The element as a 64-bit integer; only if [#isLong()].
  public long asLong() {
    return integral ? integer : Decimals.parse(at, bytes);
  }

  /// Writes the string form to `to`, which has room for [#length()], and returns the length.
  public int copyTo(long to) {
    if (integral) {
      return Decimals.write(integer, to);
    }
    Memory.copy(at, to, bytes);
    return bytes;
  }

  /// Appends the string form.
  public void appendTo(NativeBuffer buffer) {
    if (integral) {
      buffer.advance(Decimals.write(integer, buffer.reserve(Decimals.MAX_LENGTH)));
    } else {
      buffer.put(at, bytes);
    }
  }

  /// Points `into` at the string form: in place for bytes, written to `scratch` (which has room for
  /// [Decimals#MAX_LENGTH]) for an integer.
  public Slice slice(Slice into, long scratch) {
    return integral ? into.set(scratch, Decimals.write(integer, scratch)) : into.set(at, bytes);
  }

  /// Whether the string form equals the bytes of `slice`.
  public boolean contentEquals(Slice slice) {
    return contentEquals(slice.at, slice.length);
  }

  /// Whether the string form equals the `length` bytes at `address`.
  public boolean contentEquals(long address, int length) {
    if (integral) {
      return Decimals.isCanonical(address, length) && Decimals.parse(address, length) == integer;
    }
    return length == bytes && Memory.equal(address, at, length);
  }

  /// The string form on the Java heap, for tests and cold paths; [CopyLimitException] if it is too
  /// long.
  public byte[] toBytes() {
    if (integral) {
      return Long.toString(integer).getBytes(StandardCharsets.ISO_8859_1);
    }
    CopyLimitException.check(bytes);
    byte[] copy = new byte[bytes];
    Memory.copyOut(at, copy, 0, bytes);
    return copy;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Element element)) {
      return false;
    }
    return element.integral ? equalsInteger(element.integer) : equalsBytes(element);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toBytes());
  }

  @Override
  public String toString() {
    return new String(toBytes(), StandardCharsets.ISO_8859_1);
  }

  private boolean equalsInteger(long value) {
    return isLong() && asLong() == value;
  }

  private boolean equalsBytes(Element other) {
    return contentEquals(other.at, other.bytes);
  }
}
