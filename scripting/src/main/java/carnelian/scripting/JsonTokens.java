package carnelian.scripting;

import java.nio.charset.StandardCharsets;

/// Takes a JSON text apart as `cjson.decode` does. The text ends at its first zero byte, which Lua
/// puts behind every string; nothing is read beyond.
final class JsonTokens implements AutoCloseable {
  /// What a token is, by the name that errors give it.
  enum Token {
    OBJECT_BEGIN("T_OBJ_BEGIN"),
    OBJECT_END("T_OBJ_END"),
    ARRAY_BEGIN("T_ARR_BEGIN"),
    ARRAY_END("T_ARR_END"),
    STRING("T_STRING"),
    NUMBER("T_NUMBER"),
    TRUE("T_BOOLEAN"),
    FALSE("T_BOOLEAN"),
    NULL("T_NULL"),
    COLON("T_COLON"),
    COMMA("T_COMMA"),
    END("T_END"),
    INVALID_TOKEN("invalid token"),
    INVALID_NUMBER("invalid number"),
    INVALID_ESCAPE("invalid escape code"),
    INVALID_UNICODE("invalid unicode escape code"),
    UNFINISHED_STRING("unexpected end of string");

    private final String text;

    Token(String text) {
      this.text = text;
    }
  }

  private static final int SURROGATE_BITS = 0xF800;
  private static final int HALF_BITS = 0xFC00;
  private static final int HIGH = 0xD800;
  private static final int LOW = 0xDC00;

  private final LuaState lua;
  private final long state;
  private final long text;
  private final boolean takesInvalidNumbers;
  private final ScannedNumber number = new ScannedNumber();
  private final LuaOutput unescaped;
  private long at;
  private long tokenAt;
  private long stringAt;
  private long stringBytes;
  private Token token = Token.END;

  JsonTokens(LuaState lua, long state, long text, boolean takesInvalidNumbers) {
    this.lua = lua;
    this.state = state;
    this.text = text;
    this.takesInvalidNumbers = takesInvalidNumbers;
    unescaped = new LuaOutput(lua, state);
    at = text;
  }

  /// Bytes that have been read.
  long position() {
    return at - text;
  }

  /// The token that [#next] has found.
  Token token() {
    return token;
  }

  double number() {
    return number.value();
  }

  /// Pushes the string that is the token.
  void pushString() {
    lua.requireMemory(state, stringBytes);
    LuaLibrary.pushString(state, stringAt, stringBytes);
  }

  /// The complaint that the token is not what was expected.
  LuaError unexpected(String expected) {
    return LuaError.at(
        "Expected "
            + expected
            + " but found "
            + token.text
            + " at character "
            + (int) (tokenAt - text + 1));
  }

