package carnelian.resp;

import carnelian.base.Invariant;
import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes replies, in RESP2 or RESP3, at the end of a buffer.
///
/// What RESP2 lacks is written as its nearest kin: a map as an array of twice the length, a set and
/// a push as an array, a double, a big number and a verbatim text as a bulk string, a boolean as 0
/// or 1. Strings are Latin-1, one byte a char, as `Slice.toString` makes them; only if one holds a
/// char above that is it written as UTF-8. Belongs to one thread; allocates nothing but in that
/// last case.
///
/// While suppressed (CLIENT REPLY OFF and SKIP) bytes are written past the end of the buffer but
/// never counted, so that the writer's path is the same.
public final class Reply {
  private static final short CRLF = '\r' | '\n' << 8;

  /// Bytes of a type, a long and a line end.
  private static final int HEADER_BYTES = 1 + Decimals.LONG_BYTES + 2;

  /// Room that [#deferArray] leaves for a header: one digit, the commonest case.
  private static final int DEFERRED_BYTES = 4;

  /// Marks a deferred reply of a suppressed writer.
  private static final int NOWHERE = -1;

  private static final long OK = word("+OK\r\n");
  private static final long PONG = word("+PONG\r\n");
  private static final long QUEUED = word("+QUEUED\r");
  private static final long NIL2 = word("$-1\r\n");
  private static final long NIL_ARRAY2 = word("*-1\r\n");
  private static final long NIL3 = word("_\r\n");
  private static final long TRUE3 = word("#t\r\n");
  private static final long FALSE3 = word("#f\r\n");
  private static final long EMPTY_BULK = word("$0\r\n\r\n");

  private NativeBuffer out;
  private int protocol;
  private boolean suppressed;
  private @Nullable ErrorListener errors;

  /// Writes RESP2 to the buffer.
  public Reply(NativeBuffer out) {
    this.out = out;
    this.protocol = 2;
  }

  /// Turns to another buffer and protocol.
  public Reply to(NativeBuffer out, int protocol) {
    this.out = out;
    protocol(protocol);
    return this;
  }

  public NativeBuffer buffer() {
    return out;
  }

  /// 2 or 3.
  public int protocol() {
    return protocol;
  }

  public void protocol(int protocol) {
    Invariant.check(protocol == 2 || protocol == 3, "RESP is 2 or 3");
    this.protocol = protocol;
  }

  public boolean isResp3() {
    return protocol == 3;
  }

  /// Whether what follows is dropped.
  public void suppress(boolean suppressed) {
    this.suppressed = suppressed;
  }

  public boolean isSuppressed() {
    return suppressed;
  }

  public void onError(@Nullable ErrorListener listener) {
    errors = listener;
  }

  // ---- Simple replies ------------------------------------------------------------------------

  public void ok() {
    word(OK, 5);
  }

  public void pong() {
    word(PONG, 7);
  }

  public void queued() {
    long at = out.reserve(9);
    Memory.putLong(at, QUEUED);
    Memory.putByte(at + 8, (byte) '\n');
    commit(9);
  }

  /// A status without line ends.
  public void simple(String status) {
    line('+', status);
  }

  public void simple(Slice status) {
    long at = out.reserve(status.length + 3);
    Memory.putByte(at, (byte) '+');
    Memory.copy(status.at, at + 1, status.length);
    Memory.putShort(at + 1 + status.length, CRLF);
    commit(status.length + 3);
  }

  /// An error with its code first, such as `ERR syntax error`. Line ends in it become spaces.
  public void error(String codeAndText) {
    int end = codeAndText.length();
    while (end > 0 && isLineEnd(codeAndText.charAt(end - 1))) {
      end--;
    }
    String text = codeAndText.substring(0, end).replace('\r', ' ').replace('\n', ' ');
    line('-', text);
    if (errors != null) {
      errors.replied(text);
    }
  }

