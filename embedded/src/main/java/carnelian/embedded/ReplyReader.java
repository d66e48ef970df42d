package carnelian.embedded;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what the engine has written. It is trusted to be RESP.
final class ReplyReader {
  private final byte[] bytes;
  private int at;

  private ReplyReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /// What was published or became invalid. All else that has the form of a message answers a
  /// command, such as SUBSCRIBE.
  private static final Set<String> PUBLISHED =
      Set.of("message", "pmessage", "smessage", "invalidate", "tracking-redir-broken");

  /// The reply among messages; or, of several that have the form of messages (SUBSCRIBE), the last;
  /// or [Reply.Nil].
  static Reply read(byte[] bytes) {
    ReplyReader reader = new ReplyReader(bytes);
    @Nullable Reply answer = null;
    while (reader.at < bytes.length) {
      if (bytes[reader.at] != '>') {
        return reader.next();
      }
      List<Reply> items = reader.next().asList();
      if (!isPublished(items)) {
        answer = new Reply.Items(items);
      }
    }
    return answer == null ? new Reply.Nil() : answer;
  }

  /// The messages that answer nothing.
  static List<Message> messages(byte[] bytes) {
    ReplyReader reader = new ReplyReader(bytes);
    List<Message> messages = new ArrayList<>();
    while (reader.at < bytes.length) {
      boolean push = bytes[reader.at] == '>';
      Reply reply = reader.next();
      if (push && isPublished(reply.asList())) {
        messages.add(Message.of(reply.asList()));
      }
    }
    return messages;
  }

  private static boolean isPublished(List<Reply> items) {
    return PUBLISHED.contains(String.valueOf(items.getFirst().asString()));
  }

  private Reply next() {
    byte type = bytes[at++];
    return switch (type) {
      case '+' -> new Reply.Status(text(line()));
      case '-' -> new Reply.Failure(text(line()));
      case ':' -> new Reply.Whole(Long.parseLong(text(line())));
      case ',' -> new Reply.Decimal(decimal(text(line())));
      case '(' -> new Reply.Big(new BigInteger(text(line())));
      case '#' -> new Reply.Truth(text(line()).equals("t"));
      case '_' -> nil();
      case '$' -> bulk();
      case '=' -> verbatim();
      case '*' -> items();
      case '>' -> new Reply.Items(elements(length()));
      case '~' -> new Reply.Members(elements(length()));
      case '%' -> fields();
      default -> throw new IllegalStateException("not a reply: byte " + type + " at " + (at - 1));
    };
  }

  private static double decimal(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private byte[] line() {
    int start = at;
    while (bytes[at] != '\r') {
      at++;
    }
    byte[] line = Arrays.copyOfRange(bytes, start, at);
    at += 2;
    return line;
  }

  private int length() {
    return Integer.parseInt(text(line()));
  }

  private Reply nil() {
    byte[] _ = line();
    return new Reply.Nil();
  }

  private byte[] take(int length) {
    byte[] taken = Arrays.copyOfRange(bytes, at, at + length);
    at += length + 2;
    return taken;
  }

  private Reply bulk() {
    int length = length();
    return length < 0 ? new Reply.Nil() : new Reply.Bulk(take(length));
  }

  private Reply verbatim() {
    String text = text(take(length()));
    return new Reply.Verbatim(text.substring(0, 3), text.substring(4));
  }

  private Reply items() {
    int count = length();
    return count < 0 ? new Reply.Nil() : new Reply.Items(elements(count));
  }

  private List<Reply> elements(int count) {
    List<Reply> elements = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      elements.add(next());
    }
    return elements;
  }

  private Reply fields() {
    int count = length();
    List<Reply.Field> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Reply name = next();
      fields.add(new Reply.Field(name, next()));
    }
    return new Reply.Fields(fields);
  }
}
