package carnelian.server;

import carnelian.base.Invariant;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import carnelian.engine.ReplyMode;
import carnelian.memory.NativeBuffer;
import carnelian.resp.RequestBatch;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client of the store's own process: what it asks goes to the engine as that of a connection
/// does, one command after the other, but through no socket. It speaks RESP3, and needs no
/// password, for who holds the instance can do anything with it; else it is the default user.
///
/// Everything but [#execute] and [#close] happens on the engine's loop.
public final class LocalClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalClient.class);
  private static final int PROTOCOL = 3;
  private static final int INITIAL_BYTES = 256;

  private final LocalClients owner;
  private final Engine engine;
  private final Client client;
  private final ArrayDeque<Request> requests = new ArrayDeque<>();
  private final NativeBuffer query = new NativeBuffer(INITIAL_BYTES);
  private final NativeBuffer output = new NativeBuffer(INITIAL_BYTES);
  private final RequestBatch batch = new RequestBatch(1);
  private final LocalOutlet outlet = new LocalOutlet();
  private @Nullable Request current;
  private boolean executed;
  private boolean paused;
  private boolean closing;
  private boolean gone;
  private long heldUntil = HeldOutlet.NOT_HELD;
  private volatile @Nullable Consumer<byte[]> listener;

  /// A command on its way.
  static final class Request {
    final byte[][] words;
    final CompletableFuture<byte[]> answer;

    Request(byte[][] words, CompletableFuture<byte[]> answer) {
      this.words = words;
      this.answer = answer;
    }
  }

  LocalClient(LocalClients owner, Engine engine) {
    this.owner = owner;
    this.engine = engine;
    client = engine.connect(outlet);
    client.protocol(PROTOCOL);
    if (!client.isAuthenticated()) {
      client.authenticate(Client.DEFAULT_USER, client.isRestricted());
    }
  }

  /// Executes a command: its name and its arguments. The answer is the reply as it stands in RESP,
  /// preceded by messages that came meanwhile, and empty if the command has none. Any thread; what
  /// depends on the answer runs on the engine's loop and must not block.
  public CompletableFuture<byte[]> execute(byte[]... words) {
    return owner.submit(words, this);
  }

  /// Hands all that the client is sent to a listener too, in order: messages when they come,
  /// answers with what came before them. On the engine's loop, so it must not block. Any thread.
  public void listener(Consumer<byte[]> of) {
    listener = of;
  }

  /// Ends it as a connection that is closed; answers that are due fail. Any thread.
  @Override
  public void close() {
    owner.later(this::dispose);
  }

  void enqueue(Request request) {
    if (gone) {
      request.answer.completeExceptionally(owner.closed());
      return;
    }
    requests.add(request);
    process();
  }

  /// Nobody waits for this answer any more.
  void giveUp(Request request) {
    if (current == request) {
      dispose();
    } else {
      requests.remove(request);
    }
  }

  /// Goes on as far as possible: to be called whenever something has changed that it waits for.
  private void process() {
    while (!gone && !paused) {
      Request request = current;
      if (request == null) {
        request = requests.poll();
        if (request == null) {
          if (heldUntil == HeldOutlet.NOT_HELD) {
            passOn();
            owner.rests(this);
          }
          return;
        }
        passOn();
        load(request);
      }
      if (!executed && !execute()) {
        return;
      }
      if (client.isBlocked() || heldUntil != HeldOutlet.NOT_HELD) {
        return;
      }
      current = null;
      byte[] answer = output.toBytes();
      passOn();
      request.answer.complete(answer);
      if (closing) {
        dispose();
      }
    }
  }

  /// Gives the listener what has come; without one, messages that answer nothing are lost.
  private void passOn() {
    Consumer<byte[]> of = listener;
    if (of != null && !output.isEmpty()) {
      try {
        of.accept(output.toBytes());
      } catch (RuntimeException e) {
        LOG.warn("A listener failed", e);
      }
    }
    output.clear();
  }

  private void load(Request request) {
    current = request;
    executed = false;
    query.clear();
    batch.clear();
    for (byte[] word : request.words) {
      query.put(word);
    }
    long at = query.address();
    for (byte[] word : request.words) {
      batch.addArgument(at, word.length);
      at += word.length;
    }
    batch.endCommand(0, query.length());
  }

  /// False if it has to come again, or has no answer.
  private boolean execute() {
    try {
      executed = engine.execute(client, batch) == 1;
    } catch (Throwable bug) {
      Request failed = current;
      if (failed != null) {
        failed.answer.completeExceptionally(bug);
      }
      owner.later(this::dispose);
      owner.failed(bug);
      return false;
    }
    if (!executed && closing) {
      dispose();
    } else if (executed && !output.isEmpty()) {
      owner.gate().hold(outlet);
    }
    return executed;
  }

  /// Whether another may use it as if it were new.
  boolean isAsNew() {
    return client.isOpen()
        && !closing
        && !client.isInTransaction()
        && client.watchedKeys() == 0
        && client.subscriptions() == 0
        && !client.isMonitor()
        && !client.isTracking()
        && !client.isNoEvict()
        && !client.isNoTouch()
        && client.database().index() == 0
        && client.protocol() == PROTOCOL
        && client.name().isEmpty()
        && client.replyMode() == ReplyMode.ON
        && client.user().equals(Client.DEFAULT_USER);
  }

  /// Forgets everything, and gives the memory back. On the loop, or when that has ended.
  void dispose() {
    if (gone) {
      return;
    }
    gone = true;
    engine.disconnect(client);
    Request open = current;
    if (open != null) {
      open.answer.completeExceptionally(owner.closed());
    }
    for (Request request : requests) {
      request.answer.completeExceptionally(owner.closed());
    }
    requests.clear();
    query.close();
    output.close();
    batch.close();
    owner.gone(this);
  }

  /// The engine's way back.
  private final class LocalOutlet implements HeldOutlet {
    @Override
    public NativeBuffer buffer() {
      return output;
    }

    @Override
    public void flush() {
      if (!output.isEmpty()) {
        owner.gate().hold(this);
      }
      owner.later(LocalClient.this::process);
    }

    @Override
    public void closeAfterFlush() {
      closing = true;
      owner.later(LocalClient.this::process);
    }

    @Override
    public void close() {
      owner.later(LocalClient.this::dispose);
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      owner.later(LocalClient.this::process);
    }

    @Override
    public void defer() {
      owner.later(LocalClient.this::process);
    }

    @Override
    public long heldUntil() {
      return heldUntil;
    }

    @Override
    public void holdUntil(long offset) {
      Invariant.check(offset >= 0, "an offset of the log: ", offset);
      heldUntil = offset;
    }

    @Override
    public void release() {
      heldUntil = NOT_HELD;
      owner.later(LocalClient.this::process);
    }
  }
}
