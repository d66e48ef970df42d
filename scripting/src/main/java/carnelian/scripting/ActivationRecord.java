package carnelian.scripting;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What Lua tells of a function that has not returned: its `lua_Debug`, at an address, of which
/// only those fields are set that were asked for.
///
/// | offset | size | field | meaning |
/// |-------:|-----:|-------|---------|
/// | 0 | 4 | `event` | why the hook is called |
/// | 8 | 8 | `name` | what the caller calls it; 0 if nobody knows |
/// | 16 | 8 | `namewhat` | what kind of name that is |
/// | 40 | 4 | `currentline` | |
/// | 56 | 60 | `short_src` | the name of its code, shortened |
final class ActivationRecord {
  /// With something to spare.
  static final int BYTES = 256;

  static final int EVENT_COUNT = 3;

  private static final int NAME = 8;
  private static final int NAME_KIND = 16;
  private static final int CURRENT_LINE = 40;
  private static final int SHORT_SOURCE = 56;

  /// Names are as long as scripts make them.
  private static final int LONGEST_NAME = 1 << 12;

  private ActivationRecord() {}

  static int event(long record) {
    return LuaLibrary.ALL.get(ValueLayout.JAVA_INT, record);
  }

  static @Nullable String name(long record) {
    return text(LuaLibrary.ALL.get(ValueLayout.JAVA_LONG, record + NAME));
  }

  static @Nullable String nameKind(long record) {
    return text(LuaLibrary.ALL.get(ValueLayout.JAVA_LONG, record + NAME_KIND));
  }

  static int currentLine(long record) {
    return LuaLibrary.ALL.get(ValueLayout.JAVA_INT, record + CURRENT_LINE);
  }

  static String shortSource(long record) {
    String source = text(record + SHORT_SOURCE);
    return source == null ? "" : source;
  }

  /// The text that ends with a zero, or its beginning; null if the address is 0.
  static @Nullable String text(long at) {
    if (at == 0) {
      return null;
    }
    int length = 0;
    while (length < LONGEST_NAME && LuaLibrary.byteAt(at + length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) LuaLibrary.byteAt(at + i);
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
