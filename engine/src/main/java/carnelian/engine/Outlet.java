package carnelian.engine;

import carnelian.base.Invariant;
import carnelian.memory.NativeBuffer;
import org.jspecify.annotations.Nullable;

/// Port: the way back to whoever sent the commands. Implemented over a connection by the server,
/// and by whatever else executes commands without one (tests, scripts, a replication link).
///
/// The engine writes replies to [#buffer] and never sends by itself while it executes a batch of
/// this client: the caller of [Engine#execute] does that once, afterwards. All methods are called
/// on the engine's thread.
public interface Outlet {
  /// Where replies are written. The same object for the life of the client.
  NativeBuffer buffer();

  /// Sends what stands in the buffer. Called for clients that got something while another one's
  /// commands were executed, or after a time-out.
  void flush();

  /// Sends what stands in the buffer, then closes. Nothing of this client is executed any more.
  void closeAfterFlush();

  /// Closes at once; what was not sent is lost.
  void close();

  /// The client waits: nothing more of it is to be executed until [#resume].
  void pause();

  /// The wait is over: the commands that [Engine#execute] left, and further ones, may be given to
  /// it again, from the loop and not from within this call.
  void resume();

  /// A command has to be run from elsewhere, which is where [LoopTurns#arePossible]: what
  /// [Engine#execute] leaves may be given to it again from there, soon. Only called where they are
  /// not possible.
  default void defer() {
    throw Invariant.broken("turns are possible");
  }

  /// Begins a conversation with the client in the middle of its command; null if there is no
  /// connection, or if replies to earlier commands are still in its way.
  default @Nullable Dialogue converse() {
    return null;
  }

  /// From now on the client reads a stream: whatever the source has follows what stands in the
  /// buffer, as fast as the peer takes it.
  default void follow(OutputSource source) {
    throw Invariant.broken("there is a connection");
  }

  /// The source of [#follow] may have more than when it was asked last.
  default void pull() {}

  /// Address and port of the peer, as CLIENT LIST shows it; empty if there is no connection.
  default String peer() {
    return "";
  }

  /// Address and port on this side, as CLIENT LIST shows it; empty if there is no connection.
  default String local() {
    return "";
  }

  /// The file descriptor, or -1.
  default int descriptor() {
    return -1;
  }

  /// What the connection holds and has moved, for CLIENT LIST and INFO.
  default OutletUsage usage() {
    return OutletUsage.NONE;
  }
}
