package carnelian.net;

import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;

/// Port: who executes what connections send. Every method is called on the engine's loop
/// ([Network#engineLoop]) and never from within another one.
public interface RequestHandler {
  /// A client has connected (and, over TLS, shaken hands). The handler may write to
  /// [Connection#output] and close the connection, as it does when there are too many.
  void opened(Connection connection);

  /// Executes commands of the batch in order, writes their replies to [Connection#output] and
  /// returns how many it has executed. Fewer than all if the connection was paused or is being
  /// closed, or if the handler wants its output sent before it goes on; the rest is handed in
  /// again. The batch is valid until the method returns.
  int execute(Connection connection, RequestBatch batch);

  /// The client broke the protocol. The handler writes the error; the connection is closed after
  /// it.
  void refused(Connection connection, ProtocolException error);

  /// The connection is gone; `reason` is for the log. Called once for every connection opened.
  void closed(Connection connection, String reason);

  /// A handler's method threw: a bug. The connection is closed.
  void failed(Connection connection, Throwable bug);
}
