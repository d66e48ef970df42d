package carnelian.embedded;

import carnelian.server.Instance;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/// Commands that are given in the process itself: takes words, waits for replies. Any thread.
final class Commands {
  /// Commands under way at most; who gives more waits.
  private static final int MOST = 1024;

  private final Instance instance;
  private final Semaphore room = new Semaphore(MOST);

  Commands(Instance instance) {
    this.instance = instance;
  }

  /// A command under way: its reply as bytes, and read.
  record Submitted(CompletableFuture<byte[]> answer, CompletableFuture<Reply> reply) {}

  Submitted submit(Function<byte[][], CompletableFuture<byte[]>> client, Object... words) {
    byte[][] bytes = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      bytes[i] = bytes(words[i]);
    }
    // The engine's thread cannot wait for itself to make room.
    if (instance.loop().inLoop()) {
      if (!room.tryAcquire()) {
        throw new IllegalStateException(MOST + " commands are under way");
      }
    } else {
      room.acquireUninterruptibly();
    }
    CompletableFuture<byte[]> answer;
    try {
      answer = client.apply(bytes);
    } catch (RuntimeException e) {
      room.release();
      throw e;
    }
    CompletableFuture<byte[]> _ = answer.whenComplete((_, _) -> room.release());
    CompletableFuture<Reply> reply = answer.thenApply(Commands::read);
    CompletableFuture<Reply> _ =
        reply.whenComplete(
            (_, _) -> {
              if (reply.isCancelled()) {
                boolean _ = answer.cancel(false);
              }
            });
    return new Submitted(answer, reply);
  }

  private static Reply read(byte[] bytes) {
    Reply reply = ReplyReader.read(bytes);
    if (reply instanceof Reply.Failure failure) {
      throw new CommandException(failure.text());
    }
    return reply;
  }

  private static byte[] bytes(Object word) {
    return switch (word) {
      case byte[] bytes -> bytes;
      case String text -> text.getBytes(StandardCharsets.UTF_8);
      case Number number -> number.toString().getBytes(StandardCharsets.US_ASCII);
      default ->
          throw new IllegalArgumentException(
              "word: " + word.getClass().getName() + " (expected: String, byte[] or a number)");
    };
  }

  Reply await(Submitted submitted) {
    if (instance.loop().inLoop()) {
      throw new IllegalStateException("the engine's thread does not wait for itself");
    }
    try {
      return read(submitted.answer().get());
    } catch (InterruptedException e) {
      boolean _ = submitted.answer().cancel(false);
      Thread.currentThread().interrupt();
      CancellationException cancelled = new CancellationException("interrupted");
      cancelled.initCause(e);
      throw cancelled;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IllegalStateException closed
          ? new IllegalStateException(closed.getMessage(), closed)
          : new IllegalStateException("a command failed by a bug", e.getCause());
    }
  }
}
