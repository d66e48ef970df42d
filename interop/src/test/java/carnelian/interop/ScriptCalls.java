package carnelian.interop;

import java.util.List;
import java.util.SplittableRandom;

/// Random EVALs that call one function of a library and return all that came of it as text.
final class ScriptCalls {
  /// A library, by the way its calls are made up.
  enum Library {
    BIT,
    CJSON_DECODE,
    CJSON_ENCODE,
    CJSON_SETTINGS,
    CMSGPACK_PACK,
    CMSGPACK_UNPACK,
    STRUCT_PACK,
    STRUCT_UNPACK
  }

  /// Tables are shown in their own order, unless addresses decide it.
  private static final String SHOW =
      """
      local function show(v)
        local t = type(v)
        if t == 'table' then
          local r, unordered = {}, false
          for k, e in pairs(v) do
            r[#r + 1] = show(k) .. '=' .. show(e)
            unordered = unordered or type(k) == 'table'
          end
          if unordered then table.sort(r) end
          return '{' .. table.concat(r, ',') .. '}'
        end
        if t == 'number' then return string.format('%.17g', v) end
        if t == 'userdata' then return v == cjson.null and 'null' or t end
        return t .. ':' .. tostring(v)
      end
      local function all(...)
        local r = {}
        for i = 1, select('#', ...) do r[i] = show((select(i, ...))) end
        return table.concat(r, ' ')
      end
      """;

