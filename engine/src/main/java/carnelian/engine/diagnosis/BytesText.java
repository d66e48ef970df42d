package carnelian.engine.diagnosis;

import java.util.HexFormat;

/// Bytes of keys in texts for people and programs.
public final class BytesText {
  private BytesText() {}

  /// Printable ASCII as it is, everything else as `\x` and two digits; `\` and `"` with a `\`
  /// before them. Different bytes give different texts.
  public static String escaped(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b == '"' || b == '\\') {
        text.append('\\').append((char) b);
      } else if (b >= ' ' && b <= '~') {
        text.append((char) b);
      } else {
        text.append("\\x").append(HexFormat.of().toHexDigits(b));
      }
    }
    return text.toString();
  }

  /// Whether it can stand in a shell's command within single quotes, and in a pattern of SCAN as
  /// itself.
  public static boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      boolean letter = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
      if (!letter && ":/|.#_-{}@=+,".indexOf(b) < 0) {
        return false;
      }
    }
    return true;
  }
}
