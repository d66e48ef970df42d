package carnelian.replication;

import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Clients that wait until replicas have their writes: WAIT. On the engine's thread.
final class ReplicaWaits {
  private final Replicas replicas;
  private final Engine engine;
  private final Surroundings surroundings;
  private final List<Wait> waits = new ArrayList<>();

  private record Wait(Client client, long offset, long wanted, long deadlineNanos) {}

  ReplicaWaits(Replicas replicas, Engine engine, Surroundings surroundings) {
    this.replicas = replicas;
    this.engine = engine;
    this.surroundings = surroundings;
  }

  /// Replies at once if that is possible, or may not wait; else later.
  void waitFor(Call call, long wanted, long timeoutMillis) {
    Client client = call.client();
    long offset = client.wroteUpTo();
    int present = replicas.acknowledgedUpTo(offset);
    if (present >= wanted || !call.isTopLevel()) {
      call.reply().integer(present);
      return;
    }
    long timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    long now = engine.clock().monotonicNanos();
    boolean endless = timeoutMillis == 0 || timeoutNanos >= Long.MAX_VALUE - now;
    waits.add(new Wait(client, offset, wanted, endless ? Long.MAX_VALUE : now + timeoutNanos));
    if (!endless) {
      surroundings.later(timeoutNanos, this::check);
    }
    engine.suspend(client);
    replicas.wantAcknowledgements();
  }

  /// Answers those who have what they wait for, or whose time is up.
  void check() {
    if (waits.isEmpty()) {
      return;
    }
    long now = engine.clock().monotonicNanos();
    for (Wait wait : List.copyOf(waits)) {
      int present = replicas.acknowledgedUpTo(wait.offset());
      if (present >= wait.wanted() || now >= wait.deadlineNanos()) {
        waits.remove(wait);
        wait.client().reply().integer(present);
        engine.resume(wait.client());
      }
    }
  }

  void forget(Client client) {
    waits.removeIf(wait -> wait.client() == client);
  }
}