  private static final List<String> WORDS =
      List.of(
          "true",
          "false",
          "null",
          "nan",
          "inf",
          "-inf",
          "Infinity",
          "NaN",
          "-nan",
          "nan(0x12)",
          "+1",
          "+",
          "-",
          "tru",
          "nul",
          "0x",
          "0x1F",
          "-0x1.8p-3",
          "0x.p1",
          "0x1p",
          "007",
          "1.",
          "-.5",
          ".5",
          "1e",
          "1e+",
          "1e400",
          "1e-400",
          "4.9e-324",
          "2.4703282292062328e-324",
          "9007199254740993",
          "179769313486231580793e289",
          "0.1",
          "-0",
          "1E5");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "1",
          "-1",
          "127",
          "128",
          "255",
          "256",
          "-32",
          "-33",
          "-128",
          "-129",
          "32767",
          "65535",
          "65536",
          "2^31",
          "2^31-1",
          "-2^31",
          "-2^31-1",
          "2^32",
          "2^32-1",
          "2^53",
          "2^53+2",
          "2^63",
          "-2^63",
          "2^64",
          "-2^64",
          "2^65",
          "1/0",
          "-1/0",
          "0/0",
          "-(0/0)",
          "0.1",
          "1/3",
          "0.5",
          "-1.5",
          "2.5",
          "1e15",
          "99999999999999",
          "123456789012345",
          "1e14",
          "1e-5",
          "5e-324",
          "1e300",
          "3.4e38",
          "3.5e38",
          "1e-46",
          "0.1+0.2",
          "100",
          "1000",
          "4097");

  private static final String OPTIONS = "bBhHlLTiIiIfdsxcc<>! !";
  private static final List<String> BIT_FUNCTIONS =
      List.of(
          "tobit", "bnot", "band", "bor", "bxor", "lshift", "rshift", "arshift", "rol", "ror",
          "bswap", "tohex");

  private final SplittableRandom random;

  ScriptCalls(long seed) {
    random = new SplittableRandom(seed);
  }

  String[] next(Library library) {
    return switch (library) {
      case BIT -> call("bit." + any(BIT_FUNCTIONS) + numbers());
      case CJSON_DECODE -> call("cjson.decode, ARGV[1]", mutated(json(0)));
      case CJSON_ENCODE -> call("cjson.encode, " + value(0));
      case CJSON_SETTINGS -> settings();
      case CMSGPACK_PACK -> call("cmsgpack.pack" + values());
      case CMSGPACK_UNPACK -> unpack();
      case STRUCT_PACK -> call("struct." + (chance(10) ? "size" : "pack") + ", ARGV[1]", format());
      case STRUCT_UNPACK -> call("struct.unpack, ARGV[1], ARGV[2]" + offset(), format(), data());
    };
  }

  private String[] call(String functionAndArguments, String... arguments) {
    String code = functionAndArguments;
    if (code.startsWith("struct.pack")) {
      code += values();
    }
    int comma = code.indexOf(',');
    String plain =
        comma < 0
            ? code + "()"
            : code.substring(0, comma) + "(" + code.substring(comma + 1).strip() + ")";
    String script = SHOW + "return all(" + (chance(4) ? plain : "pcall(" + code + ")") + ")";
    String[] command = new String[3 + arguments.length];
    command[0] = "EVAL";
    command[1] = script;
    command[2] = "0";
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    return command;
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String bytes(int most) {
    int length = random.nextInt(most + 1);
    StringBuilder bytes = new StringBuilder();
    boolean plain = random.nextBoolean();
    for (int i = 0; i < length; i++) {
      bytes.append((char) (plain ? random.nextInt('a', 'z' + 1) : random.nextInt(256)));
    }
    return bytes.toString();
  }

  private String mutated(String text) {
    StringBuilder mutated = new StringBuilder(text);
    while (chance(2)) {
      int at = random.nextInt(mutated.length() + 1);
      switch (random.nextInt(4)) {
        case 0 -> mutated.setLength(at);
        case 1 -> mutated.insert(at, (char) random.nextInt(256));
        case 2 -> mutated.insert(at, "{}[],:\"\\ \0tfn-0".charAt(random.nextInt(15)));
        default -> {
          if (at < mutated.length()) {
            mutated.deleteCharAt(at);
          }
        }
      }
    }
    return mutated.toString();
  }

  // ---- JSON ------------------------------------------------------------------------------------

  private String json(int depth) {
    int kind = random.nextInt(depth > 5 ? 6 : 9);
    return switch (kind) {
      case 0, 1 -> jsonString();
      case 2, 3 -> jsonNumber();
      case 4 -> any(WORDS);
      case 5 -> any(List.of("true", "false", "null"));
      default -> {
        boolean object = kind == 6;
        StringBuilder text = new StringBuilder(object ? "{" : "[");
        int count = chance(8) ? random.nextInt(40) : random.nextInt(5);
        for (int i = 0; i < count; i++) {
          text.append(i > 0 ? "," : "").append(chance(6) ? " \n" : "");
          if (object) {
            text.append(jsonString()).append(chance(6) ? "\t: " : ":");
          }
          text.append(json(depth + 1));
        }
        yield text.append(object ? "}" : "]").toString();
      }
    };
  }

  private String jsonString() {
    StringBuilder text = new StringBuilder("\"");
    int parts = random.nextInt(5);
    for (int i = 0; i < parts; i++) {
      switch (random.nextInt(8)) {
        case 0 -> text.append('\\').append("\"\\/bfnrtuxq0".charAt(random.nextInt(12)));
        case 1 -> text.append(String.format("\\u%04X", random.nextInt(0x10000)));
        case 2 -> text.append(String.format("\\ud83%x\\ude%02x", random.nextInt(16), 7));
        case 3 -> text.append(bytes(6).replace("\"", "").replace("\\", ""));
        default -> text.append((char) random.nextInt('a', 'f'));
      }
    }
    return text.append('"').toString();
  }

  private String jsonNumber() {
    return switch (random.nextInt(6)) {
      case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
      case 1 -> Long.toString(random.nextLong());
      case 2 -> Double.toHexString(Double.longBitsToDouble(random.nextLong()));
      case 3 -> digits(40) + "." + digits(900) + "e" + random.nextInt(-400, 400);
      case 4 -> "-" + digits(5) + "." + digits(5);
      default -> Integer.toString(random.nextInt(1000));
    };
  }

  private String digits(int most) {
    StringBuilder digits = new StringBuilder();
    for (int i = random.nextInt(most); i > 0; i--) {
      digits.append((char) random.nextInt('0', '9' + 1));
    }
    return digits.toString();
  }

  private String[] settings() {
    String call =
        switch (random.nextInt(9)) {
          case 0 -> "encode_max_depth, " + setting(8);
          case 1 -> "decode_max_depth, " + setting(8);
          case 2 -> "encode_number_precision, " + setting(16);
          case 3 -> "encode_sparse_array, " + choice() + ", " + setting(4) + ", " + setting(12);
          case 4 -> "encode_invalid_numbers, " + (chance(3) ? "'null'" : choice());
          case 5 -> "decode_invalid_numbers, " + choice();
          case 6 -> "encode_keep_buffer, " + choice();
          case 7 -> "decode, ARGV[1]";
          default -> "encode, " + value(0);
        };
    return call("cjson." + call, mutated(json(0)));
  }

  private String setting(int most) {
    return chance(6)
        ? any(List.of("nil", "'7'", "{}", "-1", "1e10", "2.7"))
        : "" + random.nextInt(most);
  }

  private String choice() {
    return any(List.of("true", "false", "'on'", "'off'", "nil", "'no'", "1", "{}"));
  }

  // ---- Values of Lua ---------------------------------------------------------------------------

  private String numbers() {
    StringBuilder list = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      list.append(", ").append(chance(12) ? any(List.of("nil", "{}", "'0x1f'", "'x'")) : number());
    }
    return list.toString();
  }

  private String number() {
    return switch (random.nextInt(4)) {
      case 0 -> Integer.toString(random.nextInt());
      case 1 -> Double.toString(random.nextDouble() * random.nextInt(1_000_000));
      default -> any(NUMBERS);
    };
  }

  private String values() {
    StringBuilder list = new StringBuilder();
    for (int i = random.nextInt(5); i > 0; i--) {
      list.append(", ").append(value(1));
    }
    return list.toString();
  }

  private String value(int depth) {
    int kind = random.nextInt(depth > 4 ? 8 : 12);
    return switch (kind) {
      case 0, 1, 2 -> number();
      case 3, 4 -> literal(bytes(chance(8) ? 300 : 8));
      case 5 -> any(List.of("true", "false", "nil", "cjson.null"));
      case 6 -> Integer.toString(random.nextInt(50));
      case 7 -> chance(10) ? any(List.of("print", "coroutine.create(show)")) : "1";
      default -> table(depth);
    };
  }

  private String table(int depth) {
    StringBuilder text = new StringBuilder("{");
    int kind = random.nextInt(4);
    for (int i = chance(10) ? random.nextInt(70) : random.nextInt(5); i > 0; i--) {
      if (kind == 1 || kind == 3 && chance(2)) {
        text.append('[').append(literal(bytes(3))).append("]=");
      } else if (kind == 2) {
        text.append('[').append(chance(5) ? key() : "" + random.nextInt(-1, 14)).append("]=");
      }
      text.append(value(depth + 1)).append(',');
    }
    return text.append('}').toString();
  }

  private String key() {
    return any(List.of("1.5", "2^31", "2^31-1", "1e10", "1/0", "-1", "true", "2^53", "0.1"));
  }

  private static String literal(String bytes) {
    StringBuilder text = new StringBuilder("'");
    bytes.chars().forEach(c -> text.append(String.format("\\%03d", c)));
    return text.append('\'').toString();
  }

  // ---- MessagePack -----------------------------------------------------------------------------

  private String[] unpack() {
    String message = mutated(message(0) + (chance(3) ? message(0) : ""));
    return switch (random.nextInt(4)) {
      case 0 -> call("cmsgpack.unpack_one, ARGV[1]" + offset(), message);
      case 1 -> call("cmsgpack.unpack_limit, ARGV[1], " + setting(4) + offset(), message);
      default -> call("cmsgpack.unpack, ARGV[1]", message);
    };
  }

  private String message(int depth) {
    int kind = random.nextInt(depth > 5 ? 6 : 9);
    return switch (kind) {
      case 0 -> "" + (char) random.nextInt(256) + bytes(9);
      case 1 -> "" + (char) random.nextInt(0xC0, 0xE0) + bytes(9);
      case 2, 3 -> "" + (char) random.nextInt(128);
      case 4 -> sized(0xA0, 0xD9, bytes(31));
      case 5 -> "\u00c0";
      case 6 -> collection(0x80, 0xDE, 2, depth);
      default -> collection(0x90, 0xDC, 1, depth);
    };
  }

  private String sized(int fixed, int tag, String bytes) {
    int length = bytes.length();
    return switch (random.nextInt(4)) {
      case 0 -> (char) tag + "" + (char) length + bytes;
      case 1 -> (char) (tag + 1) + "\0" + (char) length + bytes;
      case 2 -> (char) (tag + 2) + "\0\0\0" + (char) length + bytes;
      default -> (char) (fixed | length) + bytes;
    };
  }

  private String collection(int fixed, int tag, int parts, int depth) {
    int count = random.nextInt(6);
    StringBuilder message = new StringBuilder();
    switch (random.nextInt(4)) {
      case 0 -> message.append((char) tag).append('\0').append((char) count);
      case 1 -> message.append((char) (tag + 1)).append("\0\0\0").append((char) count);
      default -> message.append((char) (fixed | count));
    }
    for (int i = 0; i < count * parts; i++) {
      message.append(message(depth + 1));
    }
    return message.toString();
  }

  // ---- Structs ---------------------------------------------------------------------------------

  private String format() {
    StringBuilder format = new StringBuilder();
    for (int i = random.nextInt(7); i > 0; i--) {
      char option = OPTIONS.charAt(random.nextInt(OPTIONS.length()));
      format.append(option);
      if ("iIc!".indexOf(option) >= 0 && !chance(3)) {
        format.append(chance(20) ? any(List.of("33", "2147483647", "99999999999")) : size(option));
      }
    }
    return chance(8) ? mutated(format.toString()) : format.toString();
  }

  private String size(char option) {
    return Integer.toString(option == '!' ? 1 << random.nextInt(6) : random.nextInt(12));
  }

  private String data() {
    return chance(3)
        ? "\2ab\0" + bytes(20) + "\0" + bytes(40)
        : bytes(30) + (chance(2) ? "\0" : "") + bytes(60);
  }

  private String offset() {
    return chance(3) ? ", " + (chance(8) ? "-" + random.nextInt(9) : "" + random.nextInt(20)) : "";
  }
}
