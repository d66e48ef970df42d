package carnelian.persistence.log;

import org.jspecify.annotations.Nullable;

/// A place in the stream of all writes.
///
/// @param replicationId forty hexadecimal digits that tell one history from every other
/// @param offset bytes of that history before this place
public record Position(String replicationId, long offset) {
  /// How long a replication ID is.
  public static final int ID_DIGITS = 40;

  public Position {
    if (replicationId.length() != ID_DIGITS || offset < 0) {
      throw new IllegalArgumentException("position: " + replicationId + ":" + offset);
    }
  }

  /// Whether the text is a replication ID.
  public static boolean isId(String text) {
    return text.length() == ID_DIGITS
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  /// What two facts of an RDB file say: `repl-id` and `repl-offset`. Null if they say nothing.
  public static @Nullable Position parse(@Nullable String id, @Nullable String offset) {
    if (id == null || !isId(id) || offset == null || !offset.matches("[0-9]{1,18}")) {
      return null;
    }
    return new Position(id, Long.parseLong(offset));
  }

  /// The place so many bytes later.
  public Position plus(long bytes) {
    return new Position(replicationId, offset + bytes);
  }
}