  public void nil() {
    if (protocol == 3) {
      word(NIL3, 3);
    } else {
      word(NIL2, 5);
    }
  }

  public void nilArray() {
    if (protocol == 3) {
      word(NIL3, 3);
    } else {
      word(NIL_ARRAY2, 5);
    }
  }

  public void integer(long value) {
    header(':', value);
  }

  public void bool(boolean value) {
    if (protocol == 3) {
      word(value ? TRUE3 : FALSE3, 4);
    } else {
      header(':', value ? 1 : 0);
    }
  }

  // ---- Strings -------------------------------------------------------------------------------

  public void bulk(Slice value) {
    bulk(value.at, value.length);
  }

  public void bulk(long from, int length) {
    if (suppressed) {
      return;
    }
    long at = startBulk(length);
    Memory.copy(from, at, length);
    endBulk(at + length);
  }

  public void bulk(byte[] value) {
    if (suppressed) {
      return;
    }
    long at = startBulk(value.length);
    Memory.copyIn(value, 0, at, value.length);
    endBulk(at + value.length);
  }

  public void bulk(String value) {
    if (suppressed) {
      return;
    }
    if (isLatin1(value)) {
      long at = startBulk(value.length());
      endBulk(putLatin1(at, value));
    } else {
      bulk(value.getBytes(StandardCharsets.UTF_8));
    }
  }

  public void emptyBulk() {
    word(EMPTY_BULK, 6);
  }

  /// The integer's decimal digits as a bulk string.
  public void bulkInteger(long value) {
    int length = Decimals.length(value);
    if (!suppressed) {
      long at = startBulk(length);
      Decimals.write(at, value);
      endBulk(at + length);
    }
  }

  /// The double's text as a bulk string in either protocol.
  public void bulkNumber(double value) {
    // The header is at most five bytes long; the text is written behind it and then moved up.
    long at = out.reserve(Decimals.DOUBLE_BYTES + 16);
    int length = Decimals.write(at + 8, value);
    int header = writeHeader(at, '$', length);
    Memory.copy(at + 8, at + header, length);
    Memory.putShort(at + header + length, CRLF);
    commit(header + length + 2);
  }

  /// Text with a format of three letters, `txt` or `mkd`; in RESP2 the bare text.
  public void verbatim(String format, String text) {
    if (protocol == 3) {
      byte[] bytes = isLatin1(text) ? null : text.getBytes(StandardCharsets.UTF_8);
      header('=', 4 + (bytes == null ? text.length() : bytes.length));
      putString(format);
      putByte(':');
      if (bytes == null) {
        putString(text);
      } else {
        raw(bytes);
      }
      putByte('\r');
      putByte('\n');
    } else {
      bulk(text);
    }
  }

  // ---- Numbers -------------------------------------------------------------------------------

  /// A double; in RESP2 as a bulk string.
  public void number(double value) {
    if (protocol == 3) {
      long at = out.reserve(Decimals.DOUBLE_BYTES + 3);
      Memory.putByte(at, (byte) ',');
      int length = 1 + Decimals.write(at + 1, value);
      Memory.putShort(at + length, CRLF);
      commit(length + 2);
    } else {
      bulkNumber(value);
    }
  }

  /// An integer of any size, given by its digits.
  public void bigNumber(String digits) {
    if (protocol == 3) {
      line('(', digits);
    } else {
      bulk(digits);
    }
  }

  // ---- Aggregates ----------------------------------------------------------------------------

  public void array(int elements) {
    header('*', elements);
  }

  public void map(int entries) {
    if (protocol == 3) {
      header('%', entries);
    } else {
      header('*', 2L * entries);
    }
  }

  public void set(int members) {
    header(protocol == 3 ? '~' : '*', members);
  }

  /// A message that is not the answer to a request.
  public void push(int elements) {
    header(protocol == 3 ? '>' : '*', elements);
  }

