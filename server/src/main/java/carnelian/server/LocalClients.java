package carnelian.server;

import carnelian.engine.Engine;
import carnelian.net.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// The clients of the store's own process, and those of them that nobody uses at the moment.
public final class LocalClients implements AutoCloseable {
  private static final int MOST_RESTING = 64;

  private final EventLoop loop;
  private final Engine engine;
  private final ReplyGate gate;
  private final Shutdown shutdown;
  private final Set<LocalClient> clients = new HashSet<>();
  private final Set<LocalClient> shared = new HashSet<>();
  private final ArrayDeque<LocalClient> resting = new ArrayDeque<>();

  /// Answers that are due, also where the loop has not heard of them yet. Any thread.
  private final Set<LocalClient.Request> due = ConcurrentHashMap.newKeySet();

  private volatile boolean ended;

  LocalClients(EventLoop loop, Engine engine, ReplyGate gate, Shutdown shutdown) {
    this.loop = loop;
    this.engine = engine;
    this.gate = gate;
    this.shutdown = shutdown;
  }

  /// Executes a command on a client that is as new; see [LocalClient#execute]. Commands that are
  /// asked for by several threads, or before the answer to others, are not kept in order.
  public CompletableFuture<byte[]> execute(byte[]... words) {
    return submit(words, null);
  }

  /// A client of its own, for who needs its state: a transaction, another database. Any thread but
  /// the loop's; closed by the caller.
  public CompletableFuture<LocalClient> connect() {
    CompletableFuture<LocalClient> made = new CompletableFuture<>();
    try {
      loop.execute(() -> made.complete(add()));
    } catch (RejectedExecutionException _) {
      made.completeExceptionally(closed());
    }
    return made;
  }

  CompletableFuture<byte[]> submit(byte[][] words, @Nullable LocalClient client) {
    if (words.length == 0) {
      throw new IllegalArgumentException("words: 0 (expected: a command's name)");
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    LocalClient.Request request = new LocalClient.Request(words, answer);
    due.add(request);
    try {
      loop.executeInTurns(() -> begin(request, client));
    } catch (RejectedExecutionException _) {
      answer.completeExceptionally(closed());
    }
    if (ended) {
      answer.completeExceptionally(closed());
    }
    return answer;
  }

  private void begin(LocalClient.Request request, @Nullable LocalClient wanted) {
    CompletableFuture<byte[]> answer = request.answer;
    if (answer.isDone()) {
      due.remove(request);
      return;
    }
    @Nullable LocalClient found = wanted != null ? wanted : resting.poll();
    LocalClient client = found != null ? found : add();
    if (wanted == null) {
      shared.add(client);
    }
    CompletableFuture<byte[]> _ =
        answer.whenComplete(
            (_, _) -> {
              due.remove(request);
              if (answer.isCancelled()) {
                later(() -> client.giveUp(request));
              }
            });
    client.enqueue(request);
  }

  private LocalClient add() {
    LocalClient made = new LocalClient(this, engine);
    clients.add(made);
    return made;
  }

  /// A client has nothing to do.
  void rests(LocalClient client) {
    if (!shared.remove(client)) {
      return;
    }
    if (client.isAsNew() && resting.size() < MOST_RESTING) {
      resting.add(client);
    } else {
      client.dispose();
    }
  }

  void gone(LocalClient client) {
    clients.remove(client);
    shared.remove(client);
    resting.remove(client);
  }

  void later(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException _) {
      // The loop has ended, and [#close] disposes of everything.
    }
  }

  void failed(Throwable bug) {
    shutdown.dieOf(bug);
  }

  ReplyGate gate() {
    return gate;
  }

  IllegalStateException closed() {
    return new IllegalStateException("the client, or the store, is closed");
  }

  /// When the loop has ended.
  @Override
  public void close() {
    ended = true;
    List<LocalClient> open = new ArrayList<>(clients);
    for (LocalClient client : open) {
      client.dispose();
    }
    for (LocalClient.Request request : due) {
      request.answer.completeExceptionally(closed());
    }
  }
}
