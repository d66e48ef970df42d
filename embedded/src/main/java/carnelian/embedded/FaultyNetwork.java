package carnelian.embedded;

import carnelian.net.Connection;
import carnelian.net.EventLoop;
import carnelian.net.RequestHandler;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Stands between the network and the store, and lets connections fail when told so. On the
/// engine's loop. While nothing is wrong it costs a store three comparisons for each batch of
/// commands, and a store that was not embedded nothing.
final class FaultyNetwork implements RequestHandler {
  private static final int NO_LIMIT = 0;

  private final RequestHandler handler;
  private final EventLoop loop;
  private final Set<Connection> open = new HashSet<>();

  /// Replies that connections have got since there is a limit.
  private final Map<Connection, Integer> replies = new HashMap<>();

  /// Connections whose commands have waited long enough.
  private final Set<Connection> due = new HashSet<>();

  private int mostReplies = NO_LIMIT;
  private long delayNanos;
  private boolean refuses;

  FaultyNetwork(RequestHandler handler, EventLoop loop) {
    this.handler = handler;
    this.loop = loop;
  }

  int dropAll() {
    int count = open.size();
    for (Connection connection : Set.copyOf(open)) {
      connection.close("dropped: a fault that was asked for");
    }
    return count;
  }

  void refuses(boolean all) {
    refuses = all;
  }

  /// 0 is no limit.
  void mostReplies(int count) {
    mostReplies = count;
    replies.clear();
  }

  void delay(long nanos) {
    delayNanos = nanos;
  }

  @Override
  public void opened(Connection connection) {
    open.add(connection);
    if (refuses) {
      connection.close("refused: a fault that was asked for");
    } else {
      handler.opened(connection);
    }
  }

  @Override
  public int execute(Connection connection, RequestBatch batch) {
    if (delayNanos > 0 && !due.remove(connection)) {
      connection.pause();
      loop.schedule(delayNanos, () -> goOn(connection));
      return 0;
    }
    return mostReplies == NO_LIMIT
        ? handler.execute(connection, batch)
        : limited(connection, batch);
  }

  private void goOn(Connection connection) {
    if (open.contains(connection)) {
      due.add(connection);
      connection.resume();
    }
  }

  private int limited(Connection connection, RequestBatch batch) {
    int had = replies.getOrDefault(connection, 0);
    int left = mostReplies - had;
    if (batch.commands() > left) {
      batch.keep(left);
    }
    int executed = batch.isEmpty() ? 0 : handler.execute(connection, batch);
    replies.put(connection, had + executed);
    if (had + executed >= mostReplies) {
      connection.closeAfterReply();
    }
    return executed;
  }

  @Override
  public void refused(Connection connection, ProtocolException error) {
    handler.refused(connection, error);
  }

  @Override
  public void closed(Connection connection, String reason) {
    open.remove(connection);
    replies.remove(connection);
    due.remove(connection);
    handler.closed(connection, reason);
  }

  @Override
  public void failed(Connection connection, Throwable bug) {
    handler.failed(connection, bug);
  }
}