  /// Attributes of the reply that follows; only RESP3 has them.
  public void attribute(int entries) {
    Invariant.check(protocol == 3, "attributes need RESP3");
    header('|', entries);
  }

  /// Starts an array (or map, or set) whose length is not known yet; a `close…` gives it. Between
  /// the two, other deferred replies must be closed in the reverse order of their start.
  public int deferArray() {
    if (suppressed) {
      return NOWHERE;
    }
    int mark = out.length();
    out.reserve(DEFERRED_BYTES);
    out.advance(DEFERRED_BYTES);
    return mark;
  }

  public void closeArray(int mark, int elements) {
    closeDeferred(mark, '*', elements);
  }

  public void closeMap(int mark, int entries) {
    if (protocol == 3) {
      closeDeferred(mark, '%', entries);
    } else {
      closeDeferred(mark, '*', 2L * entries);
    }
  }

  public void closeSet(int mark, int members) {
    closeDeferred(mark, protocol == 3 ? '~' : '*', members);
  }

  // ---- Bytes ---------------------------------------------------------------------------------

  /// Bytes that are a reply already.
  public void raw(long from, int length) {
    if (!suppressed) {
      out.put(from, length);
    }
  }

  public void raw(Slice reply) {
    raw(reply.at, reply.length);
  }

  public void raw(byte[] reply) {
    if (!suppressed) {
      out.put(reply);
    }
  }

  /// The end of what has been written so far, to go back to.
  public int mark() {
    return out.length();
  }

  /// Takes back all that was written since the mark.
  public void rollback(int mark) {
    out.length(mark);
  }

  // ---- Parts ---------------------------------------------------------------------------------

  private void header(char type, long value) {
    long at = out.reserve(HEADER_BYTES);
    commit(writeHeader(at, type, value));
  }

  private static int writeHeader(long at, char type, long value) {
    Memory.putByte(at, (byte) type);
    int length = 1 + Decimals.write(at + 1, value);
    Memory.putShort(at + length, CRLF);
    return length + 2;
  }

  /// Writes a bulk header and returns where the content goes.
  private long startBulk(int length) {
    long at = out.reserve(Math.addExact(length, HEADER_BYTES + 2));
    int header = writeHeader(at, '$', length);
    out.advance(header + length + 2);
    return at + header;
  }

  private static void endBulk(long at) {
    Memory.putShort(at, CRLF);
  }

  private void closeDeferred(int mark, char type, long count) {
    if (mark == NOWHERE) {
      return;
    }
    int header = 3 + Decimals.length(count);
    int shift = header - DEFERRED_BYTES;
    if (shift > 0) {
      out.reserve(shift);
      long body = out.address() + mark + DEFERRED_BYTES;
      Memory.copy(body, body + shift, out.length() - mark - DEFERRED_BYTES);
      out.advance(shift);
    }
    writeHeader(out.address() + mark, type, count);
  }

  /// A type, a text and a line end.
  private void line(char type, String text) {
    putByte(type);
    putString(text);
    putByte('\r');
    putByte('\n');
  }

  private void putByte(int b) {
    Memory.putByte(out.reserve(1), (byte) b);
    commit(1);
  }

  private void putString(String text) {
    if (isLatin1(text)) {
      putLatin1(out.reserve(text.length()), text);
      commit(text.length());
    } else {
      raw(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static long putLatin1(long at, String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      Memory.putByte(at + i, (byte) text.charAt(i));
    }
    return at + length;
  }

  private static boolean isLatin1(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLineEnd(char c) {
    return c == '\r' || c == '\n';
  }

  private void word(long bytes, int length) {
    Memory.putLong(out.reserve(8), bytes);
    commit(length);
  }

  private void commit(int bytes) {
    if (!suppressed) {
      out.advance(bytes);
    }
  }

  private static long word(String ascii) {
    long word = 0;
    for (int i = 0; i < ascii.length(); i++) {
      word |= (long) ascii.charAt(i) << (8 * i);
    }
    return word;
  }
}
