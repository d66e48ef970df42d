package carnelian.embedded;

import carnelian.server.LocalClient;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// A client of its own within the process, for commands that depend on each other: MULTI and EXEC,
/// WATCH, SELECT, SUBSCRIBE. It is to a store what a connection is, but goes through no socket.
///
/// Any thread; commands are executed one after the other, in the order in which they were given. To
/// be closed by who has opened it; the store's end closes it too.
public final class Session implements AutoCloseable {
  private final Commands commands;
  private final LocalClient client;

  Session(Commands commands, LocalClient client) {
    this.commands = commands;
    this.client = client;
  }

  /// As [Carnelian#execute], but on this client.
  public Reply execute(Object... words) {
    return commands.await(commands.submit(client::execute, words));
  }

  /// As [Carnelian#executeAsync], but on this client.
  public CompletableFuture<Reply> executeAsync(Object... words) {
    return commands.submit(client::execute, words).reply();
  }

  /// Calls this with each message that comes: of channels after SUBSCRIBE, PSUBSCRIBE or
  /// SSUBSCRIBE, keyspace events among them, and of CLIENT TRACKING. Until then they are lost. What
  /// comes while a command waits (BLPOP) is told with its answer.
  ///
  /// ```java
  /// BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
  /// session.onMessage(messages::add);
  /// session.execute("SUBSCRIBE", "news");
  /// ```
  ///
  /// It is called on the engine's thread: it must be short and must not wait for the store, which
  /// waits for it. What it throws is logged.
  public void onMessage(Consumer<Message> listener) {
    client.listener(bytes -> ReplyReader.messages(bytes).forEach(listener));
  }

  /// Ends it. Commands that still wait fail.
  @Override
  public void close() {
    client.close();
  }
}
