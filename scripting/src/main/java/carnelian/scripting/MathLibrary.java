package carnelian.scripting;

/// `math.random` as Redis has it: the numbers of `lrand48`.
final class MathLibrary {
  private static final long MULTIPLIER = 0x5DEECE66DL;
  private static final long MASK = (1L << 48) - 1;
  private static final int LOW = 0x330E;
  private static final int SHIFT = 17;

  private long x;

  private MathLibrary(long seed) {
    x = seed & MASK;
  }

  static void define(LuaState lua, long seed) {
    MathLibrary library = new MathLibrary(seed);
    lua.define("math.random", library::random);
    lua.define("math.randomseed", library::seed);
  }

  private int random(LuaState lua, long state) {
    x = x * MULTIPLIER + 0xB & MASK;
    double fraction = (double) ((x >>> SHIFT) % Integer.MAX_VALUE) / Integer.MAX_VALUE;
    switch (LuaLibrary.top(state)) {
      case 0 -> LuaLibrary.pushNumber(state, fraction);
      case 1 -> {
        int upper = (int) LuaArguments.integer(state, 1, "random");
        if (upper < 1) {
          throw LuaError.argument(1, "random", "interval is empty");
        }
        LuaLibrary.pushNumber(state, Math.floor(fraction * upper) + 1);
      }
      case 2 -> {
        int lower = (int) LuaArguments.integer(state, 1, "random");
        int upper = (int) LuaArguments.integer(state, 2, "random");
        if (lower > upper) {
          throw LuaError.argument(2, "random", "interval is empty");
        }
        LuaLibrary.pushNumber(state, Math.floor(fraction * (upper - lower + 1)) + lower);
      }
      default -> throw LuaError.at("wrong number of arguments");
    }
    return 1;
  }

  private int seed(LuaState lua, long state) {
    x = ((long) (int) LuaArguments.integer(state, 1, "randomseed") << 16 & MASK) + LOW;
    return 0;
  }
}
