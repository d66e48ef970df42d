package carnelian.replication;

import carnelian.engine.Client;
import carnelian.engine.OutputSource;
import carnelian.memory.NativeBuffer;
import carnelian.persistence.snapshot.SnapshotRecipient;

/// One replica, as its primary sees it: who it is, where it stands, what it has confirmed.
final class Replica implements OutputSource {
  /// So much is copied into its output at once.
  static final int FILL_BYTES = 64 << 10;

  /// No place in the stream yet.
  static final long NOWHERE = -1;

  final Client client;
  final Introduction introduction;
  private final Replicas replicas;

  ReplicaState state;

  /// It asked by PSYNC, and is told where it begins.
  final boolean asksByPsync;

  /// Up to here it was sent the stream.
  long sentUpTo = NOWHERE;

  /// What it has said to have processed, and when.
  long acknowledged;

  long acknowledgedNanos;

  /// What it has said to have on disk.
  long durable;

  /// When it last took something.
  long progressNanos;

  /// Since when it is further behind than it may be for long; 0: it is not.
  long overSoftLimitNanos;

  /// What a client has said of itself before it becomes a replica: REPLCONF.
  static final class Introduction {
    int port;
    String address = "";
    boolean endMarks;
    boolean psync2;
    boolean snapshotOnly;
    SnapshotRecipient.Contents contents = SnapshotRecipient.Contents.ALL;
  }

  Replica(
      Replicas replicas, Client client, Introduction introduction, boolean asksByPsync, long now) {
    this.replicas = replicas;
    this.client = client;
    this.introduction = introduction;
    this.asksByPsync = asksByPsync;
    state = new ReplicaState.Waiting(now);
    progressNanos = now;
    acknowledgedNanos = now;
  }

  /// Address and port where it serves its own clients, for the log.
  String name() {
    return introduction.port == 0
        ? "client id #" + client.id()
        : address() + ":" + introduction.port;
  }

  /// As it has announced it, else where it connects from.
  String address() {
    if (!introduction.address.isEmpty()) {
      return introduction.address;
    }
    String peer = client.outlet().peer();
    int colon = peer.lastIndexOf(':');
    return colon < 0 ? peer : peer.substring(0, colon);
  }

  /// `state` of INFO.
  String stateWord() {
    return switch (state) {
      case ReplicaState.Waiting _ -> "wait_bgsave";
      case ReplicaState.Receiving(FullSync sync) -> sync.isSending() ? "send_bulk" : "wait_bgsave";
      case ReplicaState.Unconfirmed _, ReplicaState.Online _ -> "online";
      case ReplicaState.Gone _ -> "gone";
    };
  }

  /// It has been sent all of the snapshot: INFO calls it online, and it counts as a good one, as in
  /// Redis, although it may still have to load what it got.
  boolean hasSnapshot() {
    return state instanceof ReplicaState.Unconfirmed || isOnline();
  }

  boolean isOnline() {
    return state instanceof ReplicaState.Online;
  }

  @Override
  public boolean isReady() {
    return switch (state) {
      case ReplicaState.Waiting _, ReplicaState.Unconfirmed _, ReplicaState.Gone _ -> false;
      case ReplicaState.Receiving(FullSync sync) -> sync.hasFor(this);
      case ReplicaState.Online _ ->
          replicas.keptBacklog() != null && sentUpTo < replicas.sendable();
    };
  }

  @Override
  public void fill(NativeBuffer into) {
    progressNanos = replicas.nowNanos();
    int before = into.length();
    switch (state) {
      case ReplicaState.Waiting _, ReplicaState.Unconfirmed _, ReplicaState.Gone _ -> {}
      case ReplicaState.Receiving(FullSync sync) -> sync.fill(this, into);
      case ReplicaState.Online _ -> fillFromStream(into);
    }
    replicas.sent(into.length() - before);
  }

  private void fillFromStream(NativeBuffer into) {
    Backlog backlog = replicas.keptBacklog();
    if (backlog == null) {
      return; // The server ends.
    }
    long limit = replicas.sendable();
    while (into.length() < FILL_BYTES) {
      int copied = backlog.copy(sentUpTo, limit, into);
      if (copied == 0) {
        return;
      }
      sentUpTo += copied;
    }
  }

  /// Sends a line that stands outside the stream.
  void tell(String line) {
    client.output().putAscii(line);
    client.outlet().pull();
  }
}
