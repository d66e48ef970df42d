package carnelian.scripting;

import java.nio.charset.StandardCharsets;
import java.util.function.IntBinaryOperator;

/// The library `bit`: operations on the low 32 bits of numbers, with signed results.
final class BitLibrary {
  /// Added to a number, this leaves its integer part in the low bits of the sum: 2⁵² + 2⁵¹.
  private static final double LOW_BITS = 6755399441055744.0;

  private static final int HEX_DIGITS = 8;

  private BitLibrary() {}

  static void define(LuaState lua) {
    lua.define("bit.tobit", (l, state) -> result(state, bits(l, state, 1)));
    lua.define("bit.bnot", (l, state) -> result(state, ~bits(l, state, 1)));
    lua.define("bit.band", (l, state) -> all(l, state, (a, b) -> a & b));
    lua.define("bit.bor", (l, state) -> all(l, state, (a, b) -> a | b));
    lua.define("bit.bxor", (l, state) -> all(l, state, (a, b) -> a ^ b));
    lua.define("bit.lshift", (l, state) -> shifted(l, state, (a, n) -> a << n));
    lua.define("bit.rshift", (l, state) -> shifted(l, state, (a, n) -> a >>> n));
    lua.define("bit.arshift", (l, state) -> shifted(l, state, (a, n) -> a >> n));
    lua.define("bit.rol", (l, state) -> shifted(l, state, Integer::rotateLeft));
    lua.define("bit.ror", (l, state) -> shifted(l, state, Integer::rotateRight));
    lua.define("bit.bswap", (l, state) -> result(state, Integer.reverseBytes(bits(l, state, 1))));
    lua.define("bit.tohex", BitLibrary::toHex);
  }

  private static int bits(LuaState lua, long state, int index) {
    double shifted = LuaLibrary.toNumber(state, index) + LOW_BITS;
    int bits = (int) Double.doubleToRawLongBits(shifted);
    if (bits == 0 && !LuaLibrary.isNumber(state, index)) {
      throw CheckedArguments.wrongType(lua, state, index, "number");
    }
    return bits;
  }

  private static int result(long state, int bits) {
    LuaLibrary.pushNumber(state, bits);
    return 1;
  }

  private static int all(LuaState lua, long state, IntBinaryOperator operation) {
    int bits = bits(lua, state, 1);
    for (int i = LuaLibrary.top(state); i > 1; i--) {
      bits = operation.applyAsInt(bits, bits(lua, state, i));
    }
    return result(state, bits);
  }

  private static int shifted(LuaState lua, long state, IntBinaryOperator operation) {
    int bits = bits(lua, state, 1);
    return result(state, operation.applyAsInt(bits, bits(lua, state, 2) & 31));
  }

  /// Digits are counted from the right; a negative number of them asks for capitals.
  private static int toHex(LuaState lua, long state) {
    int bits = bits(lua, state, 1);
    int digits = LuaLibrary.type(state, 2) == LuaLibrary.NONE ? HEX_DIGITS : bits(lua, state, 2);
    String alphabet = digits < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    int count = digits == Integer.MIN_VALUE ? HEX_DIGITS : Math.min(Math.abs(digits), HEX_DIGITS);
    byte[] hex = new byte[count];
    for (int i = count - 1; i >= 0; i--) {
      hex[i] = (byte) alphabet.charAt(bits & 0xF);
      bits >>>= 4;
    }
    lua.push(state, new String(hex, StandardCharsets.US_ASCII));
    return 1;
  }
}
