package carnelian.server;

import carnelian.base.config.Config;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.net.EventLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a store tells of itself in the report of its end: INFO and its clients, if its engine still
/// answers. Any thread.
final class LastWords {
  /// An engine that takes longer hangs.
  private static final long PATIENCE_MILLIS = 1000;

  private static final int MOST_CLIENTS = 100;
  private static final int MOST_CLIENT_LETTERS = 64 << 10;

  private final Engine engine;
  private final Config config;
  private final EventLoop loop;
  private final ClientLine clients;
  private final Supplier<List<InfoSection>> info;
  private final Thread engineThread = Thread.currentThread();

  /// Made on the engine's loop. `info` makes what is shown of INFO.
  LastWords(
      Engine engine,
      Config config,
      EventLoop loop,
      ClientLine clients,
      Supplier<List<InfoSection>> info) {
    this.engine = engine;
    this.config = config;
    this.loop = loop;
    this.clients = clients;
    this.info = info;
  }

  Thread engineThread() {
    return engineThread;
  }

  @Nullable Path configFile() {
    return config.file();
  }

  /// INFO and the clients, or that the engine does not answer.
  String state() {
    if (loop.inLoop()) {
      return written();
    }
    CompletableFuture<String> answer = new CompletableFuture<>();
    try {
      loop.executeInTurns(() -> answer.complete(written()));
      return answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      return "The engine does not answer: no INFO and no clients. Its stack is the first above.\n";
    } catch (RejectedExecutionException _) {
      return "The engine has ended.\n";
    } catch (ExecutionException | InterruptedException e) {
      return "The engine cannot be asked: " + e + '\n';
    }
  }

  private String written() {
    StringBuilder text = new StringBuilder("------ INFO OUTPUT ------\n");
    part(text, () -> appendInfo(text));
    text.append("------ CLIENT LIST OUTPUT ------\n");
    part(text, () -> appendClients(text));
    return text.toString();
  }

  /// What is broken may be what is asked for.
  @SuppressWarnings("IllegalCatch")
  private static void part(StringBuilder text, Runnable append) {
    try {
      append.run();
    } catch (RuntimeException | Error e) {
      text.append("\nNo more of it: ").append(e).append('\n');
    }
  }

  private void appendInfo(StringBuilder text) {
    for (InfoSection section : info.get()) {
      text.append("# ").append(section.name()).append('\n');
      section.write((field, value) -> text.append(field).append(':').append(value).append('\n'));
    }
  }

  private void appendClients(StringBuilder text) {
    long now = engine.clock().wallMillis();
    int end = text.length() + MOST_CLIENT_LETTERS;
    int shown = 0;
    for (Client client : engine.clients().all()) {
      if (shown == MOST_CLIENTS || text.length() > end) {
        break;
      }
      clients.append(text, client, now, null);
      shown++;
    }
    int left = engine.clients().size() - shown;
    if (left > 0) {
      text.append("and ").append(left).append(" more\n");
    }
  }
}
