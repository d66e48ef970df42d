package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.StreamId;
import carnelian.memory.Memory;
import carnelian.memory.Slice;

/// Reads and writes the IDs of stream entries.
final class StreamIds {
  static final ReplyError INVALID =
      ReplyError.err("Invalid stream ID specified as stream command argument");

  private static final ReplyError INVALID_START =
      ReplyError.err("invalid start ID for the interval");
  private static final ReplyError INVALID_END = ReplyError.err("invalid end ID for the interval");

  /// Redis looks at no longer text.
  private static final int LONGEST = 127;

  private StreamIds() {}

  /// The argument as `ms-sequence`, or as `ms` with this sequence number.
  static StreamId strict(Call call, int index, long missingSequence, StreamId into) {
    if (!isStrict(call.arg(index), missingSequence, into)) {
      throw INVALID;
    }
    return into;
  }

  /// As [#strict], but `-` and `+` are the least and the greatest ID.
  static StreamId lenient(Call call, int index, long missingSequence, StreamId into) {
    Slice text = call.arg(index);
    if (text.is("-")) {
      return into.set(0, 0);
    }
    return text.is("+") ? into.setMax() : strict(call, index, missingSequence, into);
  }

  /// The lower bound of a range; `(` excludes it.
  static StreamId from(Call call, int index, StreamId into) {
    if (!isExclusive(call, index)) {
      return lenient(call, index, 0, into);
    }
    exclusive(call, index, 0, into);
    if (!into.increment()) {
      throw INVALID_START;
    }
    return into;
  }

  /// The upper bound of a range; `(` excludes it.
  static StreamId to(Call call, int index, StreamId into) {
    if (!isExclusive(call, index)) {
      return lenient(call, index, StreamId.MAX, into);
    }
    exclusive(call, index, StreamId.MAX, into);
    if (!into.decrement()) {
      throw INVALID_END;
    }
    return into;
  }

  private static boolean isExclusive(Call call, int index) {
    Slice text = call.arg(index);
    return text.length > 1 && Memory.getByte(text.at) == '(';
  }

  private static void exclusive(Call call, int index, long missingSequence, StreamId into) {
    Slice text = call.arg(index);
    if (!isStrict(new Slice(text.at + 1, text.length - 1), missingSequence, into)) {
      throw INVALID;
    }
  }

  /// Whether the text is an ID without special forms; it is then in `into`.
  static boolean isStrict(Slice text, long missingSequence, StreamId into) {
    if (text.length > LONGEST) {
      return false;
    }
    int dash = dash(text);
    if (!isNumber(text.at, dash)) {
      return false;
    }
    into.ms = number(text.at, dash);
    into.sequence = missingSequence;
    if (dash == text.length) {
      return true;
    }
    long at = text.at + dash + 1;
    int length = text.length - dash - 1;
    if (!isNumber(at, length)) {
      return false;
    }
    into.sequence = number(at, length);
    return true;
  }

  /// Whether the text is `ms-*`; the milliseconds are then in `into`.
  static boolean isMillisOnly(Slice text, StreamId into) {
    int dash = dash(text);
    if (dash != text.length - 2
        || Memory.getByte(text.end() - 1) != '*'
        || text.length > LONGEST
        || !isNumber(text.at, dash)) {
      return false;
    }
    into.set(number(text.at, dash), 0);
    return true;
  }

  private static int dash(Slice text) {
    for (int i = 0; i < text.length; i++) {
      if (Memory.getByte(text.at + i) == '-') {
        return i;
      }
    }
    return text.length;
  }

  /// Whether the bytes are decimal digits, leading zeros and all, of an unsigned number of 64 bits.
  private static boolean isNumber(long at, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      int digit = Memory.getByte(at + i) - '0';
      if (digit < 0 || digit > 9 || Long.compareUnsigned(value, Long.divideUnsigned(-1, 10)) > 0) {
        return false;
      }
      long next = value * 10 + digit;
      if (Long.compareUnsigned(next, value * 10) < 0) {
        return false;
      }
      value = next;
    }
    return length > 0;
  }

  private static long number(long at, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value * 10 + (Memory.getByte(at + i) - '0');
    }
    return value;
  }

  static void reply(Call call, StreamId id) {
    call.reply().bulk(call.keyspace().scratch().digits(id));
  }

  static Effect arg(Call call, Effect effect, StreamId id) {
    return effect.arg(call.keyspace().scratch().digits(id));
  }
}
