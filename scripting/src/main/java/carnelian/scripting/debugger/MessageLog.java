package carnelian.scripting.debugger;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What the user will see next: lines that gather until they are sent, as one array of status
/// replies.
///
/// Values are cut at the length that the user has chosen; where that is none, at [#LONGEST_BYTES],
/// and what gathers in all at [#MOST_BYTES].
public final class MessageLog {
  private static final int DEFAULT_LENGTH = 256;
  private static final int LEAST_LENGTH = 60;

  /// Of one line.
  static final int LONGEST_BYTES = 1 << 20;

  /// Of all lines between two stops.
  static final int MOST_BYTES = 16 << 20;

  private static final String TRIMMED =
      "<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.";
  private static final String DROPPED = "<hint> There was more, which was dropped.";

  private final List<String> lines = new ArrayList<>();
  private int bytes;
  private boolean dropping;
  private int length = DEFAULT_LENGTH;
  private boolean hinted;

  public void add(String line) {
    if (bytes + line.length() > MOST_BYTES) {
      if (!dropping) {
        dropping = true;
        lines.add(DROPPED);
      }
      return;
    }
    bytes += line.length() + 3; // On the wire.
    lines.add(line);
  }

  /// A text that is as long as a line may be, for [#addValue].
  public BoundedText text(String prefix) {
    return new BoundedText(LONGEST_BYTES).add(prefix);
  }

  /// A text that is as long as the user wants values, for [#addValue].
  public BoundedText value(String prefix) {
    return new BoundedText(length == 0 ? LONGEST_BYTES : Math.min(length, LONGEST_BYTES))
        .add(prefix);
  }

  /// Adds what was written to such a text; that there was more can be seen.
  public void addValue(BoundedText value) {
    add(value.isFull() ? value.kept() + " ..." : value.kept());
    if (value.isFull() && length != 0 && !hinted) {
      hinted = true;
      add(TRIMMED);
    }
  }

  /// The user says how much of a value is to be shown; 0 is all.
  void length(int chosen) {
    hinted = true; // Who knows this command needs no hint.
    length = chosen == 0 ? 0 : Math.max(chosen, LEAST_LENGTH);
  }

  /// 0 is all.
  int length() {
    return length;
  }

  /// All lines since the last time, as they are sent.
  byte[] take() {
    ByteArrayOutputStream sent = new ByteArrayOutputStream(bytes + 16);
    write(sent, "*" + lines.size());
    for (String line : lines) {
      write(sent, "+" + line.replace('\r', ' ').replace('\n', ' '));
    }
    lines.clear();
    bytes = 0;
    dropping = false;
    return sent.toByteArray();
  }

  private static void write(ByteArrayOutputStream to, String line) {
    to.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }
}
