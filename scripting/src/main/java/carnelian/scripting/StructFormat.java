package carnelian.scripting;

/// The format of `struct`: options, each of which may say a size, and how they are aligned.
///
/// | option | bytes | |
/// |---|---|---|
/// | `b` `B`, `h` `H`, `l` `L`, `T` | 1, 2, 8, 8 | integers, capitals unsigned |
/// | `i` `I` | 4, or the number behind it, up to 32 | integers |
/// | `f`, `d` | 4, 8 | floating point |
/// | `c` | 1, or the number behind it | bytes of a string; 0 means all, or as many as the last result |
/// | `s` | | a string, with a zero byte behind it |
/// | `x` | 1 | padding |
/// | `<` `>`, `!` | | the order of bytes, the greatest alignment |
final class StructFormat {
  private static final int MOST_INTEGER_BYTES = 32;
  private static final int DEFAULT_ALIGNMENT = 8;

  private final LuaState lua;
  private final long state;
  private long at;
  private boolean bigEndian;
  private int alignment = 1;
  private int option;
  private long size;
  private int steps;

  /// Reads the format that is the first argument.
  StructFormat(LuaState lua, long state) {
    this.lua = lua;
    this.state = state;
    at = CheckedArguments.string(lua, state, 1);
  }

  boolean bigEndian() {
    return bigEndian;
  }

  /// The option's own size: 0 for those that have none.
  long size() {
    return size;
  }

  /// The next option with its size; 0 at the end.
  int next() {
    option = LuaLibrary.byteAt(at);
    if (option == 0) {
      return 0;
    }
    at++;
    if ((++steps & LuaOutput.STEPS_BETWEEN_BREATHS) == 0) {
      lua.breathe(state);
    }
    size =
        switch (option) {
          case 'b', 'B', 'x' -> 1;
          case 'h', 'H' -> Short.BYTES;
          case 'l', 'L', 'T' -> Long.BYTES;
          case 'f' -> Float.BYTES;
          case 'd' -> Double.BYTES;
          case 'c' -> count(1);
          case 'i', 'I' -> integerSize();
          default -> 0;
        };
    return option;
  }

  private long integerSize() {
    int bytes = count(Integer.BYTES);
    if (bytes > MOST_INTEGER_BYTES) {
      throw LuaError.at(
          "integral size " + bytes + " is larger than limit of " + MOST_INTEGER_BYTES);
    }
    return bytes;
  }

  private int count(int absent) {
    int digit = LuaLibrary.byteAt(at);
    if (digit < '0' || digit > '9') {
      return absent;
    }
    long count = 0;
    while (digit >= '0' && digit <= '9') {
      count = count * 10 + digit - '0';
      if (count > Integer.MAX_VALUE) {
        throw LuaError.at("integral size overflow");
      }
      digit = LuaLibrary.byteAt(++at);
    }
    return (int) count;
  }

  /// Bytes to skip at a position so that the option stands where it should.
  int padding(long position) {
    if (size == 0 || option == 'c') {
      return 0;
    }
    long unit = Math.min(size, alignment);
    return (int) ((unit - (position & (unit - 1))) & (unit - 1));
  }

  /// Obeys an option that stands for no value.
  void control() {
    switch (option) {
      case ' ' -> {}
      case '<' -> bigEndian = false;
      case '>' -> bigEndian = true;
      case '!' -> {
        int wanted = count(DEFAULT_ALIGNMENT);
        if (Integer.bitCount(wanted) != 1) {
          throw LuaError.at("alignment " + wanted + " is not a power of 2");
        }
        alignment = wanted;
      }
      default ->
          throw CheckedArguments.wrong(
              lua, state, 1, "invalid format option '" + (char) option + "'");
    }
  }

  /// Whether it is a letter or a digit: those that are no options are ignored where only the size
  /// is asked for.
  boolean isAlphanumeric() {
    return option >= 'a' && option <= 'z'
        || option >= 'A' && option <= 'Z'
        || option >= '0' && option <= '9';
  }
}
