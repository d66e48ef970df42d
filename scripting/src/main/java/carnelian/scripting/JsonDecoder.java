package carnelian.scripting;

import carnelian.scripting.JsonTokens.Token;
import java.util.Arrays;

/// Makes values of Lua from the tokens of a JSON text, without recursion: how deep they go is the
/// script's choice, up to what Lua's stack has room for.
final class JsonDecoder {
  private static final int OBJECT = -1;

  /// More than the parts of an empty table that fills an element of another.
  private static final int LEAST_VALUE_BYTES = 128;

  private final LuaState lua;
  private final long state;
  private final JsonTokens tokens;
  private final int maxDepth;

  /// For each open table: how many elements it has, or [#OBJECT].
  private int[] lengths = new int[16];

  private int depth;

  JsonDecoder(LuaState lua, long state, JsonTokens tokens, int maxDepth) {
    this.lua = lua;
    this.state = state;
    this.tokens = tokens;
    this.maxDepth = maxDepth;
  }

  /// Pushes the value of the whole text.
  void decode() {
    tokens.next();
    do {
      if (begin()) {
        closeFinished();
      }
    } while (depth > 0);
    if (tokens.next() != Token.END) {
      throw tokens.unexpected("the end");
    }
  }

  /// Pushes the value that the token begins; false if it is a table whose first value is next.
  private boolean begin() {
    lua.requireMemory(state, LEAST_VALUE_BYTES);
    switch (tokens.token()) {
      case STRING -> tokens.pushString();
      case NUMBER -> LuaLibrary.pushNumber(state, tokens.number());
      case TRUE -> LuaLibrary.pushBoolean(state, true);
      case FALSE -> LuaLibrary.pushBoolean(state, false);
      case NULL -> LuaLibrary.pushLightUserdata(state, 0);
      case OBJECT_BEGIN -> {
        return openObject();
      }
      case ARRAY_BEGIN -> {
        return openArray();
      }
      case OBJECT_END, ARRAY_END, COLON, COMMA, END -> throw tokens.unexpected("value");
      case INVALID_TOKEN, INVALID_NUMBER, INVALID_ESCAPE, INVALID_UNICODE, UNFINISHED_STRING ->
          throw tokens.unexpected("value");
    }
    return true;
  }

  private boolean openObject() {
    open(3, OBJECT);
    if (tokens.next() == Token.OBJECT_END) {
      depth--;
      return true;
    }
    key();
    return false;
  }

  private boolean openArray() {
    open(2, 0);
    if (tokens.next() == Token.ARRAY_END) {
      depth--;
      return true;
    }
    return false;
  }

  private void open(int slots, int length) {
    int next = depth + 1;
    if (next > maxDepth || !LuaLibrary.reserve(state, slots)) {
      throw LuaError.at(
          "Found too many nested data structures ("
              + next
              + ") at character "
              + (int) tokens.position());
    }
    LuaLibrary.createTable(state, 0, 0);
    if (depth == lengths.length) {
      lengths = Arrays.copyOf(lengths, depth * 2);
    }
    lengths[depth++] = length;
  }

  /// Pushes the key that the token is and goes on to its value.
  private void key() {
    if (tokens.token() != Token.STRING) {
      throw tokens.unexpected("object key string");
    }
    tokens.pushString();
    if (tokens.next() != Token.COLON) {
      throw tokens.unexpected("colon");
    }
    tokens.next();
  }

  /// A value is complete: puts it where it belongs, and all tables that end with it. Then the token
  /// is the beginning of the next value, unless there is none.
  private void closeFinished() {
    while (depth > 0) {
      boolean object = lengths[depth - 1] == OBJECT;
      if (object) {
        LuaLibrary.rawSet(state, -3);
      } else {
        LuaLibrary.rawSet(state, -2, ++lengths[depth - 1]);
      }
      Token token = tokens.next();
      if (token == (object ? Token.OBJECT_END : Token.ARRAY_END)) {
        depth--;
        continue;
      }
      if (token != Token.COMMA) {
        throw tokens.unexpected(object ? "comma or object end" : "comma or array end");
      }
      tokens.next();
      if (object) {
        key();
      }
      return;
    }
  }
}
