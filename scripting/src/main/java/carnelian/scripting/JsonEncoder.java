package carnelian.scripting;

import carnelian.scripting.CjsonSettings.Setting;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes the value at the top of Lua's stack as `cjson.encode` does. Tables are read raw, and
/// walked without recursion: how deep they go is the script's choice.
///
/// A table is an array if all its keys are whole numbers from 1 on and there is one at least.
final class JsonEncoder {
  private static final int OBJECT = -1;
  private static final long EXACT_INTEGERS = 1L << 53;

  private static final @Nullable String[] ESCAPES = escapes();

  private final long state;
  private final CjsonSettings settings;
  private final LuaOutput out;

  /// For each open table: how many elements it has, or [#OBJECT]; how many have been written.
  private int[] lengths = new int[16];

  private int[] written = new int[16];
  private int depth;

  JsonEncoder(long state, CjsonSettings settings, LuaOutput out) {
    this.state = state;
    this.settings = settings;
    this.out = out;
  }

  private static @Nullable String[] escapes() {
    @Nullable String[] escapes = new @Nullable String[256];
    for (int i = 0; i < ' '; i++) {
      escapes[i] = String.format("\\u%04x", i);
    }
    escapes['\b'] = "\\b";
    escapes['\t'] = "\\t";
    escapes['\n'] = "\\n";
    escapes['\f'] = "\\f";
    escapes['\r'] = "\\r";
    escapes['"'] = "\\\"";
    escapes['/'] = "\\/";
    escapes['\\'] = "\\\\";
    escapes[0x7F] = "\\u007f";
    return escapes;
  }

  void encode() {
    begin();
    while (depth > 0) {
      boolean more = lengths[depth - 1] == OBJECT ? nextField() : nextElement();
      if (more) {
        begin();
      } else {
        out.put(lengths[depth - 1] == OBJECT ? '}' : ']');
        depth--;
        leave();
      }
    }
  }

  /// Takes a written value off the stack, unless it is the first one.
  private void leave() {
    if (depth > 0) {
      LuaLibrary.pop(state, 1);
    }
  }

  /// Writes a value whole, or opens it.
  private void begin() {
    out.step();
    int type = LuaLibrary.type(state, -1);
    switch (type) {
      case LuaLibrary.TABLE -> {
        open();
        return;
      }
      case LuaLibrary.STRING -> string(-1);
      case LuaLibrary.NUMBER -> number(-1);
      case LuaLibrary.BOOLEAN -> out.putAscii(LuaLibrary.toBoolean(state, -1) ? "true" : "false");
      case LuaLibrary.NIL -> out.putAscii("null");
      case LuaLibrary.LIGHT_USERDATA -> {
        if (LuaLibrary.toUserdata(state, -1) != 0) {
          throw refused(-1, "type not supported");
        }
        out.putAscii("null");
      }
      default -> throw refused(-1, "type not supported");
    }
    leave();
  }

  private LuaError refused(int index, String reason) {
    return LuaError.at(
        "Cannot serialise " + CheckedArguments.typeName(state, index) + ": " + reason);
  }

  // ---- Tables ----------------------------------------------------------------------------------

  private void open() {
    int next = depth + 1;
    if (next > settings.get(Setting.ENCODE_MAX_DEPTH) || !LuaLibrary.reserve(state, 3)) {
      throw LuaError.at("Cannot serialise, excessive nesting (" + next + ")");
    }
    int length = arrayLength();
    if (depth == lengths.length) {
      lengths = Arrays.copyOf(lengths, depth * 2);
      written = Arrays.copyOf(written, depth * 2);
    }
    boolean array = length > 0;
    lengths[depth] = array ? length : OBJECT;
    written[depth] = 0;
    depth++;
    out.put(array ? '[' : '{');
    if (!array) {
      LuaLibrary.pushNil(state);
    }
  }

  /// The greatest index, or -1 for an object. Counted in C's `int`, as Redis does.
  private int arrayLength() {
    int greatest = 0;
    int items = 0;
    LuaLibrary.pushNil(state);
    while (LuaLibrary.next(state, -2)) {
      out.step();
      double key =
          LuaLibrary.type(state, -2) == LuaLibrary.NUMBER ? LuaLibrary.toNumber(state, -2) : 0;
      if (key < 1 || Math.floor(key) != key) {
        LuaLibrary.pop(state, 2);
        return OBJECT;
      }
      if (key > greatest) {
        greatest = CheckedArguments.truncatedInt(key);
      }
      items++;
      LuaLibrary.pop(state, 1);
    }
    int ratio = settings.get(Setting.SPARSE_RATIO);
    if (ratio > 0 && greatest > items * ratio && greatest > settings.get(Setting.SPARSE_SAFE)) {
      if (settings.get(Setting.SPARSE_CONVERT) == 0) {
        throw refused(-1, "excessively sparse array");
      }
      return OBJECT;
    }
    return greatest;
  }

  private boolean nextElement() {
    int index = ++written[depth - 1];
    if (index > lengths[depth - 1] || index < 0) {
      return false;
    }
    if (index > 1) {
      out.put(',');
    }
    LuaLibrary.rawGet(state, -1, index);
    return true;
  }

  private boolean nextField() {
    if (!LuaLibrary.next(state, -2)) {
      return false;
    }
    if (written[depth - 1]++ > 0) {
      out.put(',');
    }
    switch (LuaLibrary.type(state, -2)) {
      case LuaLibrary.NUMBER -> {
        out.put('"');
        number(-2);
        out.put('"');
      }
      case LuaLibrary.STRING -> string(-2);
      default -> throw refused(-2, "table key must be a number or string");
    }
    out.put(':');
    return true;
  }

  // ---- Scalars ---------------------------------------------------------------------------------

  private void string(int index) {
    long at = LuaLibrary.stringAt(state, index);
    long end = at + LuaLibrary.length(state, index);
    out.put('"');
    long from = at;
    for (; at < end; at++) {
      String escape = ESCAPES[LuaLibrary.byteAt(at)];
      if (escape != null) {
        out.put(from, (int) (at - from));
        out.putAscii(escape);
        from = at + 1;
      }
    }
    out.put(from, (int) (end - from));
    out.put('"');
  }

  private void number(int index) {
    double value = LuaLibrary.toNumber(state, index);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      switch (settings.get(Setting.ENCODE_INVALID_NUMBERS)) {
        case 0 -> throw refused(index, "must not be NaN or Inf");
        case 1 -> out.putAscii(Double.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf");
        default -> out.putAscii("null");
      }
      return;
    }
    int precision = settings.get(Setting.NUMBER_PRECISION);
    if (value == Math.rint(value) && Math.abs(value) < EXACT_INTEGERS && !isNegativeZero(value)) {
      String digits = Long.toString((long) value);
      if (digits.length() - (value < 0 ? 1 : 0) <= precision) {
        out.putAscii(digits);
        return;
      }
    }
    out.putAscii(PrintedNumbers.general(value, precision));
  }

  private static boolean isNegativeZero(double value) {
    return value == 0 && 1 / value < 0;
  }
}