  Token next() {
    unescaped.step();
    int c = LuaLibrary.byteAt(at);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      c = LuaLibrary.byteAt(++at);
    }
    tokenAt = at;
    token =
        switch (c) {
          case 0 -> Token.END;
          case '{' -> single(Token.OBJECT_BEGIN);
          case '}' -> single(Token.OBJECT_END);
          case '[' -> single(Token.ARRAY_BEGIN);
          case ']' -> single(Token.ARRAY_END);
          case ':' -> single(Token.COLON);
          case ',' -> single(Token.COMMA);
          case '"' -> string();
          case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
              takesInvalidNumbers || !isInvalidNumber()
                  ? numberToken()
                  : failed(Token.INVALID_NUMBER);
          case 't' -> word("true", Token.TRUE);
          case 'f' -> word("false", Token.FALSE);
          case 'n' -> word("null", Token.NULL);
          case 'N', 'i', 'I', '+' -> otherNumber();
          default -> Token.INVALID_TOKEN;
        };
    return token;
  }

  private Token single(Token found) {
    at++;
    return found;
  }

  /// An error is where reading stopped.
  private Token failed(Token error) {
    tokenAt = at;
    return error;
  }

  private Token word(String word, Token found) {
    if (matches(at, word)) {
      at += word.length();
      return found;
    }
    return otherNumber();
  }

  private static boolean matches(long at, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (LuaLibrary.byteAt(at + i) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  // ---- Numbers ---------------------------------------------------------------------------------

  private Token otherNumber() {
    return takesInvalidNumbers && isInvalidNumber() ? numberToken() : Token.INVALID_TOKEN;
  }

  private Token numberToken() {
    long end = number.read(at);
    if (end == at) {
      return failed(Token.INVALID_NUMBER);
    }
    at = end;
    return Token.NUMBER;
  }

  /// Whether C reads what JSON does not allow: a sign `+`, hexadecimal digits, zeros in front,
  /// infinity and what is not a number.
  private boolean isInvalidNumber() {
    long from = at;
    int c = LuaLibrary.byteAt(from);
    if (c == '+') {
      return true;
    }
    if (c == '-') {
      c = LuaLibrary.byteAt(++from);
    }
    if (c == '0') {
      int second = LuaLibrary.byteAt(from + 1);
      return (second | 0x20) == 'x' || second >= '0' && second <= '9';
    }
    return ScannedNumber.isWord(from, "inf") || ScannedNumber.isWord(from, "nan");
  }

  // ---- Strings ---------------------------------------------------------------------------------

  private Token string() {
    at++;
    long from = at;
    unescaped.clear();
    boolean escaped = false;
    while (true) {
      int c = LuaLibrary.byteAt(at);
      if (c == '"') {
        break;
      }
      if (c == 0) {
        return failed(Token.UNFINISHED_STRING);
      }
      if (c == '\\') {
        keep(from);
        escaped = true;
        Token error = escape();
        if (error != Token.STRING) {
          return failed(error);
        }
        from = at;
      } else {
        at++;
      }
    }
    if (escaped) {
      keep(from);
      stringAt = unescaped.address();
      stringBytes = unescaped.length();
    } else {
      stringAt = from;
      stringBytes = at - from;
    }
    at++;
    return Token.STRING;
  }

  /// Takes what lies before an escape or the end as it is.
  private void keep(long from) {
    unescaped.put(from, (int) (at - from));
  }

  private Token escape() {
    int c = LuaLibrary.byteAt(at + 1);
    int meaning =
        switch (c) {
          case '"', '\\', '/' -> c;
          case 'b' -> '\b';
          case 't' -> '\t';
          case 'n' -> '\n';
          case 'f' -> '\f';
          case 'r' -> '\r';
          default -> 0;
        };
    if (meaning != 0) {
      unescaped.put(meaning);
      at += 2;
      return Token.STRING;
    }
    return c == 'u' ? unicode() : Token.INVALID_ESCAPE;
  }

  private Token unicode() {
    int code = hexadecimal(at + 2);
    if (code < 0) {
      return Token.INVALID_UNICODE;
    }
    int bytes = 6;
    if ((code & SURROGATE_BITS) == HIGH) {
      boolean isPair =
          (code & HALF_BITS) == HIGH
              && LuaLibrary.byteAt(at + 6) == '\\'
              && LuaLibrary.byteAt(at + 7) == 'u';
      int low = isPair ? hexadecimal(at + 8) : -1;
      if (low < 0 || (low & HALF_BITS) != LOW) {
        return Token.INVALID_UNICODE;
      }
      code = Character.toCodePoint((char) code, (char) low);
      bytes = 12;
    }
    unescaped.put(Character.toString(code).getBytes(StandardCharsets.UTF_8));
    at += bytes;
    return Token.STRING;
  }

  /// Four digits, or -1. A zero byte is none, so nothing behind the text is read.
  private static int hexadecimal(long at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(LuaLibrary.byteAt(at + i), 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  @Override
  public void close() {
    unescaped.close();
  }
}
