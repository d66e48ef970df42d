package carnelian.scripting;

/// The library `struct`: values to and from bytes as C lays them out.
final class StructLibrary {
  private StructLibrary() {}

  static void define(LuaState lua) {
    lua.define("struct.pack", StructLibrary::pack);
    lua.define("struct.unpack", StructLibrary::unpack);
    lua.define("struct.size", StructLibrary::size);
  }

  // ---- Packing ---------------------------------------------------------------------------------

  private static int pack(LuaState lua, long state) {
    StructFormat format = new StructFormat(lua, state);
    LuaLibrary.pushNil(state); // What is read in place of an argument that is missing.
    try (LuaOutput out = new LuaOutput(lua, state)) {
      int argument = 2;
      long position = 0;
      int option;
      while ((option = format.next()) != 0) {
        for (int i = format.padding(position); i > 0; i--) {
          out.put(0);
          position++;
        }
        long size = format.size();
        switch (option) {
          case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I' -> {
            double value = CheckedArguments.number(lua, state, argument++);
            long bits =
                value < 0
                    ? CheckedArguments.truncated(value)
                    : CheckedArguments.truncatedUnsigned(value);
            out.putInteger(bits, (int) size, format.bigEndian());
          }
          case 'x' -> out.put(0);
          case 'f' -> {
            float value = (float) CheckedArguments.number(lua, state, argument++);
            out.putInteger(
                Float.floatToRawIntBits(value) & 0xFFFFFFFFL, Float.BYTES, format.bigEndian());
          }
          case 'd' -> {
            double value = CheckedArguments.number(lua, state, argument++);
            out.putInteger(Double.doubleToRawLongBits(value), Double.BYTES, format.bigEndian());
          }
          case 'c', 's' -> {
            size = putString(lua, state, argument++, size, out);
            if (option == 's') {
              out.put(0);
              size++;
            }
          }
          default -> format.control();
        }
        position += size;
      }
      out.push();
    }
    return 1;
  }

  /// Puts so many bytes of a string, or all for 0; returns how many these are.
  private static long putString(
      LuaState lua, long state, int argument, long wanted, LuaOutput out) {
    long at = CheckedArguments.string(lua, state, argument);
    long length = LuaLibrary.length(state, argument);
    long size = wanted == 0 ? length : wanted;
    if (length < size) {
      throw CheckedArguments.wrong(lua, state, argument + 1, "string too short");
    }
    out.put(at, (int) size);
    return size;
  }

  // ---- Unpacking -------------------------------------------------------------------------------

  private static int unpack(LuaState lua, long state) {
    StructFormat format = new StructFormat(lua, state);
    long data = CheckedArguments.string(lua, state, 2);
    long length = LuaLibrary.length(state, 2);
    long position = CheckedArguments.integer(lua, state, 3, 1);
    if (position == 0) {
      throw CheckedArguments.wrong(lua, state, 3, "offset must be 1 or greater");
    }
    position--;
    int results = 0;
    int option;
    while ((option = format.next()) != 0) {
      position += format.padding(position);
      long size = format.size();
      requireData(lua, state, position, size, length);
      if (!LuaLibrary.reserve(state, 2)) {
        throw LuaError.at("stack overflow (too many results)");
      }
      switch (option) {
        case 'b', 'h', 'l', 'i' -> {
          long bits = integer(data + position, (int) size, format.bigEndian());
          LuaLibrary.pushNumber(state, (double) signed(bits, (int) size));
          results++;
        }
        case 'B', 'H', 'L', 'T', 'I' -> {
          long bits = integer(data + position, (int) size, format.bigEndian());
          LuaLibrary.pushNumber(state, unsigned(bits));
          results++;
        }
        case 'x' -> {}
        case 'f' -> {
          int bits = (int) integer(data + position, Float.BYTES, format.bigEndian());
          LuaLibrary.pushNumber(state, Float.intBitsToFloat(bits));
          results++;
        }
        case 'd' -> {
          long bits = integer(data + position, Double.BYTES, format.bigEndian());
          LuaLibrary.pushNumber(state, Double.longBitsToDouble(bits));
          results++;
        }
        case 'c' -> {
          if (size == 0) {
            size = takeSize(state, results);
            results--;
            requireData(lua, state, position, size, length);
          }
          lua.requireMemory(state, size);
          LuaLibrary.pushString(state, data + position, size);
          results++;
        }
        case 's' -> {
          size = lengthToZero(data, position, length) + 1;
          lua.requireMemory(state, size);
          LuaLibrary.pushString(state, data + position, size - 1);
          results++;
        }
        default -> format.control();
      }
      position += size;
    }
    LuaLibrary.pushNumber(state, (double) (position + 1));
    return results + 1;
  }

  /// All are unsigned: a script may ask for any position.
  private static void requireData(LuaState lua, long state, long position, long size, long length) {
    if (Long.compareUnsigned(size, length) > 0
        || Long.compareUnsigned(position, length - size) > 0) {
      throw CheckedArguments.wrong(lua, state, 2, "data string too short");
    }
  }

  /// Takes the last result as the size of the next.
  private static long takeSize(long state, int results) {
    if (results == 0 || !LuaLibrary.isNumber(state, -1)) {
      throw LuaError.at("format 'c0' needs a previous size");
    }
    long size = CheckedArguments.truncatedUnsigned(LuaLibrary.toNumber(state, -1));
    LuaLibrary.pop(state, 1);
    return size;
  }

  private static long lengthToZero(long data, long position, long length) {
    for (long i = position; i < length; i++) {
      if (LuaLibrary.byteAt(data + i) == 0) {
        return i - position;
      }
    }
    throw LuaError.at("unfinished string in data");
  }

  private static long integer(long at, int size, boolean bigEndian) {
    long bits = 0;
    for (int i = 0; i < size; i++) {
      bits = bits << 8 | LuaLibrary.byteAt(bigEndian ? at + i : at + size - 1 - i);
    }
    return bits;
  }

  /// More than eight bytes have their sign where a shift on x86 puts it: at `size` modulo 8.
  private static long signed(long bits, int size) {
    long mask = -1L << size * 8 - 1;
    return (bits & mask) != 0 ? bits | mask : bits;
  }

  private static double unsigned(long bits) {
    return bits >= 0 ? (double) bits : (double) (bits >>> 1 | bits & 1) * 2;
  }

  // ---- Sizes -----------------------------------------------------------------------------------

  private static int size(LuaState lua, long state) {
    StructFormat format = new StructFormat(lua, state);
    long position = 0;
    int option;
    while ((option = format.next()) != 0) {
      position += format.padding(position);
      if (option == 's') {
        throw CheckedArguments.wrong(lua, state, 1, "option 's' has no fixed size");
      }
      if (option == 'c' && format.size() == 0) {
        throw CheckedArguments.wrong(lua, state, 1, "option 'c0' has no fixed size");
      }
      if (!format.isAlphanumeric()) {
        format.control();
      }
      position += format.size();
    }
    LuaLibrary.pushNumber(state, (double) position);
    return 1;
  }
}
