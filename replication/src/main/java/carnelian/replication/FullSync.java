package carnelian.replication;

import carnelian.memory.Memory;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.log.Position;
import carnelian.persistence.snapshot.SnapshotRecipient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// One snapshot on its way to one or several replicas, all of which get the same bytes at the pace
/// of the slowest.
///
/// ```
/// snapshot's thread: write ─▶ chunk ─offer─▶ engine: each replica's output ─taken─▶ the next chunk
/// ```
///
/// Straight from memory to the sockets, between two end marks, if they know these; else by way of a
/// file, because the length has to be told first. The thread waits while a chunk is out, so nothing
/// gathers here.
final class FullSync implements SnapshotRecipient, WritableByteChannel {
  private static final int CHUNK_BYTES = 256 << 10;
  static final int MARK_BYTES = 40;

  /// How the snapshot gets to the replicas.
  enum Way {
    /// From memory, with an end mark.
    SOCKETS,
    /// Through a file.
    FILE
  }

  private final Replicas replicas;
  private final Contents contents;
  private final Way way;
  private final String mark;
  private final Path file;

  // Engine's side.
  private final List<Replica> members = new ArrayList<>();
  private final List<Member> sending = new ArrayList<>();
  private @Nullable Position position;
  private int chunkBytes;
  private int untaken;
  private boolean isSending;

  // Both sides.
  private final Semaphore taken = new Semaphore(0);
  private volatile boolean abandoned;

  /// Written by the one who sends while no chunk is out.
  private final NativeBuffer chunk = new NativeBuffer(0);

  /// How much of the chunk a replica has taken.
  private static final class Member {
    final Replica replica;
    int takenBytes;

    Member(Replica replica) {
      this.replica = replica;
    }
  }

  FullSync(Replicas replicas, Contents contents, Way way, String mark, Path file) {
    this.replicas = replicas;
    this.contents = contents;
    this.way = way;
    this.mark = mark;
    this.file = file;
  }

  Way way() {
    return way;
  }

  @Override
  public Contents contents() {
    return contents;
  }

  List<Replica> members() {
    return members;
  }

  /// Whether bytes of the snapshot have been sent: nobody can join any more.
  boolean isSending() {
    return isSending;
  }

  /// A replica takes part, from the cut on.
  void join(Replica replica) {
    members.add(replica);
    replica.state = new ReplicaState.Receiving(this);
    Position at = position;
    if (at != null) {
      replicas.begins(replica, at);
    }
  }

  /// A replica has gone.
  void leave(Replica replica) {
    members.remove(replica);
    for (Member member : sending) {
      if (member.replica == replica) {
        sending.remove(member);
        if (member.takenBytes < chunkBytes) {
          oneTook();
        }
        break;
      }
    }
    if (members.isEmpty()) {
      cancel();
    }
  }

  @Override
  public void cut(Position at) {
    position = at;
    for (Replica member : members) {
      replicas.begins(member, at);
    }
    isSending = way == Way.SOCKETS;
  }

  // ---- The one who sends -----------------------------------------------------------------------

  @Override
  public void receive(Source source) throws IOException {
    switch (way) {
      case SOCKETS -> {
        try {
          send("$EOF:" + mark + "\r\n");
          source.write(this);
          send(mark);
        } finally {
          chunk.close();
        }
      }
      case FILE -> {
        try (FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
          source.write(channel);
        }
      }
    }
  }

  /// The file has been written: sends it. On a thread of its own.
  void sendFile() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        NativeBuffer window = new NativeBuffer(CHUNK_BYTES)) {
      send("$" + channel.size() + "\r\n");
      ByteBuffer bytes = Memory.asByteBuffer(window.address(), CHUNK_BYTES);
      while (channel.read(bytes.clear()) >= 0) {
        int _ = write(bytes.flip());
      }
    } finally {
      chunk.close();
      Files.deleteIfExists(file);
    }
  }

  /// Removes what a save has left.
  void deleteFile() throws IOException {
    if (way == Way.FILE) {
      Files.deleteIfExists(file);
    }
  }

  private void send(String text) throws IOException {
    int _ = write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int total = source.remaining();
    while (source.hasRemaining()) {
      int bytes = Math.min(source.remaining(), CHUNK_BYTES);
      long at = chunk.reserve(CHUNK_BYTES);
      ByteBuffer room = Memory.asByteBuffer(at, bytes);
      room.put(source.slice(source.position(), bytes));
      source.position(source.position() + bytes);
      replicas.onEngine(() -> offer(bytes));
      taken.acquireUninterruptibly();
      if (abandoned) {
        throw new IOException("no replica takes the snapshot any more");
      }
    }
    return total;
  }

  @Override
  public boolean isOpen() {
    return !abandoned;
  }

  @Override
  public void close() {
    cancel();
  }

  /// Nobody waits for the snapshot any more.
  @Override
  public void cancel() {
    abandoned = true;
    taken.release();
  }

  // ---- Engine's side ---------------------------------------------------------------------------

  private void offer(int bytes) {
    if (abandoned) {
      taken.release();
      return;
    }
    if (sending.isEmpty()) {
      for (Replica member : members) {
        sending.add(new Member(member));
      }
    }
    isSending = true;
    chunkBytes = bytes;
    untaken = sending.size();
    for (Member member : sending) {
      member.takenBytes = 0;
    }
    for (Member member : List.copyOf(sending)) {
      member.replica.client.outlet().pull();
    }
  }

  private @Nullable Member member(Replica replica) {
    for (int i = 0; i < sending.size(); i++) {
      if (sending.get(i).replica == replica) {
        return sending.get(i);
      }
    }
    return null;
  }

  boolean hasFor(Replica replica) {
    Member member = member(replica);
    return member != null && !abandoned && member.takenBytes < chunkBytes;
  }

  void fill(Replica replica, NativeBuffer into) {
    Member member = member(replica);
    if (member == null || abandoned) {
      return;
    }
    int bytes = Math.min(Replica.FILL_BYTES, chunkBytes - member.takenBytes);
    into.put(chunk.address() + member.takenBytes, bytes);
    member.takenBytes += bytes;
    if (bytes > 0 && member.takenBytes == chunkBytes) {
      oneTook();
    }
  }

  private void oneTook() {
    untaken--;
    if (untaken == 0) {
      taken.release();
    }
  }

  @Override
  public void done(@Nullable Throwable failed) {
    replicas.snapshotDone(this, failed);
  }
}
