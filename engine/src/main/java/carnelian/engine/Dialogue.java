package carnelian.engine;

/// Port: what a command and its client say to each other before the command replies. From
/// [Outlet#converse] until it is closed, what the client sends is not taken for commands.
///
/// What is said stands before the reply, which is written to the client's buffer as usual, after
/// the last [#say].
public interface Dialogue extends AutoCloseable {
  /// Sends the bytes, at once.
  void say(byte[] bytes);

  /// What the client has said since the last time; empty if nothing. More of it comes within
  /// [Engine#await].
  byte[] hear();

  /// Whether the client has gone, or will say nothing more.
  boolean isOver();

  @Override
  void close();
}
