package carnelian.server;

import carnelian.engine.Dialogue;
import carnelian.engine.OutletUsage;
import carnelian.engine.OutputSource;
import carnelian.memory.NativeBuffer;
import carnelian.net.Connection;
import carnelian.net.Heard;
import org.jspecify.annotations.Nullable;

/// A client's way back, over a connection of the network.
final class ConnectionOutlet implements HeldOutlet {
  private final Connection connection;
  private final ReplyGate gate;
  private long heldUntil = NOT_HELD;

  ConnectionOutlet(Connection connection, ReplyGate gate) {
    this.connection = connection;
    this.gate = gate;
  }

  @Override
  public long heldUntil() {
    return heldUntil;
  }

  @Override
  public void holdUntil(long offset) {
    heldUntil = offset;
    connection.holdOutput();
  }

  @Override
  public void release() {
    heldUntil = NOT_HELD;
    connection.releaseOutput();
  }

  Connection connection() {
    return connection;
  }

  @Override
  public NativeBuffer buffer() {
    return connection.output();
  }

  @Override
  public void flush() {
    gate.hold(this);
    connection.flush();
  }

  @Override
  public void closeAfterFlush() {
    gate.hold(this);
    connection.closeAfterReply();
  }

  @Override
  public void close() {
    connection.close("closed by the server");
  }

  @Override
  public void pause() {
    connection.pause();
  }

  @Override
  public void resume() {
    connection.resume();
  }

  @Override
  public void defer() {
    connection.defer();
  }

  @Override
  public @Nullable Dialogue converse() {
    Heard heard = connection.listen();
    return heard == null ? null : new Conversation(connection, heard);
  }

  private record Conversation(Connection connection, Heard heard) implements Dialogue {
    @Override
    public void say(byte[] bytes) {
      connection.output().put(bytes);
      connection.flush();
    }

    @Override
    public byte[] hear() {
      return heard.take();
    }

    @Override
    public boolean isOver() {
      return heard.isOver();
    }

    @Override
    public void close() {
      heard.close();
    }
  }

  @Override
  public void follow(OutputSource source) {
    connection.follow(
        new carnelian.net.OutputSource() {
          @Override
          public boolean isReady() {
            return source.isReady();
          }

          @Override
          public void fill(NativeBuffer into) {
            source.fill(into);
          }
        });
  }

  @Override
  public void pull() {
    connection.flush();
  }

  @Override
  public String peer() {
    return connection.remoteAddress();
  }

  @Override
  public String local() {
    return connection.localAddress();
  }

  @Override
  public int descriptor() {
    return connection.descriptor();
  }

  @Override
  public OutletUsage usage() {
    int reply = connection.outputCapacity();
    long pending = connection.outputBytes();
    return new OutletUsage(
        connection.queryBytes(),
        connection.queryFreeBytes(),
        reply,
        reply,
        0,
        pending > 0 ? 1 : 0,
        pending,
        connection.receivedBytes(),
        connection.sentBytes());
  }
}
