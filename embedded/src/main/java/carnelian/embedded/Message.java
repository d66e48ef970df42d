package carnelian.embedded;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a [Session] is told without having asked: what is published on its channels, and what a
/// client that caches has to forget.
///
/// @param kind `message`, `pmessage`, `smessage`, `invalidate` or `tracking-redir-broken`
/// @param pattern what the channel matches, of a `pmessage`
/// @param channel where it was published; empty if it was not
/// @param payload what was published, or a list of keys; nothing if all keys are to be forgotten
public record Message(String kind, @Nullable String pattern, String channel, Reply payload) {

  static Message of(List<Reply> items) {
    String kind = text(items, 0);
    return switch (kind) {
      case "message", "smessage" -> new Message(kind, null, text(items, 1), items.get(2));
      case "pmessage" -> new Message(kind, text(items, 1), text(items, 2), items.get(3));
      default -> new Message(kind, null, "", items.size() > 1 ? items.get(1) : new Reply.Nil());
    };
  }

  private static String text(List<Reply> items, int index) {
    return String.valueOf(items.get(index).asString());
  }

  /// The payload read as UTF-8.
  public String text() {
    return String.valueOf(payload.asString());
  }
}
