package carnelian.harness;

import carnelian.engine.Client;
import carnelian.engine.Dialogue;
import carnelian.engine.Outlet;
import carnelian.memory.NativeBuffer;
import carnelian.resp.ProtocolException;
import carnelian.resp.RequestBatch;
import carnelian.resp.RequestLimits;
import carnelian.resp.RequestParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One connection of a [TestStore]. What is sent passes through the real parser and dispatcher.
public final class TestClient implements AutoCloseable {
  private static final int BATCH_COMMANDS = 256;

  private final TestStore store;
  private final NativeBuffer query = new NativeBuffer(1024);
  private final NativeBuffer output = new NativeBuffer(1024);
  private final RequestParser parser = new RequestParser(new RequestLimits());
  private final RequestBatch batch = new RequestBatch(BATCH_COMMANDS);
  private final Client client;
  private int nextCommand;
  private boolean paused;
  private boolean closed;
  private @Nullable Dialogue dialogue;

  TestClient(TestStore store) {
    this.store = store;
    client = store.engine().connect(new BufferOutlet());
  }

  /// Keeps what the engine writes until the test reads it.
  private final class BufferOutlet implements Outlet {
    @Override
    public NativeBuffer buffer() {
      return output;
    }

    @Override
    public void flush() {}

    @Override
    public void closeAfterFlush() {
      closed = true;
    }

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
      store.resumed(TestClient.this);
    }

    @Override
    public @Nullable Dialogue converse() {
      return output.isEmpty() ? dialogue : null;
    }

    @Override
    public String peer() {
      return "127.0.0.1:" + (40_000 + client.id());
    }

    @Override
    public String local() {
      return "127.0.0.1:6379";
    }
  }

  /// Who talks with a command of this client that asks for a conversation.
  public void conversesAs(Dialogue partner) {
    dialogue = partner;
  }

  /// The engine's side of this connection.
  public Client client() {
    return client;
  }

  /// Turns the connection to RESP3, as `HELLO 3` does.
  public TestClient resp3() {
    client.protocol(3);
    return this;
  }

  /// Runs a command and returns its reply, decoded; see [ReplyDecoder]. Arguments are strings
  /// (Latin-1, or UTF-8 if they hold other letters), numbers or byte arrays.
  public @Nullable Object run(Object... arguments) {
    ReplyDecoder decoder = new ReplyDecoder(exchange(arguments));
    if (!decoder.hasMore()) {
      throw new AssertionError("no reply to " + List.of(arguments) + ": " + client.blockage());
    }
    Object reply = decoder.next();
    if (decoder.hasMore()) {
      throw new AssertionError("more than one reply to " + List.of(arguments));
    }
    return reply;
  }

  /// Runs a command and returns the bytes of its reply as Latin-1.
  public String raw(Object... arguments) {
    return new String(exchange(arguments), StandardCharsets.ISO_8859_1);
  }

  /// Runs an inline command, as `run` but of one line.
  public @Nullable Object runLine(String words) {
    return run((Object[]) words.split(" "));
  }

  /// Sends a command without waiting for its reply, which may come later; see [#replies].
  public void send(Object... arguments) {
    appendRequest(arguments);
    process();
    store.settle();
  }

  /// Sends several commands in one read.
  public List<@Nullable Object> pipeline(Object[]... commands) {
    for (Object[] command : commands) {
      appendRequest(command);
    }
    process();
    store.settle();
    return replies();
  }

  /// Sends bytes as they are, in one read.
  public void sendBytes(String latin1) {
    query.put(latin1.getBytes(StandardCharsets.ISO_8859_1));
    process();
    store.settle();
  }

  /// What has been replied or pushed since it was asked last, in order.
  public List<@Nullable Object> replies() {
    ReplyDecoder decoder = new ReplyDecoder(takeOutput());
    List<@Nullable Object> replies = new ArrayList<>();
    while (decoder.hasMore()) {
      replies.add(decoder.next());
    }
    return replies;
  }

  /// As [#replies], but the bytes, as Latin-1.
  public String rawReplies() {
    return new String(takeOutput(), StandardCharsets.ISO_8859_1);
  }

  /// Whether anything has been replied that was not read yet.
  public boolean hasReply() {
    return output.length() > 0;
  }

  /// Whether the client waits, for a key or for the end of a pause.
  public boolean isBlocked() {
    return client.isBlocked();
  }

  /// Whether the engine has closed the connection.
  public boolean isClosed() {
    return closed;
  }

  /// Drops the connection, as a client does that dies.
  @Override
  public void close() {
    store.engine().disconnect(client);
    query.close();
    output.close();
    batch.close();
    store.forget(this);
  }

  private byte[] exchange(Object... arguments) {
    if (output.length() > 0) {
      throw new AssertionError("unread replies: " + replies());
    }
    send(arguments);
    return takeOutput();
  }

  private byte[] takeOutput() {
    byte[] bytes = output.toBytes();
    output.clear();
    return bytes;
  }

  private void appendRequest(Object... arguments) {
    query.putAscii("*" + arguments.length + "\r\n");
    for (Object argument : arguments) {
      byte[] bytes = bytes(argument);
      query.putAscii("$" + bytes.length + "\r\n");
      query.put(bytes);
      query.putAscii("\r\n");
    }
  }

  static byte[] bytes(Object argument) {
    if (argument instanceof byte[] bytes) {
      return bytes;
    }
    String text = String.valueOf(argument);
    boolean latin1 = text.chars().allMatch(c -> c <= 0xFF);
    return text.getBytes(latin1 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }

  /// Executes what the connection may execute now.
  void process() {
    while (!paused && !closed) {
      if (nextCommand == batch.commands()) {
        batch.clear();
        nextCommand = 0;
        parse();
        if (batch.isEmpty()) {
          parser.discard(query);
          return;
        }
      }
      long mutations = store.keyspace().mutations();
      long reports = store.keyspace().reports();
      nextCommand = store.engine().execute(client, batch, nextCommand);
      if (store.keyspace().mutations() != mutations && store.keyspace().reports() == reports) {
        throw new AssertionError("data was changed and nothing was reported: " + batch.arg(0, 0));
      }
    }
  }

  private void parse() {
    try {
      parser.parse(query, batch);
    } catch (ProtocolException e) {
      throw new AssertionError("the test does not speak RESP", e);
    }
  }
}
