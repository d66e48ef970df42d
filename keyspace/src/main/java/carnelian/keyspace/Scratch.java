package carnelian.keyspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Decimals;
import carnelian.structures.Element;

/// Where elements become bytes for a moment: an integer of a compact structure as its digits, a
/// value that is about to be overwritten as a copy. Each method has a place of its own, which its
/// next call takes over. Conversions between encodings use the first and the second place, so what
/// is handed to a change that may convert is put elsewhere, or is small enough not to convert.
///
/// One for each keyspace, used on the engine's thread.
public final class Scratch implements AutoCloseable {
  private static final int KEPT_BYTES = 64 << 10;

  private final NativeBuffer firstDigits = new NativeBuffer(Decimals.MAX_LENGTH);
  private final NativeBuffer secondDigits = new NativeBuffer(Decimals.MAX_LENGTH);
  private final NativeBuffer idDigits = new NativeBuffer(StreamId.MAX_LENGTH);
  private NativeBuffer copies = new NativeBuffer(Decimals.MAX_LENGTH);
  private final Slice first = new Slice();
  private final Slice second = new Slice();
  private final Slice copy = new Slice();
  private final Slice idText = new Slice();

  /// The element's bytes, where they lie or as digits.
  public Slice first(Element element) {
    return element.slice(first, firstDigits.address());
  }

  /// The bytes of another element at the same time.
  public Slice second(Element element) {
    return element.slice(second, secondDigits.address());
  }

  /// A copy of the element's bytes, which stays when the structure changes.
  public Slice copy(Element element) {
    begin();
    element.appendTo(copies);
    return copies.slice(copy);
  }

  /// A stream's ID as text.
  public Slice digits(StreamId id) {
    idDigits.clear();
    id.appendTo(idDigits);
    return idDigits.slice(idText);
  }

  /// The text's bytes.
  public Slice ascii(String text) {
    begin();
    copies.put(text.getBytes(ISO_8859_1));
    return copies.slice(copy);
  }

  private void begin() {
    if (copies.capacity() > KEPT_BYTES) {
      copies.close();
      copies = new NativeBuffer(Decimals.MAX_LENGTH);
    }
    copies.clear();
  }

  @Override
  public void close() {
    firstDigits.close();
    secondDigits.close();
    idDigits.close();
    copies.close();
  }
}
